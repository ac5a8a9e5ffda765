"""A tab that somebody deleted comes back where it stood, through real gspread."""

from collections.abc import Iterator

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.books_office import ANNA_BOOK, Shelf, shelf
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google
from sync import books
from sync.sheets_mirror import drain
from sync.shelf import tabs


@pytest.fixture
def office(
    tmp_path_factory: pytest.TempPathFactory, desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> Iterator[tuple[Shelf, Google]]:
    with stand_in(tmp_path_factory.mktemp("google")) as (google, address):
        sheets = GspreadSheets(Settings(google_endpoint=address, google_account=OFFICE))
        yield shelf(desk, clock, tasks, sheets), google
        sheets.close()


def test_deleted_tab_comes_back_at_its_place(office: tuple[Shelf, Google]) -> None:
    made, google = office
    made.request()
    drain(made.app)
    memory = books.recall(made.app.store, ANNA_BOOK)
    assert memory is not None
    book = google.sheets.readable(OFFICE, memory.spreadsheet_id)
    before = [sheet.title for sheet in book.sheets]
    wish = {"requests": [{"deleteSheet": {"sheetId": tabs.MY_REQUESTS.sheet_id}}]}
    google.sheets.batch_update(OFFICE, memory.spreadsheet_id, wish)

    drain(made.app, look=True)

    after = google.sheets.readable(OFFICE, memory.spreadsheet_id)
    assert [sheet.title for sheet in after.sheets] == before
    assert before[0] == "Заявки"
