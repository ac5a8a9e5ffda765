"""A header is as high as its words need: in Sheets a row of given height does not grow."""

from dataclasses import replace

from kartoteka.services.office import Desk
from sync.columns import Frame, Tab
from sync.layout import tab_requests
from sync.shelf.invoices import INVOICES
from sync.shelf.tabs import MY_REQUESTS

ONE, TWO, THREE = 34, 42, 59  # pixels of a header of so many lines


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
