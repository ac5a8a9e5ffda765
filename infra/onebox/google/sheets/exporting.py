"""What Drive's export of a whole workbook asks of it: every grid with values and their formats."""

from dataclasses import dataclass

from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import Value
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.showing import pattern_of


@dataclass(frozen=True)
class Filled:
    """One cell: what it comes to (days and times as serial numbers), and its number pattern."""

    value: Value | None
    pattern: str


@dataclass(frozen=True)
class Page:
    """One grid of a workbook.

    Attributes:
        title: of the sheet.
        hidden: whether readers do not see it.
        frozen: how many rows and columns stay while the rest is scrolled.
        rows: its cells down to the last row with content.
    """

    title: str
    hidden: bool
    frozen: tuple[int, int]
    rows: list[list[Filled]]


def pages(looking: Calculator) -> list[Page]:
    """Return every grid of the workbook in order; a formula is what it comes to."""
    return [_page(looking, sheet) for sheet in looking.book.sheets if sheet.has_grid]


def _page(looking: Calculator, sheet: Sheet) -> Page:
    grid = sheet.properties.get("gridProperties", {})
    return Page(
        sheet.title,
        bool(sheet.properties.get("hidden")),
        (grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0)),
        [
            [_filled(looking, sheet, row, place) for place in range(len(cells))]
            for row, cells in enumerate(sheet.rows)
        ],
    )


def _filled(looking: Calculator, sheet: Sheet, row: int, column: int) -> Filled:
    value = looking.at(sheet, row, column)
    if isinstance(value, Fault):
        return Filled(value.text, "")
    if value is None or isinstance(value, str | bool):
        return Filled(value, "")
    style = looking.number_format(sheet, row, column)
    return Filled(value, pattern_of(style, locale_of(looking.book.locale)))
