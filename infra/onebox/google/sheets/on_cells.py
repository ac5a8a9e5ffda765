"""Requests that write cells: values, formats, notes, borders, validation."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box
from onebox.google.sheets.areas import corner, writable
from onebox.google.sheets.celldata import Painter, cell_mask, check_extent
from onebox.google.sheets.cells import part, with_part
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filtering import Sieve
from onebox.google.sheets.headers import typed_columns
from onebox.google.sheets.rules import check_validation
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import insert_rows


def update_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Lay rows of CellData onto a range or from a corner; in a range the rest is cleared."""
    painter = Painter(draft, cell_mask(asked.get("fields", "")))
    rows = [row.get("values", []) for row in asked.get("rows", [])]
    if "range" in asked:
        sheet, box = writable(draft, asked["range"])
    else:
        sheet, box = _from_corner(draft, asked.get("start", {}), rows)
    check_extent((box.top, box.left), rows, (box.bottom or 0, box.right or 0))
    clears = "range" in asked
    for offset in range(box.height if clears else len(rows)):
        values = rows[offset] if offset < len(rows) else []
        width = box.width if clears else len(values)
        filled = values + [{}] * (width - len(values))
        _paint_row(painter, sheet, (box.top + offset, box.left), filled)


def _from_corner(draft: Draft, start: dict[str, Any], rows: list[list[Any]]) -> tuple[Sheet, Box]:
    sheet, top, left = corner(draft, start)
    check_extent((top, left), rows, (sheet.row_count, sheet.column_count))
    width = max((len(row) for row in rows), default=0)
    box = Box(top, left, top + len(rows), left + width)
    draft.check(sheet, box)
    return sheet, box


def _paint_row(
    painter: Painter, sheet: Sheet, place: tuple[int, int], values: list[dict[str, Any]]
) -> None:
    row, left = place
    old = sheet.row(row)
    cells = [
        painter.paint(old[column] if column < len(old) else None, data)
        for column, data in enumerate(values, left)
    ]
    if any(cell is not None for cell in cells) or len(old) > left:
        sheet.put_row(row, left, cells)


def append_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Write rows after the last row with data, of a table when one is named."""
    painter = Painter(draft, cell_mask(asked.get("fields", "")))
    rows = [row.get("values", []) for row in asked.get("rows", [])]
    sheet, top, left = _append_place(draft, asked, len(rows))
    width = left + max((len(row) for row in rows), default=0)
    size = (max(sheet.row_count, top + len(rows)), max(sheet.column_count, width))
    if size != (sheet.row_count, sheet.column_count):
        sheet.resize(*size)
        draft.book.check_size()
    draft.check(sheet, Box(top, left, top + len(rows), width))
    for offset, values in enumerate(rows):
        _paint_row(painter, sheet, (top + offset, left), values)


def _append_place(draft: Draft, asked: dict[str, Any], count: int) -> tuple[Sheet, int, int]:
    if not asked.get("tableId"):
        sheet = draft.book.sheet(asked.get("sheetId", 0))
        return sheet, sheet.last_row(), 0
    for sheet in draft.book.sheets:
        for table in sheet.items("tables"):
            if table["tableId"] == asked["tableId"]:
                area = table["range"]
                top = int(area["endRowIndex"])
                draft.check(sheet, Box(top - 1, 0, top, None))
                insert_rows(draft.book, sheet, top, count, like=top - 1)
                area["endRowIndex"] = top + count
                return sheet, top, int(area.get("startColumnIndex", 0))
    raise invalid(f"No table with id: {asked['tableId']}")


def repeat_cell(draft: Draft, asked: dict[str, Any]) -> None:
    """Lay one CellData onto every cell of a range; formulas move along."""
    painter = Painter(draft, cell_mask(asked.get("fields", "")))
    sheet, box = writable(draft, asked.get("range", {}))
    data = asked.get("cell", {})
    moving = "formulaValue" in data.get("userEnteredValue", {})
    blank = None if moving else painter.paint(None, data)
    for row in range(box.top, box.bottom or 0):
        old = sheet.row(row)
        if not moving and len(old) <= box.left:
            cells = [blank] * box.width
        else:
            away = row - box.top
            cells = [
                painter.paint(
                    old[column] if column < len(old) else None, data, (away, column - box.left)
                )
                for column in range(box.left, box.right or 0)
            ]
        if any(cell is not None for cell in cells) or len(old) > box.left:
            sheet.put_row(row, box.left, cells)


def set_data_validation(draft: Draft, asked: dict[str, Any]) -> None:
    """Put a validation rule onto a range, or take it off when no rule is given."""
    sheet, box = writable(draft, asked.get("range", {}))
    if any(typed.meets(box) for typed in typed_columns(sheet)):
        raise invalid("This operation is not allowed on cells in typed columns")
    rule = draft.book.rules.number(check_validation(asked.get("rule", {}), draft.locale))
    spared = set() if asked.get("filteredRowsIncluded") else Sieve(draft.look(), sheet).hidden()
    for row in range(box.top, box.bottom or 0):
        for column in range(box.left, (box.right or 0) if row not in spared else 0):
            cell = sheet.cell(row, column)
            if part(cell, "d") != rule:
                sheet.put(row, column, with_part(cell, "d", rule))


_SIDES = ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")


def update_borders(draft: Draft, asked: dict[str, Any]) -> None:
    """Draw the sides that the request names; the others stay."""
    sheet, box = writable(draft, asked.get("range", {}))
    sides = {name: asked[name] for name in _SIDES if name in asked}
    for row in range(box.top, box.bottom or 0):
        for column in range(box.left, box.right or 0):
            fresh = _borders_of(sides, box, row, column)
            if fresh:
                _draw(draft, sheet, (row, column), fresh)


def _borders_of(
    sides: dict[str, Any], box: Box, row: int, column: int
) -> dict[str, dict[str, Any]]:
    outer = {
        "top": (row == box.top, "innerHorizontal"),
        "bottom": (row == (box.bottom or 0) - 1, "innerHorizontal"),
        "left": (column == box.left, "innerVertical"),
        "right": (column == (box.right or 0) - 1, "innerVertical"),
    }
    names = {side: side if edge else inner for side, (edge, inner) in outer.items()}
    return {side: sides[name] for side, name in names.items() if name in sides}


def _draw(
    draft: Draft, sheet: Sheet, place: tuple[int, int], fresh: dict[str, dict[str, Any]]
) -> None:
    cell = sheet.cell(*place)
    formats = draft.book.formats
    style = formats.item(part(cell, "s"))
    borders = {**style.get("borders", {}), **fresh}
    borders = {side: line for side, line in borders.items() if line.get("style") != "NONE"}
    changed = {name: item for name, item in style.items() if name != "borders"}
    if borders:
        changed["borders"] = borders
    sheet.put(*place, with_part(cell, "s", formats.number(changed)))


REQUESTS: dict[str, Handler] = {
    "appendCells": append_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
    "updateCells": update_cells,
}
