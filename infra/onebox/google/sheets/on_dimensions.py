"""Requests about rows and columns: more, fewer, elsewhere, hidden, wider."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.masks import assign
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import (
    delete_columns,
    delete_rows,
    insert_columns,
    insert_rows,
    move_columns,
    move_rows,
)

# Measured of the real service: 1,024 capitals A ask for 9,483 pixels.
_CAPITAL_PIXELS, _LETTER_PIXELS, _MARGIN = 9.25, 7, 11
_NARROWEST, _DEFAULT_PIXELS = 21, 100


def _rows(axis: str) -> bool:
    return axis != "COLUMNS"


def _count(sheet: Sheet, axis: str) -> int:
    return sheet.row_count if _rows(axis) else sheet.column_count


def _band(axis: str, start: int, end: int) -> Box:
    return Box(start, 0, end, None) if _rows(axis) else Box(0, start, None, end)


def span(draft: Draft, asked: dict[str, Any]) -> tuple[Sheet, str, int, int]:
    """Return (sheet, axis, start, end) of a DimensionRange; an open end is the edge of the grid."""
    sheet = draft.book.sheet(asked.get("sheetId", 0))
    axis = asked.get("dimension", "ROWS")
    if axis == "DIMENSION_UNSPECIFIED":
        raise invalid("No dimension specified.")
    start = asked.get("startIndex", 0)
    end = asked.get("endIndex", _count(sheet, axis))
    if start < 0 or end < 0:
        raise invalid("DimensionRange indexes must be >= 0")
    if end < start:
        raise invalid(f"range.endIndex[{end}] must be greater than range.startIndex[{start}]")
    return sheet, axis, start, end


def append_dimension(draft: Draft, asked: dict[str, Any]) -> None:
    """Add empty rows or columns at the end."""
    sheet = draft.book.sheet(asked.get("sheetId", 0))
    length = asked.get("length", 0)
    if length < 1:
        raise invalid("length must be greater than 0")
    draft.check_sheet(sheet)
    axis = asked.get("dimension", "ROWS")
    extra_rows, extra_columns = (length, 0) if _rows(axis) else (0, length)
    sheet.resize(sheet.row_count + extra_rows, sheet.column_count + extra_columns)
    draft.book.check_size()


def insert_dimension(draft: Draft, asked: dict[str, Any]) -> None:
    """Open rows or columns; formats come from the neighbour before or after."""
    sheet, axis, start, end = span(draft, asked.get("range", {}))
    before = bool(asked.get("inheritFromBefore"))
    _check_insert(_count(sheet, axis), start, before=before)
    draft.check(sheet, _band(axis, start, start + 1))
    opening = insert_rows if _rows(axis) else insert_columns
    like = start - 1 if before else start
    opening(draft.book, sheet, start, end - start, like=like)
    draft.book.check_size()


def _check_insert(count: int, start: int, *, before: bool) -> None:
    if start > count:
        raise invalid(f"range.startIndex is larger than current grid size ({count})")
    if start == count and not before:
        raise invalid(
            f"range.startIndex must be less than the grid size ({count})"
            " if inheritFromBefore is false."
        )
    if before and not start:
        raise invalid("inheritFromBefore cannot be true when inserting at index 0.")


def delete_dimension(draft: Draft, asked: dict[str, Any]) -> None:
    """Take rows or columns out."""
    sheet, axis, start, end = span(draft, asked.get("range", {}))
    count = _count(sheet, axis)
    word = "row" if _rows(axis) else "column"
    if start >= count or end > count:
        index = start if start >= count else end - 1
        raise invalid(
            f"Cannot delete a {word} that doesn't exist. Tried to delete {word} index {index}"
            f" but there are only {count} {word}s."
        )
    if end - start >= count:
        raise invalid(f"You can't delete all the {word}s on the sheet.")
    frozen = sheet.grid.get("frozenRowCount" if _rows(axis) else "frozenColumnCount", 0)
    if start <= frozen and end == count and frozen:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {word}s.")
    draft.check(sheet, _band(axis, start, end))
    (delete_rows if _rows(axis) else delete_columns)(draft.book, sheet, start, end)


def move_dimension(draft: Draft, asked: dict[str, Any]) -> None:
    """Move rows or columns before the one that has the destination index now."""
    sheet, axis, start, end = span(draft, asked.get("source", {}))
    target = asked.get("destinationIndex", 0)
    count = _count(sheet, axis)
    if end > count or target > count:
        raise invalid(f"destinationIndex[{target}] or source is past the end of the sheet.")
    if start <= target <= end:
        return
    _check_crossing(sheet, axis, (start, end), target)
    draft.check(sheet, _band(axis, min(start, target), max(end, target)))
    (move_rows if _rows(axis) else move_columns)(draft.book, sheet, (start, end), target)


def _check_crossing(sheet: Sheet, axis: str, span: tuple[int, int], target: int) -> None:
    """Refuse a move out of a merge, or into one, that would tear it apart."""
    for merge in map(box_of, sheet.items("merges")):
        first, last = (merge.top, merge.bottom) if _rows(axis) else (merge.left, merge.right)
        end = last or 0
        torn = first < span[0] < end or first < span[1] < end
        if end - first > 1 and (torn or first < target < end):
            word = "row" if _rows(axis) else "column"
            raise invalid(
                f"Sorry, it is not possible to move a {word} to a position that crosses a merged"
                " cell. Please unmerge and try again."
            )


def update_dimension_properties(draft: Draft, asked: dict[str, Any]) -> None:
    """Set the size of rows or columns, hide or show them."""
    mask = change_mask(asked.get("fields", ""), "DimensionProperties")
    sheet, axis, start, end = span(draft, asked.get("range", {}))
    draft.check_sheet(sheet)
    kept = sheet.meta.setdefault(axis, {})
    for index in range(start, min(end, _count(sheet, axis))):
        after = assign(kept.get(str(index), {}), asked.get("properties", {}), mask)
        kept[str(index)] = after
        if not after:
            del kept[str(index)]


def auto_resize_dimensions(draft: Draft, asked: dict[str, Any]) -> None:
    """Fit columns to what they show; rows go back to the default height."""
    sheet, axis, start, end = span(draft, asked.get("dimensions", {}))
    kept = sheet.meta.setdefault(axis, {})
    look = draft.look()
    for index in range(start, min(end, _count(sheet, axis))):
        after = {
            name: item for name, item in kept.get(str(index), {}).items() if name != "pixelSize"
        }
        if not _rows(axis):
            after["pixelSize"] = _fitting(look, sheet, index)
        kept[str(index)] = after


def _fitting(look: Calculator, sheet: Sheet, column: int) -> int:
    shown = Reader(look, Rendering()).rows(sheet, sheet.clip(Box(0, column, None, column + 1)))
    lines = [line for row in shown for cell in row for line in str(cell).splitlines()]
    widest = max((_pixels(line) for line in lines), default=0)
    return max(int(widest) + _MARGIN, _NARROWEST) if widest else _DEFAULT_PIXELS


def _pixels(line: str) -> float:
    return sum(_CAPITAL_PIXELS if letter.isupper() else _LETTER_PIXELS for letter in line)


REQUESTS: dict[str, Handler] = {
    "appendDimension": append_dimension,
    "autoResizeDimensions": auto_resize_dimensions,
    "deleteDimension": delete_dimension,
    "insertDimension": insert_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
}
