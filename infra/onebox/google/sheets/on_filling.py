"""The request that continues a block of cells, as dragging its corner does."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box
from onebox.google.sheets.areas import area
from onebox.google.sheets.cells import Cell, Row, entered, formula, has_content, part, with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.on_sorting import rows_of
from onebox.google.sheets.references import shifted
from onebox.google.sheets.series import continued
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.showing import is_moment


def auto_fill(draft: Draft, asked: dict[str, Any]) -> None:
    """Continue a block down, up, right or left."""
    if "range" in asked:
        sheet, source, box, down = _detected(draft, asked["range"])
    else:
        sheet, source, box, down = _explicit(draft, asked.get("sourceAndDestination", {}))
    draft.check(sheet, box)
    alternate = bool(asked.get("useAlternateSeries"))
    lines = _turned(rows_of(sheet, source), turn=down)
    first = box.top - source.top if down else box.left - source.left
    for number, line in enumerate(lines):
        for step in range(box.height if down else box.width):
            cell = _cell(draft, line, first + step, down=down, alternate=alternate)
            place = (step, number) if down else (number, step)
            sheet.put(box.top + place[0], box.left + place[1], cell)


def _turned(rows: list[Row], *, turn: bool) -> list[Row]:
    return [list(column) for column in zip(*rows, strict=True)] if turn else rows


def _explicit(draft: Draft, given: dict[str, Any]) -> tuple[Sheet, Box, Box, bool]:
    length = given.get("fillLength", 0)
    if not length:
        raise invalid("sourceAndDestination.fillLength must not be 0.")
    sheet, source = area(draft, given.get("source", {}))
    down = given.get("dimension", "ROWS") != "COLUMNS"
    bottom, right = source.bottom or 0, source.right or 0
    if down:
        start, end = (bottom, bottom + length) if length > 0 else (source.top + length, source.top)
        box = Box(max(start, 0), source.left, end, right)
    else:
        start, end = (right, right + length) if length > 0 else (source.left + length, source.left)
        box = Box(source.top, max(start, 0), bottom, end)
    return sheet, source, sheet.clip(box), down


def _detected(draft: Draft, grid_range: dict[str, Any]) -> tuple[Sheet, Box, Box, bool]:
    """Return the part of a range that has data as the source, and the rest to be filled."""
    sheet, box = area(draft, grid_range)
    rows = rows_of(sheet, box)
    filled_rows = _leading(rows)
    filled_columns = _leading(_turned(rows, turn=True))
    if filled_rows and filled_rows < box.height:
        edge = box.top + filled_rows
        upper = Box(box.top, box.left, edge, box.right)
        return sheet, upper, Box(edge, box.left, box.bottom, box.right), True
    if filled_columns and filled_columns < box.width:
        edge = box.left + filled_columns
        left = Box(box.top, box.left, box.bottom, edge)
        return sheet, left, Box(box.top, edge, box.bottom, box.right), False
    raise invalid("The range to fill must begin with data and end with empty cells.")


def _leading(lines: list[Row]) -> int:
    """Return how many lines from the first on have something in them."""
    return next((n for n, line in enumerate(lines) if not any(map(has_content, line))), len(lines))


def _cell(draft: Draft, line: Row, position: int, *, down: bool, alternate: bool) -> Cell:
    """Return the cell at a position outside of a line of source cells."""
    at = position % len(line)
    seed = line[at]
    text = formula(seed)
    if text is not None:
        away = position - at
        return with_value(seed, None, shifted(text, *((away, 0) if down else (0, away))))
    if any(formula(cell) is not None for cell in line):
        return seed
    style = draft.book.formats.item(part(seed, "s"))
    value = continued(
        [entered(cell) for cell in line],
        position,
        draft.locale,
        dated=is_moment(style.get("numberFormat", {})),
        alternate=alternate,
    )
    return with_value(seed, value)


REQUESTS: dict[str, Handler] = {"autoFill": auto_fill}
