"""Requests about merged cells."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.areas import writable
from onebox.google.sheets.cells import with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.sheet import Sheet


def merge_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Merge a range as a whole, row by row or column by column; the first value stays."""
    sheet, box = writable(draft, asked.get("range", {}))
    _drop(sheet, box)
    _check_lines(sheet, box)
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


def _check_lines(sheet: Sheet, box: Box) -> None:
    """Refuse a merge over the edge of what is frozen or filtered."""
    edges = (
        ("rows", sheet.grid.get("frozenRowCount", 0), box.top, box.bottom),
        ("columns", sheet.grid.get("frozenColumnCount", 0), box.left, box.right),
    )
    for word, edge, start, end in edges:
        if start < edge < (end or 0):
            raise invalid(f"You can't merge frozen and non-frozen {word}.")
    place = sheet.meta.get("basicFilter", {}).get("range")
    if place and box_of(place).meets(box) and not box_of(place).covers(box):
        raise invalid("You can't merge cells that cross the borders of an existing filter.")


def _keep_first(sheet: Sheet, block: Box) -> None:
    for row in range(block.top, block.bottom or 0):
        for column in range(block.left, block.right or 0):
            cell = sheet.cell(row, column)
            if cell is not None and (row, column) != (block.top, block.left):
                sheet.put(row, column, with_value(cell, None))


def _drop(sheet: Sheet, box: Box) -> None:
    """Take the merges in a box apart; one that reaches out of it is refused."""
    met = [one for one in sheet.items("merges") if box_of(one).meets(box)]
    if not all(box.covers(box_of(one)) for one in met):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    sheet.meta["merges"] = [one for one in sheet.items("merges") if one not in met]


def unmerge_cells(draft: Draft, asked: dict[str, Any]) -> None:
    """Take every merge in the range apart."""
    sheet, box = writable(draft, asked.get("range", {}))
    _drop(sheet, box)


REQUESTS: dict[str, Handler] = {"mergeCells": merge_cells, "unmergeCells": unmerge_cells}
