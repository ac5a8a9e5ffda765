"""Addresses of cells: A1 and R1C1 notation, sheet titles, and rectangles of the grid.

Source: Sheets API concepts guide, "A1 notation" and "R1C1 notation".
"""

import re
from dataclasses import dataclass
from typing import Any

_LETTERS = 26
_SIDE = re.compile(r"(?:\$?([A-Za-z]{1,3}))?(?:\$?(0*[1-9]\d{0,8}))?")
_R1C1 = re.compile(r"[Rr]([1-9]\d*)[Cc]([1-9]\d*)(?::[Rr]([1-9]\d*)[Cc]([1-9]\d*))?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells: zero-based, half-open; an end of None is the edge of the grid."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def clip(self, rows: int, columns: int) -> "Box":
        """Return the part of the box inside a grid, with both ends known."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(min(self.top, rows), min(self.left, columns), bottom, right)

    def meets(self, other: "Box") -> bool:
        """Tell whether the two boxes share a cell."""
        return (
            _before(self.top, other.bottom)
            and _before(other.top, self.bottom)
            and _before(self.left, other.right)
            and _before(other.left, self.right)
        )

    def covers(self, other: "Box") -> bool:
        """Tell whether every cell of the other box is in this one."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and _within(other.bottom, self.bottom)
            and _within(other.right, self.right)
        )

    def range(self, sheet_id: int) -> dict[str, Any]:
        """Return the GridRange of the box; like Google's JSON, without a sheetId that is 0."""
        found: dict[str, Any] = {"sheetId": sheet_id} if sheet_id else {}
        found["startRowIndex"] = self.top
        if self.bottom is not None:
            found["endRowIndex"] = self.bottom
        found["startColumnIndex"] = self.left
        if self.right is not None:
            found["endColumnIndex"] = self.right
        return found

    @property
    def height(self) -> int:
        return (self.bottom or self.top) - self.top

    @property
    def width(self) -> int:
        return (self.right or self.left) - self.left


WHOLE = Box(0, 0, None, None)


def _before(start: int, end: int | None) -> bool:
    return end is None or start < end


def _within(inner: int | None, outer: int | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def box_of(grid_range: dict[str, Any]) -> Box:
    """Return the box of a GridRange; a missing end is open."""
    return Box(
        int(grid_range.get("startRowIndex", 0)),
        int(grid_range.get("startColumnIndex", 0)),
        grid_range.get("endRowIndex"),
        grid_range.get("endColumnIndex"),
    )


def column_name(index: int) -> str:
    """Return the letters of a zero-based column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def column_index(letters: str) -> int:
    """Return the zero-based index of a column by its letters."""
    index = 0
    for letter in letters.upper():
        index = index * _LETTERS + ord(letter) - ord("A") + 1
    return index - 1


def cell_name(row: int, column: int) -> str:
    """Return the A1 name of a cell by its zero-based place."""
    return f"{column_name(column)}{row + 1}"


def quoted(title: str) -> str:
    """Return a sheet title as it stands before the exclamation mark, quoted where it must be."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def label(title: str, box: Box) -> str:
    """Return the range as Google writes it back: `Sheet1!A1:B2`, `Sheet1!A5:B` for an open end."""
    return f"{quoted(title)}!{area_name(box)}"


def area_name(box: Box) -> str:
    """Return the A1 name of a box without its sheet."""
    start = cell_name(box.top, box.left)
    end = "" if box.right is None else column_name(box.right - 1)
    end += "" if box.bottom is None else str(box.bottom)
    return start if end in ("", start) else f"{start}:{end}"


def parse_area(text: str) -> Box | None:
    """Return the box of `A1`, `A1:B2`, `A:C`, `3:5`, `A5:A`, `A5:7` or `R1C1:R2C2`, or None."""
    turned = _R1C1.fullmatch(text)
    if turned:
        row, column, row2, column2 = (int(part) if part else None for part in turned.groups())
        return _closed((row or 1, column or 1), (row2 or row or 1, column2 or column or 1))
    first, colon, second = text.partition(":")
    start, end = _SIDE.fullmatch(first), _SIDE.fullmatch(second)
    if not start or not end or not first or bool(colon) != bool(second):
        return None
    if not colon:
        return _single(start)
    return _between(start, end)


def _single(side: re.Match[str]) -> Box | None:
    letters, digits = side.groups()
    if not letters or not digits:
        return None
    row, column = int(digits), column_index(letters) + 1
    return _closed((row, column), (row, column))


def _between(start: re.Match[str], end: re.Match[str]) -> Box | None:
    columns = [column_index(part) + 1 for part in (start[1], end[1]) if part]
    rows = [int(part) for part in (start[2], end[2]) if part]
    both = 2
    if len(columns) == both and len(rows) == both:
        return _closed((rows[0], columns[0]), (rows[1], columns[1]))
    if len(columns) == both:
        return Box(min(rows, default=1) - 1, min(columns) - 1, None, max(columns))
    if len(rows) == both:
        return Box(min(rows) - 1, min(columns, default=1) - 1, max(rows), None)
    return None


def _closed(one: tuple[int, int], two: tuple[int, int]) -> Box:
    (row, column), (row2, column2) = one, two
    return Box(min(row, row2) - 1, min(column, column2) - 1, max(row, row2), max(column, column2))


def split_title(text: str) -> tuple[str | None, str]:
    """Return (sheet title or None, the rest) of a range; a lone quoted title has an empty rest."""
    if text.startswith("'"):
        closed = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        if closed:
            return closed[1].replace("''", "'"), closed[2] or ""
        return None, text
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)
