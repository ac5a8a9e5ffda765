"""Requests that open or close a block of cells; what is below or to the right moves."""

from dataclasses import replace
from typing import Any, TypeAlias

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.areas import writable
from onebox.google.sheets.cells import Row
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.on_sorting import rows_of
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import Move, closed, move_range, opened

Place: TypeAlias = tuple[int, int]


def _down(asked: dict[str, Any]) -> bool:
    if "shiftDimension" not in asked:
        raise invalid("shiftDimension is required.")
    return bool(asked["shiftDimension"] == "ROWS")


def insert_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Open a block of empty cells; what was there moves down or right."""
    sheet, box = writable(draft, asked.get("range", {}))
    down = _down(asked)
    _carry(sheet, box, down=down, move=opened(*_span(box, down=down)))
    if down:
        rest = Box(box.top, box.left, max(len(sheet.rows), box.top), box.right)
        target = (box.bottom or 0, box.left)
    else:
        rest = Box(box.top, box.left, box.bottom, sheet.column_count)
        target = (box.top, box.right or 0)
    _shift_block(draft, sheet, rest, target)


def delete_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Take a block of cells out; what is below or to the right closes the gap."""
    sheet, box = writable(draft, asked.get("range", {}))
    down = _down(asked)
    start, count = _span(box, down=down)
    _carry(sheet, box, down=down, move=closed(start, start + count))
    if down:
        rest = Box(box.bottom or 0, box.left, max(len(sheet.rows), box.bottom or 0), box.right)
    else:
        rest = Box(box.top, box.right or 0, box.bottom, sheet.column_count)
    for row in range(box.top, box.bottom or 0):
        sheet.put_row(row, box.left, [None] * box.width)
    _shift_block(draft, sheet, rest, (box.top, box.left))


def _shift_block(draft: Draft, sheet: Sheet, rest: Box, target: Place) -> None:
    block = rows_of(sheet, rest)
    while block and all(cell is None for cell in block[-1]):
        block.pop()
    filled = max((_filled(row) for row in block), default=0)
    draft.check(sheet, rest)
    size = (
        max(sheet.row_count, target[0] + len(block)),
        max(sheet.column_count, target[1] + filled),
    )
    for row in range(rest.top, min(rest.bottom or 0, len(sheet.rows))):
        sheet.put_row(row, rest.left, [None] * rest.width)
    sheet.resize(*size)
    draft.book.check_size()
    for row, cells in enumerate(block, target[0]):
        sheet.put_row(row, target[1], cells[: _filled(cells)])


def _filled(cells: Row) -> int:
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1] is not None), 0)


def _span(box: Box, *, down: bool) -> tuple[int, int]:
    """Return where along the axis of the move a block starts, and how long it is."""
    return (box.top, box.height) if down else (box.left, box.width)


def _carry(sheet: Sheet, box: Box, *, down: bool, move: Move) -> None:
    """Move merges and tables that lie across the band of the block, and refuse to cut a table."""
    axis = "ROWS" if down else "COLUMNS"
    across = Box(0, box.left, None, box.right) if down else Box(box.top, 0, box.bottom, None)
    band = replace(across, top=box.top, left=box.left)
    for table in sheet.items("tables"):
        if box_of(table["range"]).meets(band):
            if not across.covers(box_of(table["range"])):
                raise invalid("You cannot insert or delete cells over part of a table.")
            _follow_table(table, axis, move)
    kept = []
    for merge in sheet.items("merges"):
        carried = box_of(merge).meets(band) and across.covers(box_of(merge))
        if not carried or move_range(merge, axis, move):
            kept.append(merge)
    sheet.meta["merges"] = kept


def _follow_table(table: dict[str, Any], axis: str, move: Move) -> None:
    header = box_of(table["range"]).top
    lost = move(header, header + 1) is None if axis == "ROWS" else False
    if lost or not move_range(table["range"], axis, move):
        raise invalid("You cannot delete the header row of a table.")


REQUESTS: dict[str, Handler] = {"deleteRange": delete_range, "insertRange": insert_range}
