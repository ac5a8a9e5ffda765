"""Copies of workbooks and of sheets, within a workbook and between two."""

import copy
from typing import Any

from onebox.google.sheets.book import Book
from onebox.google.sheets.cells import Cell, Palette, part, with_part
from onebox.google.sheets.filling import fresh_sheet_id
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.sheet import Sheet

_OWN_IDS = {
    "filterViews": "filterViewId",
    "charts": "chartId",
    "bandedRanges": "bandedRangeId",
    "slicers": "slicerId",
    "tables": "tableId",
}
_PLACE_KEYS = {
    "sheetId",
    "startRowIndex",
    "endRowIndex",
    "startColumnIndex",
    "endColumnIndex",
    "dimension",
    "startIndex",
    "endIndex",
    "rowIndex",
    "columnIndex",
}
# What stays with the original: protections, metadata and comments belong to one sheet.
_NOT_COPIED = ("protectedRanges", "developerMetadata", "commentAnchors")


def copy_book(source: Book, book_id: str, title: str, user: str) -> Book:
    """Return a new workbook with the sheets of another; version and owner are its own."""
    meta = copy.deepcopy(source.meta)
    meta["properties"]["title"] = title
    meta["owner"] = user or source.meta.get("owner", "")
    meta["version"] = 1
    sheets = []
    for sheet in source.sheets:
        twin = sheet.fork()
        twin.fresh = True
        sheets.append(twin)
    book = Book(book_id, meta, sheets)
    book.formats, book.rules = _copied(source.formats), _copied(source.rules)
    return book


def _copied(palette: Palette) -> Palette:
    twin = Palette(list(palette.items))
    twin.saved = -1
    return twin


def twin_sheet(book: Book, sheet: Sheet, title: str, sheet_id: int | None) -> Sheet:
    """Return a copy of a sheet for the same workbook, under another id and title."""
    twin = sheet.fork()
    twin.fresh = True
    old = sheet.id
    twin.properties["sheetId"] = fresh_sheet_id(book, sheet_id)
    twin.properties["title"] = title
    for name in _NOT_COPIED:
        twin.meta.pop(name, None)
    _point_ranges(twin.meta, old, twin.id)
    for name, key in _OWN_IDS.items():
        for item in twin.items(name):
            item[key] = str(new_id()) if name == "tables" else new_id()
    taken = {table["name"] for one in book.sheets for table in one.items("tables")}
    for table in twin.items("tables"):
        table["name"] = _free_name(table["name"], taken)
        taken.add(table["name"])
    return twin


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _point_ranges(value: Any, old: int, new: int) -> None:
    """Make ranges of the old sheet ranges of the new one."""
    if isinstance(value, list):
        for one in value:
            _point_ranges(one, old, new)
    elif isinstance(value, dict):
        if set(value) <= _PLACE_KEYS and value.get("sheetId", 0) == old:
            value["sheetId"] = new
        for inner in value.values():
            _point_ranges(inner, old, new)


def copy_sheet_to(source: Book, sheet: Sheet, target: Book) -> Sheet:
    """Put a copy of a sheet at the end of another workbook's draft, as «Copy of …»."""
    title, number = f"Copy of {sheet.title}", 1
    while target.titled(title):
        title, number = f"Copy of {sheet.title} {number}", number + 1
    twin = twin_sheet(target, sheet, title, None)
    if source.id != target.id:
        twin.rows = [[_translated(cell, source, target) for cell in row] for row in twin.rows]
    target.sheets.append(twin)
    target.number_sheets()
    return twin


def _translated(cell: Cell, source: Book, target: Book) -> Cell:
    if not isinstance(cell, dict):
        return cell
    for key, here, there in (
        ("s", source.formats, target.formats),
        ("d", source.rules, target.rules),
    ):
        if part(cell, key) is not None:
            cell = with_part(cell, key, there.number(here.item(part(cell, key))))
    return cell
