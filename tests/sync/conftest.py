"""The office of the sheets mirror's tests."""

from collections.abc import Iterator

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import Shelf
from tests.sync.books_office import shelf as all_books
from tests.sync.fakes_sheets import FakeSheets
from tests.sync.sheets_office import Team, team
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google


@pytest.fixture
def sheets() -> FakeSheets:
    return FakeSheets()


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks, sheets: FakeSheets) -> Team:
    """A team whose workbook does not exist yet."""
    return team(desk, clock, tasks, sheets)


@pytest.fixture
def shelf(desk: Desk, clock: FixedClock, tasks: FakeTasks, sheets: FakeSheets) -> Shelf:
    """The office with a book for everybody, none of which exists yet."""
    return all_books(desk, clock, tasks, sheets)


@pytest.fixture
def standing(
    tmp_path_factory: pytest.TempPathFactory, desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> Iterator[tuple[Shelf, Google]]:
    """The same office through real gspread, and the stand-in that keeps its books."""
    with stand_in(tmp_path_factory.mktemp("google")) as (google, address):
        sheets = GspreadSheets(Settings(google_endpoint=address, google_account=OFFICE))
        yield all_books(desk, clock, tasks, sheets), google
        sheets.close()
