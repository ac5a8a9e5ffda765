"""The mirror through real gspread against the stand-in: what Google itself would see."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.sync.sheets_office import ANNA, FIRST_CALL, NEW, Team, team
from tests.sync.standin import OFFICE, stand_in

from kartoteka.adapters.sheets import GspreadSheets
from kartoteka.domain.errors import Transient
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from onebox.google.app import Google
from onebox.google.sheets.ui import Hands
from sync.columns import Tab
from sync.sheets_mirror import drain
from sync.shelf.team import LEADS, TASKS


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Google, str]]:
    with stand_in(tmp_path_factory.mktemp("google")) as both:
        yield both


class Book:
    """The workbook as the stand-in keeps it, and people's hands on it."""

    def __init__(self, office: Team, google: Google) -> None:
        self.office = office
        self.google = google

    @property
    def id(self) -> str:
        return self.office.memory().spreadsheet_id

    def rows(self, tab: Tab = LEADS) -> list[list[object]]:
        title = self.office.memory().tabs[tab.key]
        [rows] = self.office.app.sheets.read(self.id, [f"'{title}'"])
        return rows

    def place(self, record: str, key: str, tab: Tab = LEADS) -> tuple[int, int]:
        row = next(i for i, cells in enumerate(self.rows(tab)) if cells and cells[0] == record)
        return row, tab.keys.index(key)

    def type(self, user: str, record: str, key: str, text: str) -> None:
        row, column = self.place(record, key)
        hands = Hands(self.google.sheets)
        hands.edit(self.id, LEADS.sheet_id, row, column, text=text, user=user)
        self.office.made += 1
        report = {
            "workbook": self.id, "sheet_id": LEADS.sheet_id, "user": user, "ids": [record],
            "columns": [column + 1, column + 1], "value": text, "rows": [row + 1, row + 1],
        }  # fmt: skip
        self.office.report(report)

    def seen(self, record: str, key: str) -> dict[str, object]:
        row, column = self.place(record, key)
        shot = self.google.sheets.snapshot(self.id)
        tab = next(tab for tab in shot["tabs"] if tab["sheet_id"] == LEADS.sheet_id)
        cell: dict[str, object] = tab["rows"][row][column]
        return cell

    def calls(self) -> list[str]:
        """Drain and return the methods called, as Google names them."""
        before = self.google.calls.by_method()
        drain(self.office.app, look=True)
        after = self.google.calls.by_method()
        return [
            method
            for method, number in sorted(after.items())
            for _ in range(number - before.get(method, 0))
        ]


@pytest.fixture
def book(
    served: tuple[Google, str], desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> Iterator[Book]:
    google, address = served
    sheets = GspreadSheets(Settings(google_endpoint=address, google_account=OFFICE))
    yield Book(team(desk, clock, tasks, sheets), google)
    sheets.close()


def test_first_build_and_a_change_through_gspread(book: Book) -> None:
    lead = book.office.request("=IMPORTXML(1)")
    task = book.office.task(lead)

    assert len(book.calls()) == 3 + 10
    assert [row[:3] for row in book.rows()][1] == [lead, "=IMPORTXML(1)", "+79160000001"]
    assert book.rows(TASKS)[1][0] == task
    assert book.calls() == ["sheets.spreadsheets.values.batchGet"]

    book.office.put_on_stage(lead, "c1")
    assert book.calls() == [
        "sheets.spreadsheets.batchUpdate",
        "sheets.spreadsheets.values.batchGet",
    ]
    assert book.rows()[1][3] == FIRST_CALL


def test_dates_dropdowns_and_colours_are_real(book: Book) -> None:
    lead = book.office.request()
    book.calls()

    assert book.seen(lead, "due")["text"] == "23.11.2026 09:15"
    assert NEW in str(book.seen(lead, "stage"))
    assert "#fff2cc" in str(book.seen(lead, "stage")).lower()
    assert "Борис Ким" in str(book.seen(lead, "owner"))


def test_persons_edit_is_refused_with_a_note_and_the_next_one_taken(book: Book) -> None:
    lead = book.office.request()
    book.calls()
    book.type(ANNA, lead, "stage", FIRST_CALL)
    book.calls()

    assert book.seen(lead, "stage")["text"] == NEW
    assert "только после звонка" in str(book.seen(lead, "stage")["note"])

    book.office.put_on_stage(lead, "c1")
    book.type(ANNA, lead, "note", "007")
    book.calls()

    assert not book.seen(lead, "stage").get("note")
    assert book.office.lead(lead).note == "007"
    book.calls()  # the journal tells of the edit
    assert book.calls() == ["sheets.spreadsheets.values.batchGet"]


def test_sorted_and_deleted_rows_are_put_right(book: Book) -> None:
    ids = [book.office.request() for _ in range(4)]
    book.calls()
    hands = Hands(book.google.sheets)
    hands.delete_rows(book.id, LEADS.sheet_id, 1, bottom=2, user=ANNA)
    book.office.rename(ids[2], "Третья")

    book.calls()

    names = {row[0]: row[1] for row in book.rows()[1:]}
    assert names == {
        ids[1]: "Клиент 2", ids[2]: "Третья", ids[3]: "Клиент 4", ids[0]: "Клиент 1"
    }  # fmt: skip
    assert str(book.seen(ids[0], "name")["note"]).startswith("Строку удалили")


@pytest.mark.parametrize("action", ["429", "502", "drop"])
@pytest.mark.parametrize("method", ["values.batchGet", "batchUpdate"])
def test_fault_of_google_heals_at_the_next_drain(book: Book, action: str, method: str) -> None:
    lead = book.office.request()
    book.calls()
    book.office.rename(lead, "Другое")
    book.office.request()
    book.google.faults.push(f"spreadsheets.{method}$", action)

    with suppress(Transient):  # 429 lets the book rest, everything else goes to the queue
        drain(book.office.app)
    assert len(book.rows()) == 2
    book.calls()

    assert [row[1] for row in book.rows()[1:]] == ["Другое", "Клиент 2"]


def test_header_is_closed_to_staff(book: Book) -> None:
    book.office.request()
    book.calls()

    with pytest.raises(Exception, match=r"protected|защищ"):
        Hands(book.google.sheets).edit(book.id, LEADS.sheet_id, 0, 1, text="Моё", user=ANNA)
