"""The settings book through real gspread against the stand-in: an edit, a refusal, a typed row."""

from datetime import date

import pytest
from tests.sync.books_office import Shelf
from tests.sync.standin import OFFICE

from kartoteka.ports import Doc
from kartoteka.services.office import read_settings
from onebox.google.app import Google
from onebox.google.sheets.ui import Hands
from sync import books, trail
from sync.settings_book.shades import SHADES
from sync.sheets_mirror import drain
from sync.shelf.settings import TABS
from sync.shelf.team import LEADS
from sync.wire import colour

OLGA, BOOK = "olga@office.example", "settings.director"
STAGE = "stage:leads_law:new"


def id_of(made: Shelf) -> str:
    memory = books.recall(made.app.store, BOOK)
    assert memory is not None
    return memory.spreadsheet_id


def types(standing: tuple[Shelf, Google], page: str, place: tuple[int, str], text: str) -> None:
    """Olga types into a cell as in a browser; the add-on tells, and the book is flushed."""
    made, google = standing
    tab, (row, key) = TABS[page], place
    column = tab.keys.index(key)
    Hands(google.sheets).edit(id_of(made), tab.sheet_id, row, column, text=text, user=OLGA)
    made.made += 1
    report = trail.Report(
        f"ed_{made.made}", f"2026-11-23T06:{made.made:04}", OLGA, tab.sheet_id,
        (STAGE,), (column + 1, column + 1), None, (row + 1, row + 1),
    )  # fmt: skip
    doc = report.doc(BOOK)
    made.app.store.run(lambda tx: tx.put(trail.COLLECTION, report.id, doc))
    drain(made.app)


def cells(standing: tuple[Shelf, Google], title: str) -> list[list[object]]:
    made, _ = standing
    [rows] = made.app.sheets.read(id_of(made), [f"'{title}'"])
    return rows


def note(standing: tuple[Shelf, Google], sheet_id: int, place: tuple[int, int]) -> str:
    made, google = standing
    shot = google.sheets.snapshot(id_of(made))
    tab = next(tab for tab in shot["tabs"] if tab["sheet_id"] == sheet_id)
    return str(tab["rows"][place[0]][place[1]].get("note", ""))


def test_settings_are_edited_refused_and_added_in_the_sheet(standing: tuple[Shelf, Google]) -> None:
    made, _ = standing
    drain(made.app)
    tab = TABS["stages"]
    name, chance = tab.keys.index("name"), tab.keys.index("probability")

    types(standing, "stages", (1, "name"), "=1+1 Свежая")
    types(standing, "stages", (1, "probability"), "140")
    last = len(cells(standing, "Праздники"))
    types(standing, "holidays", (last, "day"), "30.12.2026")

    now = read_settings(made.app.store).office
    rows = cells(standing, "Стадии")
    assert rows[1][0] == STAGE
    assert now.leads.first.probability == rows[1][chance]
    assert "30.12.2026" in {row[1] for row in cells(standing, "Праздники")}
    assert (now.updated_by, now.work.holidays) == ("st_olga", {date(2026, 12, 30)})
    assert now.leads.first.name == rows[1][name]
    assert now.leads.first.name == "=1+1 Свежая"
    assert "100" in note(standing, tab.sheet_id, (1, chance))


def test_recoloured_and_renamed_stage_changes_its_rows_and_no_rule_of_people(
    standing: tuple[Shelf, Google],
) -> None:
    made, _ = standing
    drain(made.app)
    team = books.recall(made.app.store)
    assert team is not None
    mine = '=$D2="мой цвет"*1'
    own: Doc = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": mine}]}
    place: Doc = {"sheetId": LEADS.sheet_id, "startRowIndex": 1}
    look: Doc = {"textFormat": {"bold": True}}
    rule: Doc = {"ranges": [place], "booleanRule": {"condition": own, "format": look}}
    asked: Doc = {"addConditionalFormatRule": {"rule": rule, "index": 0}}
    made.app.sheets.structure(team.spreadsheet_id, [asked])
    before = rules(made, team.spreadsheet_id)

    types(standing, "stages", (1, "colour"), "красный")
    types(standing, "stages", (1, "name"), "Свежая")
    drain(made.app)

    after = rules(made, team.spreadsheet_id)
    assert [it.replace("Свежая", "Новая заявка") for it in after] == before
    assert after != before
    (red,) = colours(standing, team.spreadsheet_id, "Свежая")
    assert red == pytest.approx(colour(SHADES["red"]), abs=1e-4)


def rules(made: Shelf, workbook: str) -> list[str]:
    return [*made.app.sheets.info(workbook).rules[LEADS.sheet_id]]


def colours(standing: tuple[Shelf, Google], workbook: str, word: str) -> list[dict[str, float]]:
    """Return the colours that rules of the team's requests give to this word."""
    there = standing[1].sheets.readable(OFFICE, workbook).sheet(LEADS.sheet_id)
    found = [it["booleanRule"] for it in there.items("conditionalFormats")]
    said = [it for it in found if f'"{word}"' in str(it["condition"])]
    return [it["format"]["backgroundColor"] for it in said]
