"""Books are measured, and health tells of one that will be full before it is."""

from tests.sync.sheets_office import Team

from kartoteka.services.health import examine, words
from kartoteka.services.office import Desk
from sync.books import Memory, remember
from sync.layout import GRID_ROWS
from sync.shelf.team import TABS


def test_book_that_is_nearly_full_is_told_before_it_is(desk: Desk) -> None:
    wide = {"leads": "tab_leads|name:name:1|stage:stage:1"}
    for key, rows in (("team", 2_100_000), ("mine.st_anna", 200)):
        memory = Memory(mark=key, key=key, columns=wide, rows={"leads": rows})
        remember(desk.store, memory)

    found = examine(desk)

    assert found.full_books == {"team": 84}
    assert found.ok
    assert [said for said in words(found, "ru") if "84 %" in said]


def test_book_counts_the_grids_that_were_made(office: Team) -> None:
    office.drain()

    exact = sum(GRID_ROWS * len(tab.keys) for tab in TABS)
    assert exact <= office.memory().cells <= exact + GRID_ROWS
