"""Requests about merged cells."""

from typing import Any

from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.areas import writable
from onebox.google.sheets.cells import with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.sheet import Sheet


def merge_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Merge a range as a whole, row by row or column by column; the first value stays."""
    sheet, box = writable(draft, asked.get("range", {}))
    _drop(sheet, box)
    kind = asked.get("mergeType", "MERGE_ALL")
    bottom, right = box.bottom or 0, box.right or 0
    if kind == "MERGE_ROWS":
        blocks = [Box(row, box.left, row + 1, right) for row in range(box.top, bottom)]
    elif kind == "MERGE_COLUMNS":
        blocks = [Box(box.top, col, bottom, col + 1) for col in range(box.left, right)]
    else:
        blocks = [box]
    for block in blocks:
        if block.height * block.width > 1:
            sheet.items("merges").append(block.range(sheet.id))
            _keep_first(sheet, block)


def _keep_first(sheet: Sheet, block: Box) -> None:
    for row in range(block.top, block.bottom or 0):
        for column in range(block.left, block.right or 0):
            cell = sheet.cell(row, column)
            if cell is not None and (row, column) != (block.top, block.left):
                sheet.put(row, column, with_value(cell, None))


def _drop(sheet: Sheet, box: Box) -> None:
    sheet.meta["merges"] = [one for one in sheet.items("merges") if not box_of(one).meets(box)]


def unmerge_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Take every merge in the range apart."""
    sheet, box = writable(draft, asked.get("range", {}))
    _drop(sheet, box)


REQUESTS: dict[str, Handler] = {"mergeCells": merge_cells, "unmergeCells": unmerge_cells}
