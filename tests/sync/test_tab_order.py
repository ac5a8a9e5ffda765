"""A tab that somebody deleted comes back where it stood, through real gspread."""

from tests.sync.books_office import ANNA_BOOK, Shelf
from tests.sync.standin import OFFICE

from onebox.google.app import Google
from sync import books
from sync.sheets_mirror import drain
from sync.shelf import tabs


def test_deleted_tab_comes_back_at_its_place(standing: tuple[Shelf, Google]) -> None:
    made, google = standing
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
