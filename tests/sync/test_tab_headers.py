"""A header is as high as its words need: in Sheets a row of given height does not grow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.furnished import law_firm

from kartoteka.domain.office import Settings
from kartoteka.services.office import Desk
from sync.columns import FIGURES, PASTED, Frame, Span, Tab
from sync.layout import tab_requests
from sync.settings_book.pages import PAGES
from sync.shelf.closed import archive
from sync.shelf.invoices import INVOICES
from sync.shelf.shelf import BOOKS
from sync.shelf.tabs import MY_REQUESTS

ONE, TWO, THREE = 34, 42, 59  # pixels of a header of so many lines

SPAN = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "2026")


def frame_in(locale: str) -> Frame:
    office = law_firm().office.model_copy(update={"locale": locale})
    return Frame(Settings(office=office, staff=()))


def height(tab: Tab, desk: Desk) -> str:
    """The height in pixels that the header of a new tab gets."""
    made = tab_requests(tab, Frame(desk.settings()), "office@office.example")
    given = [one["updateDimensionProperties"] for one in made if "updateDimensionProperties" in one]
    return str(given[0]["properties"])


def test_header_of_short_names_is_one_line_high(desk: Desk) -> None:
    assert height(INVOICES, desk) == str({"pixelSize": ONE})


def test_header_with_a_name_wider_than_its_column_is_two_lines_high(desk: Desk) -> None:
    narrow = tuple(replace(it, width=90) for it in INVOICES.columns)

    assert height(replace(INVOICES, columns=narrow), desk) == str({"pixelSize": TWO})


def test_header_with_counters_has_room_for_name_and_two_lines_of_them(desk: Desk) -> None:
    assert height(MY_REQUESTS, desk) == str({"pixelSize": THREE})


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_tab_that_lists_rows_says_on_its_first_header_what_comes_there(locale: str) -> None:
    frame = frame_in(locale)
    tabs = {tab.title: tab for book in (*BOOKS, archive(SPAN)) for tab in book.tabs}
    listing = [tab for tab in tabs.values() if tab.entity not in {FIGURES, PASTED}]

    notes = {tab.title: first_header(tab, frame).get("note") for tab in listing}

    assert len(notes) > len(PAGES)
    assert [
        title for title, note in notes.items() if not note or str(note).startswith("about_")
    ] == []


def first_header(tab: Tab, frame: Frame) -> Mapping[str, object]:
    made = tab_requests(tab, frame, "office@office.example")
    sent = next(one["updateCells"] for one in made if "updateCells" in one)
    assert isinstance(sent, dict)
    assert "note" in str(sent["fields"]).split(",")
    rows: Any = sent["rows"]
    cell: Mapping[str, object] = rows[0]["values"][1]
    return cell
