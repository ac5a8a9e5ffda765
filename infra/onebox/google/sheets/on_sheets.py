"""Requests about sheets as a whole and the spreadsheet itself."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import WHOLE
from onebox.google.sheets.cells import with_value
from onebox.google.sheets.copying import twin_sheet
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filling import check_title, new_sheet, put_sheet
from onebox.google.sheets.masks import assign, wants, with_twins
from onebox.google.sheets.references import retitled
from onebox.google.sheets.resource import check_zone
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import delete_columns, delete_rows, formulas_of

_FROZEN = (("frozenRowCount", "rowCount", "rows"), ("frozenColumnCount", "columnCount", "columns"))


def add_sheet(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Add an empty sheet and answer with its properties."""
    sheet = new_sheet(draft, asked.get("properties", {}))
    draft.book.check_size()
    return {"properties": sheet.properties}


def delete_sheet(draft: Draft, asked: dict[str, Any]) -> None:
    """Remove a sheet; the last one stays."""
    sheet = draft.book.sheet(asked.get("sheetId", 0), "sheet")
    draft.check(sheet, WHOLE)
    if len(draft.book.sheets) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    draft.book.sheets.remove(sheet)
    if all(one.properties.get("hidden") for one in draft.book.sheets):
        raise invalid("You can't remove all the visible sheets in a document.")
    draft.book.number_sheets()
    draft.book.meta["namedRanges"] = [
        item
        for item in draft.book.named_ranges
        if item.get("range", {}).get("sheetId", 0) != sheet.id
    ]


def update_sheet_properties(draft: Draft, asked: dict[str, Any]) -> None:
    """Change title, place, size, colour and the rest that the mask names."""
    mask = change_mask(asked.get("fields", ""), "SheetProperties")
    fresh = asked.get("properties", {})
    sheet = draft.book.sheet(fresh.get("sheetId", 0), "sheet")
    draft.check_sheet(sheet)
    old_title = sheet.title
    if not fresh.get("title") and "title" in mask:
        raise invalid("The sheet name cannot be empty.")
    fixed = {name: sheet.properties[name] for name in ("sheetId", "sheetType", "index")}
    after = {**assign(sheet.properties, fresh, with_twins(mask)), **fixed}
    title = after.get("title") or old_title
    if title.casefold() != old_title.casefold():
        check_title(draft.book, title)
    if sheet.has_grid:
        _set_grid(draft, sheet, {**after, "title": title})
    elif "gridProperties" in after:
        raise invalid("Cannot set grid properties on a sheet without a grid.")
    else:
        sheet.meta["properties"] = {**after, "title": title}
    if all(one.properties.get("hidden") for one in draft.book.sheets):
        raise invalid("You can't hide all the sheets in a document.")
    if title != old_title:
        _retitle(draft, old_title, title)
    if "index" in fresh and mask and wants(mask, "index"):
        _move(draft, sheet, int(fresh["index"]))


def _set_grid(draft: Draft, sheet: Sheet, after: dict[str, Any]) -> None:
    size = (sheet.row_count, sheet.column_count)
    grid = after.get("gridProperties", {})
    wanted = (grid.get("rowCount", size[0]), grid.get("columnCount", size[1]))
    grid["rowCount"], grid["columnCount"] = size
    sheet.meta["properties"] = _in_order({**after, "gridProperties": grid})
    _resize(draft, sheet, *wanted)
    _check_frozen(sheet)


def _in_order(properties: dict[str, Any]) -> dict[str, Any]:
    first = ("sheetId", "title", "index", "sheetType", "gridProperties")
    ordered = {name: properties[name] for name in first}
    return ordered | {name: item for name, item in properties.items() if name not in ordered}


def _resize(draft: Draft, sheet: Sheet, rows: int, columns: int) -> None:
    if rows < 1 or columns < 1:
        raise invalid("A sheet must have at least one row and one column.")
    for (frozen, count, word), left in zip(_FROZEN, (rows, columns), strict=True):
        if left < sheet.grid[count] and left <= sheet.grid.get(frozen, 0):
            raise invalid(f"Sorry, it is not possible to delete all non-frozen {word}.")
    if rows < sheet.row_count:
        delete_rows(draft.book, sheet, rows, sheet.row_count)
    if columns < sheet.column_count:
        delete_columns(draft.book, sheet, columns, sheet.column_count)
    sheet.resize(rows, columns)
    draft.book.check_size()


def _check_frozen(sheet: Sheet) -> None:
    for frozen, count, word in _FROZEN:
        if sheet.grid.get(frozen, 0) >= sheet.grid[count]:
            raise invalid(f"You can't freeze all visible {word} on the sheet.")


def _retitle(draft: Draft, old: str, new: str) -> None:
    for sheet in draft.book.sheets:
        for row, column, text in formulas_of(sheet):
            changed = retitled(text, old, new)
            if changed != text:
                sheet.put(row, column, with_value(sheet.cell(row, column), None, changed))


def _move(draft: Draft, sheet: Sheet, index: int) -> None:
    """Put a sheet before the one that has the index now; the same place twice is left alone."""
    sheets = draft.book.sheets
    here = sheets.index(sheet)
    if not 0 <= index <= len(sheets):
        raise invalid(f"Sheet index {index} is out of bounds.")
    sheets.remove(sheet)
    sheets.insert(index - 1 if index > here else index, sheet)
    draft.book.number_sheets()


def duplicate_sheet(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Copy a sheet within the spreadsheet and answer with the copy's properties."""
    book = draft.book
    sheet = book.sheet(asked.get("sourceSheetId", 0), "sheet")
    title = asked.get("newSheetName") or _copy_title(draft, sheet)
    check_title(book, title)
    twin = twin_sheet(book, sheet, title, asked.get("newSheetId"))
    put_sheet(book, twin, asked.get("insertSheetIndex", 0))
    book.check_size()
    return {"properties": twin.properties}


def _copy_title(draft: Draft, sheet: Sheet) -> str:
    title, number = f"Copy of {sheet.title}", 1
    while draft.book.titled(title):
        title, number = f"Copy of {sheet.title} {number}", number + 1
    return title


def update_spreadsheet_properties(draft: Draft, asked: dict[str, Any]) -> None:
    """Change title, locale, time zone and the rest that the mask names."""
    mask = change_mask(asked.get("fields", ""), "SpreadsheetProperties")
    after = assign(draft.book.properties, asked.get("properties", {}), with_twins(mask))
    for name in ("title", "locale", "timeZone"):
        after[name] = after.get(name) or draft.book.properties[name]
    after["defaultFormat"] = draft.book.properties["defaultFormat"]  # read-only
    check_zone(after["timeZone"])
    draft.book.meta["properties"] = {**draft.book.properties, **after}


REQUESTS: dict[str, Handler] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
