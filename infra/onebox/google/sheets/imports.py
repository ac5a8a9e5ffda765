"""What Drive's conversions ask of a workbook: its first sheet as shown, and a new one of texts."""

from onebox.google.sheets.a1 import WHOLE, Box
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.filling import LONGEST_TITLE, new_sheet
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.sheet import DEFAULT_COLUMNS, DEFAULT_ROWS
from onebox.google.sheets.writing import write_rows

# Where Drive's converter lives: the time zone that an imported file was seen to get.
_CONVERTER_ZONE = "America/Los_Angeles"


def shown_rows(looking: Calculator) -> list[list[str]]:
    """Return the cells of the first visible sheet as they are shown, without empty ends."""
    sheet = looking.book.first_grid()
    return Reader(looking, Rendering()).rows(sheet, sheet.clip(WHOLE))


def import_rows(draft: Draft, title: str, rows: list[list[str]]) -> None:
    """Put one sheet of these rows, taken as typed in, in the place of everything in the book."""
    book = draft.book
    book.sheets.clear()
    book.named_ranges.clear()
    book.properties["timeZone"] = _CONVERTER_ZONE
    grid = {
        "rowCount": max(DEFAULT_ROWS, len(rows)),
        "columnCount": max(DEFAULT_COLUMNS, *map(len, rows), 1),
    }
    sheet = new_sheet(draft, {"title": title[:LONGEST_TITLE], "gridProperties": grid})
    book.check_size()
    write_rows(draft, sheet, Box(0, 0, len(rows), sheet.column_count), [*rows], raw=False)
