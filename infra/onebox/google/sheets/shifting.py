"""Rows and columns opened, closed and moved, and everything that hangs on them moved along."""

from collections.abc import Callable
from typing import Any, TypeAlias

from onebox.google.sheets.book import Book
from onebox.google.sheets.cells import Cell, formula, with_value
from onebox.google.sheets.references import adjust
from onebox.google.sheets.sheet import Sheet

# From an old (start, end) of a span of rows or columns to the new one, or None when it is gone.
Move: TypeAlias = Callable[[int, int | None], tuple[int, int | None] | None]

_AXES = {
    "ROWS": ("startRowIndex", "endRowIndex"),
    "COLUMNS": ("startColumnIndex", "endColumnIndex"),
}
# A thing is gone with its range, and a line of a chart with the cells it was drawn from.
_LOST_WITH = ("range", "sourceRange", "series", "domain")
_HANGING = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "bandedRanges",
    "charts",
    "slicers",
    "tables",
    "commentAnchors",
)


def insert_rows(book: Book, sheet: Sheet, at: int, count: int, *, like: int | None = None) -> None:
    """Open empty rows before `at`; `like` is the row (as numbered before) that gives formats."""
    styles = [] if like is None else [_style_only(cell) for cell in sheet.row(like)]
    sheet.insert_rows(at, count)
    if any(style is not None for style in styles):
        sheet.set_rows(at, [list(styles) for _ in range(count)])
    _follow(book, sheet, "ROWS", opened(at, count))


def insert_columns(
    book: Book, sheet: Sheet, at: int, count: int, *, like: int | None = None
) -> None:
    """Open empty columns before `at`; `like` is the column that gives formats."""
    rows = range(len(sheet.rows))
    styles = [] if like is None else [_style_only(sheet.cell(row, like)) for row in rows]
    sheet.insert_columns(at, count)
    for row, style in enumerate(styles):
        if style is not None:
            sheet.put_row(row, at, [style] * count)
    _follow(book, sheet, "COLUMNS", opened(at, count))


def delete_rows(book: Book, sheet: Sheet, top: int, bottom: int) -> None:
    """Take rows [top, bottom) out."""
    sheet.delete_rows(top, bottom)
    _follow(book, sheet, "ROWS", closed(top, bottom))


def delete_columns(book: Book, sheet: Sheet, left: int, right: int) -> None:
    """Take columns [left, right) out."""
    sheet.delete_columns(left, right)
    _follow(book, sheet, "COLUMNS", closed(left, right))


def move_rows(book: Book, sheet: Sheet, span: tuple[int, int], target: int) -> None:
    """Move rows [span) before the row that is `target` now."""
    last = max(span[1], target)
    rows = [sheet.row(index) for index in range(last)]
    sheet.set_rows(0, [list(row) for row in _reordered(rows, span, target)])
    _follow(book, sheet, "ROWS", _carried(span, target))


def move_columns(book: Book, sheet: Sheet, span: tuple[int, int], target: int) -> None:
    """Move columns [span) before the column that is `target` now."""
    width = max(span[1], target)
    for index, row in enumerate(sheet.rows):
        cells = [*row, *([None] * (width - len(row)))]
        sheet.put_row(index, 0, _reordered(cells, span, target))
    _follow(book, sheet, "COLUMNS", _carried(span, target))


def _reordered(items: list[Any], span: tuple[int, int], target: int) -> list[Any]:
    start, end = span
    moved, rest = items[start:end], items[:start] + items[end:]
    at = target if target <= start else target - (end - start)
    return rest[:at] + moved + rest[at:]


def _carried(span: tuple[int, int], target: int) -> Move:
    """Follow moved rows: a span that lies among them goes along, one around them stays."""
    start, end = span
    size = end - start

    def place(index: int) -> int:
        if start <= index < end:
            return index - start + (target if target <= start else target - size)
        if target <= index < start:
            return index + size
        return index - size if end <= index < target else index

    def move(first: int, last: int | None) -> tuple[int, int | None]:
        if last is None or (first <= start and end <= last and (first, last) != span):
            return first, last
        return place(first), place(first) + (last - first)

    return move


def _style_only(cell: Cell) -> Cell:
    if not isinstance(cell, dict):
        return None
    kept: dict[str, Any] = {key: cell[key] for key in ("s", "d") if key in cell}
    return kept or None


def opened(at: int, count: int) -> Move:
    """Follow so many rows opened before `at`: a span around them grows."""

    def move(start: int, end: int | None) -> tuple[int, int | None]:
        return (
            start + count if start >= at else start,
            end + count if end is not None and end > at else end,
        )

    return move


def closed(first: int, last: int) -> Move:
    """Follow rows [first, last) taken out: a span among them is gone."""

    def place(index: int) -> int:
        return index if index <= first else max(first, index - (last - first))

    def move(start: int, end: int | None) -> tuple[int, int | None] | None:
        new = place(start), None if end is None else place(end)
        return None if new[1] is not None and new[0] >= new[1] else new

    return move


def _follow(book: Book, sheet: Sheet, axis: str, move: Move) -> None:
    _move_sizes(sheet, axis, move)
    shift = _Shift(sheet.id, axis, move)
    for name in _HANGING:
        sheet.meta[name] = shift.items(sheet.items(name))
    for other in (one for one in book.sheets if one is not sheet):
        shift.items(other.items("charts"))
    for name in ("rowGroups", "columnGroups", "developerMetadata"):
        sheet.meta[name] = _moved_spans(sheet.items(name), axis, move)
    if "basicFilter" in sheet.meta and not shift.items([sheet.meta["basicFilter"]]):
        del sheet.meta["basicFilter"]
    gone = [item for item in book.named_ranges if not shift.within(item.get("range", {}))]
    book.meta["namedRanges"] = [item for item in book.named_ranges if item not in gone]
    _move_formulas(book, sheet, axis, move)


def _move_sizes(sheet: Sheet, axis: str, move: Move) -> None:
    sizes = sheet.meta.get(axis, {})
    moved = {index: move(int(index), int(index) + 1) for index in sizes}
    sheet.meta[axis] = {str(new[0]): sizes[old] for old, new in moved.items() if new}
    frozen = "frozenRowCount" if axis == "ROWS" else "frozenColumnCount"
    count = sheet.grid.get(frozen)
    if count:
        kept = move(0, count)
        sheet.grid[frozen] = (kept[1] or 0) if kept else 0
        if not sheet.grid[frozen]:
            del sheet.grid[frozen]


class _Shift:
    """One move along an axis of one sheet, applied to the GridRanges inside JSON values."""

    def __init__(self, sheet_id: int, axis: str, move: Move) -> None:
        self._sheet_id, self._axis, self._move = sheet_id, axis, move

    def items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the things whose own range is still there, their ranges moved."""
        return [item for item in items if self.within(item)]

    def within(self, value: Any) -> bool:
        """Move every range inside; False when the range of the thing itself is gone."""
        if isinstance(value, list):
            value[:] = [one for one in value if self.within(one)]
            return True
        if not isinstance(value, dict):
            return True
        if _is_range(value):
            elsewhere = value.get("sheetId", 0) != self._sheet_id
            return elsewhere or move_range(value, self._axis, self._move)
        held = {name: self.within(inner) for name, inner in list(value.items())}
        if value.get("ranges") == [] or value.get("sources") == []:
            return False
        return all(held.get(name, True) for name in _LOST_WITH)


def _is_range(value: dict[str, Any]) -> bool:
    return any(name in value for pair in _AXES.values() for name in pair)


def move_range(area: dict[str, Any], axis: str, move: Move) -> bool:
    """Move a GridRange in place; False when nothing of it is left."""
    start, end = _AXES[axis]
    if start not in area and end not in area:
        return True
    new = move(int(area.get(start, 0)), area.get(end))
    if new is None:
        return False
    if start in area:
        area[start] = new[0]
    if end in area:
        area[end] = new[1]
    return True


def _moved_spans(items: list[dict[str, Any]], axis: str, move: Move) -> list[dict[str, Any]]:
    """Move dimension groups and the developer metadata of rows and columns."""
    kept = []
    for item in items:
        span = item.get("range") or item.get("location", {}).get("dimensionRange")
        if span and span.get("dimension") == axis:
            new = move(int(span.get("startIndex", 0)), span.get("endIndex"))
            if new is None:
                continue
            span["startIndex"], span["endIndex"] = new
        kept.append(item)
    return kept


def _move_formulas(book: Book, sheet: Sheet, axis: str, move: Move) -> None:
    for one in book.sheets:
        for row, column, text in formulas_of(one):
            changed = adjust(text, one.title, sheet.title, move, axis=axis)
            if changed != text:
                one.put(row, column, with_value(one.cell(row, column), None, changed))


def formulas_of(sheet: Sheet) -> list[tuple[int, int, str]]:
    """Return (row, column, formula) of every formula of a sheet."""
    if not sheet.meta.get("formulas"):
        return []
    return [
        (row, column, cell["f"])
        for row, cells in enumerate(sheet.rows)
        for column, cell in enumerate(cells)
        if type(cell) is dict and formula(cell)
    ]
