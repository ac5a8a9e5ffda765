"""Ranges of requests turned into sheets and boxes, checked against the grid and protections."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.sheet import Sheet


def area(draft: Draft, grid_range: dict[str, Any]) -> tuple[Sheet, Box]:
    """Return the sheet and the cells of a GridRange that a request reads.

    Raises:
        GoogleError: INVALID_ARGUMENT: no such sheet, ends before it starts, or past the grid.
    """
    sheet = draft.book.sheet(grid_range.get("sheetId", 0))
    box = box_of(grid_range)
    for axis, start, end in (("Row", box.top, box.bottom), ("Column", box.left, box.right)):
        if start < 0 or (end is not None and end < start):
            raise invalid(
                f"GridRange end{axis}Index[{end}] must be greater than or equal to"
                f" start{axis}Index[{start}]"
            )
    return sheet, draft.book.inside(sheet, box)


def writable(draft: Draft, grid_range: dict[str, Any]) -> tuple[Sheet, Box]:
    """Return the sheet and the cells of a GridRange that a request changes; protections hold."""
    sheet, box = area(draft, grid_range)
    draft.check(sheet, box)
    return sheet, box


def corner(draft: Draft, place: dict[str, Any]) -> tuple[Sheet, int, int]:
    """Return the sheet, row and column of a GridCoordinate."""
    sheet = draft.book.sheet(place.get("sheetId", 0))
    row, column = place.get("rowIndex", 0), place.get("columnIndex", 0)
    sizes = {"row": (row, sheet.row_count), "column": (column, sheet.column_count)}
    for axis, (index, count) in sizes.items():
        if index >= count:
            raise invalid(
                f"GridCoordinate.{axis}Index[{index}] is after last {axis} in grid[{count}]"
            )
    return sheet, row, column


def full_range(sheet: Sheet, grid_range: dict[str, Any]) -> dict[str, Any]:
    """Return a GridRange with its missing ends filled by the grid."""
    return sheet.clip(box_of(grid_range)).range(sheet.id)
