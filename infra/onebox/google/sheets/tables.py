"""Where an append goes: the block of data that a range points at.

Source: Sheets API guide "Append values": the last table in the range is taken; a range outside
any table is written where it starts.
"""

from onebox.google.sheets.a1 import Box
from onebox.google.sheets.cells import has_content
from onebox.google.sheets.sheet import Sheet


def find_table(sheet: Sheet, area: Box) -> Box | None:
    """Return the block of neighbouring non-empty cells that is last in the area, or None.

    Last is the block of the last filled cell, read row by row: an empty column in a row makes two
    blocks of it, and then the right one is taken.

    Args:
        sheet: to look in.
        area: inside the grid.
    """
    for row in range(min(area.bottom or 0, len(sheet.rows)) - 1, area.top - 1, -1):
        cells = sheet.rows[row][: area.right]
        for column in range(len(cells) - 1, area.left - 1, -1):
            if has_content(cells[column]):
                return _region(sheet, Box(row, column, row + 1, column + 1))
    return _around(sheet, area)


def _around(sheet: Sheet, area: Box) -> Box | None:
    """Return the block that reaches over the area though the area itself is empty, or None."""
    for row in range(max(area.top - 1, 0), min((area.bottom or 0) + 1, len(sheet.rows))):
        left = max(area.left - 1, 0)
        for column, cell in enumerate(sheet.rows[row][left : (area.right or 0) + 1], left):
            if has_content(cell):
                region = _region(sheet, Box(row, column, row + 1, column + 1))
                if region.meets(area):
                    return region
    return None


def _region(sheet: Sheet, box: Box) -> Box:
    """Grow a box until its border of neighbouring cells is empty."""
    while True:
        grown = _grow_sides(sheet, _grow_rows(sheet, box))
        if grown == box:
            return box
        box = grown


def _grow_rows(sheet: Sheet, box: Box) -> Box:
    top, bottom = box.top, box.bottom or 0
    left, right = max(box.left - 1, 0), (box.right or 0) + 1
    while top > 0 and _filled(sheet, top - 1, left, right):
        top -= 1
    while bottom < len(sheet.rows) and _filled(sheet, bottom, left, right):
        bottom += 1
    return Box(top, box.left, bottom, box.right)


def _grow_sides(sheet: Sheet, box: Box) -> Box:
    rows = range(max(box.top - 1, 0), min((box.bottom or 0) + 1, len(sheet.rows)))
    left, right = box.left, box.right or 0
    while left > 0 and any(_filled(sheet, row, left - 1, left) for row in rows):
        left -= 1
    while any(_filled(sheet, row, right, right + 1) for row in rows):
        right += 1
    return Box(box.top, left, box.bottom, right)


def _filled(sheet: Sheet, row: int, left: int, right: int) -> bool:
    return any(has_content(cell) for cell in sheet.rows[row][left:right])
