"""New sheets: their titles, ids and places, and the cells that they come with."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.book import Book
from onebox.google.sheets.celldata import Painter, check_extent
from onebox.google.sheets.draft import Draft, named
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.sheet import Sheet

LONGEST_TITLE = 100
_TITLE_WORDS = {"ru": "Лист", "uk": "Аркуш", "be": "Ліст", "kk": "Парақ"}


def fresh_title(book: Book) -> str:
    """Return the title that Sheets gives a new sheet, in the language of the locale."""
    word = _TITLE_WORDS.get(book.locale.partition("_")[0], "Sheet")
    number = len(book.sheets) + 1
    while book.titled(f"{word}{number}"):
        number += 1
    return f"{word}{number}"


def check_title(book: Book, title: str) -> None:
    """Refuse a title that is too long or that another sheet has.

    Raises:
        GoogleError: INVALID_ARGUMENT.
    """
    if len(title) > LONGEST_TITLE:
        raise invalid(f"The sheet name cannot be greater than {LONGEST_TITLE} characters.")
    if book.titled(title):
        text = f'A sheet with the name "{title}" already exists. Please enter another name.'
        raise invalid(text)


def fresh_sheet_id(book: Book, asked: int | None) -> int:
    """Return the asked id of a new sheet, or a random one.

    Raises:
        GoogleError: INVALID_ARGUMENT when the asked id is taken or negative.
    """
    taken = {sheet.id for sheet in book.sheets}
    if asked is not None:
        if asked < 0:
            raise invalid("Sheet id must be non-negative.")
        if asked in taken:
            raise invalid(f"Sheet with id {asked} already exists.")
        return asked
    number = new_id()
    while number in taken:
        number = new_id()
    return number


def new_sheet(draft: Draft, asked: dict[str, Any], *, first: bool = False) -> Sheet:
    """Return an empty sheet by SheetProperties, put where its index says.

    Args:
        draft: change in the making.
        asked: SheetProperties.
        first: the first sheet of a new spreadsheet gets the id 0.
    """
    book = draft.book
    title = asked.get("title") or fresh_title(book)
    check_title(book, title)
    number = fresh_sheet_id(book, 0 if first and "sheetId" not in asked else asked.get("sheetId"))
    sheet = Sheet.blank({**asked, "sheetId": number, "title": title, "index": 0})
    if sheet.row_count < 1 or sheet.column_count < 1:
        raise invalid("A sheet must have at least one row and one column.")
    put_sheet(book, sheet, asked.get("index", len(book.sheets)))
    return sheet


def put_sheet(book: Book, sheet: Sheet, index: int) -> None:
    """Put a sheet among the others.

    Raises:
        GoogleError: INVALID_ARGUMENT for an index past the end.
    """
    if not 0 <= index <= len(book.sheets):
        raise invalid(f"Sheet index {index} is out of bounds.")
    book.sheets.insert(index, sheet)
    book.number_sheets()


def chart_sheet(book: Book, asked: int | None) -> Sheet:
    """Return a new sheet that holds one chart and has no grid; it stands at the end."""
    number = 1
    while book.titled(f"Chart{number}"):
        number += 1
    sheet = Sheet.without_grid(fresh_sheet_id(book, asked), f"Chart{number}")
    put_sheet(book, sheet, len(book.sheets))
    return sheet


def fill_sheet(draft: Draft, asked: dict[str, Any], number: int) -> Sheet:
    """Return a sheet with the properties and cells of a Sheet resource."""
    sheet = new_sheet(draft, asked.get("properties", {}), first=number == 0)
    for place, data in enumerate(asked.get("data", [])):
        with named(f"sheets[{number}].data[{place}]"):
            _fill_data(draft, sheet, data)
    return sheet


def _fill_data(draft: Draft, sheet: Sheet, data: dict[str, Any]) -> None:
    top, left = data.get("startRow", 0), data.get("startColumn", 0)
    painter = Painter(draft, {})
    rows = [line.get("values", []) for line in data.get("rowData", [])]
    check_extent((top, left), rows, (sheet.row_count, sheet.column_count))
    for row, values in enumerate(rows, top):
        cells = [painter.paint(None, one) for one in values]
        if cells:
            sheet.put_row(row, left, cells)
    for axis, name, start in (("ROWS", "rowMetadata", top), ("COLUMNS", "columnMetadata", left)):
        for index, item in enumerate(data.get(name, []), start):
            if item:
                sheet.meta.setdefault(axis, {})[str(index)] = item
