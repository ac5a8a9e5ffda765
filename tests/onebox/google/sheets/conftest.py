from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest
from tests.onebox.google.sheets.sheets_desk import Desk, Workbook, gspread_client


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "google.sqlite3")
    yield opened
    opened.vault.close()


@pytest.fixture
def book(desk: Desk) -> Workbook:
    return Workbook(desk)


@pytest.fixture
def spreadsheet(desk: Desk, book: Workbook) -> gspread.Spreadsheet:
    return gspread_client(desk).open_by_key(book.id)
