"""Values put into cells: raw, or read as if a person had typed them."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, column_name
from onebox.google.sheets.book import grid_limits
from onebox.google.sheets.cells import Cell, part, with_part, with_value
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.entering import MAX_CHARACTERS, enter, kept_format
from onebox.google.sheets.references import canonical
from onebox.google.sheets.sheet import Sheet

TOO_LONG = (
    f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell."
)


@dataclass(frozen=True)
class Written:
    """What a write touched.

    Attributes:
        sheet: where.
        box: rectangle of the values.
        cells: how many of them were not skipped.
        asked: the requested range where it is larger, whose values an answer shows.
    """

    sheet: Sheet
    box: Box
    cells: int
    asked: Box


def by_rows(body: dict[str, Any]) -> list[list[Any]]:
    """Return the values of a ValueRange row by row, whatever its major dimension."""
    values: list[list[Any]] = body.get("values", [])
    if body.get("majorDimension") != "COLUMNS":
        return values
    height = max((len(column) for column in values), default=0)
    return [
        [column[row] if row < len(column) else None for column in values] for row in range(height)
    ]


def write_range(draft: Draft, text: str, body: dict[str, Any], option: str) -> Written:
    """Write a ValueRange where a range in A1 notation says.

    Args:
        draft: change in the making.
        text: the range; a single cell is only a starting point.
        body: ValueRange as sent.
        option: RAW or USER_ENTERED.

    Raises:
        GoogleError: the range cannot be read, is past the grid, or is smaller than the values.
    """
    sheet, area = draft.book.find(text)
    rows = by_rows(body)
    room = _room(sheet, area)
    box = _extent(area, rows)
    _check_room(text, box, room)
    if not any(rows):
        return Written(sheet, sheet.clip(area), 0, sheet.clip(area))
    draft.check(sheet, box)
    count = write_rows(draft, sheet, box, rows, raw=option == "RAW")
    asked = box if area.height == 1 and area.width == 1 else sheet.clip(area)
    return Written(sheet, box, count, asked)


def _room(sheet: Sheet, area: Box) -> Box:
    """Return the rectangle that may be written: the range, or from a single cell to the edges."""
    past = area.top >= sheet.row_count or area.left >= sheet.column_count
    over = (area.bottom or 0) > sheet.row_count or (area.right or 0) > sheet.column_count
    if past or over:
        raise grid_limits(sheet, area)
    if area.height == 1 and area.width == 1:
        return Box(area.top, area.left, sheet.row_count, sheet.column_count)
    return sheet.clip(area)


def _extent(area: Box, rows: list[list[Any]]) -> Box:
    width = max((len(row) for row in rows), default=0)
    return Box(area.top, area.left, area.top + len(rows), area.left + width)


def _check_room(text: str, box: Box, room: Box) -> None:
    tried = ""
    if (box.bottom or 0) > (room.bottom or 0):
        tried = f"row [{(room.bottom or 0) + 1}]"
    elif (box.right or 0) > (room.right or 0):
        tried = f"column [{column_name(room.right or 0)}]"
    if tried:
        raise invalid(f"Requested writing within range [{text}], but tried writing to {tried}")


def write_rows(draft: Draft, sheet: Sheet, box: Box, rows: list[list[Any]], *, raw: bool) -> int:
    """Write rows of JSON values from the corner of a box; None is skipped, "" empties.

    Returns:
        How many cells were written.
    """
    count = 0
    for offset, values in enumerate(rows):
        old = sheet.row(box.top + offset)
        cells: list[Cell] = []
        for place, value in enumerate(values, box.left):
            before = old[place] if place < len(old) else None
            if value is None:
                cells.append(before)
                continue
            _check(value, offset, place - box.left)
            cells.append(_raw(before, value) if raw else typed(draft, before, value))
            count += 1
        if cells:
            sheet.put_row(box.top + offset, box.left, cells)
    return count


def _check(value: Any, row: int, column: int) -> None:
    if isinstance(value, str):
        if len(value) > MAX_CHARACTERS:
            raise invalid(TOO_LONG)
    elif isinstance(value, list | dict) or (isinstance(value, float) and not isfinite(value)):
        shown = _proto(value)
        raise invalid(f"Invalid values[{row}][{column}]: {shown}")


def _proto(value: Any, depth: int = 0) -> str:
    """Return a nested JSON value as protocol buffers print it, which is how Google refuses it."""
    pad = "  " * depth
    if isinstance(value, list):
        inner = "".join(f"{pad}  values {{\n{_proto(one, depth + 2)}{pad}  }}\n" for one in value)
        return f"{pad}list_value {{\n{inner}{pad}}}\n"
    if isinstance(value, dict):
        inner = "".join(
            f'{pad}  fields {{\n{pad}    key: "{key}"\n{pad}    value {{\n'
            f"{_proto(one, depth + 3)}{pad}    }}\n{pad}  }}\n"
            for key, one in value.items()
        )
        return f"{pad}struct_value {{\n{inner}{pad}}}\n"
    if isinstance(value, bool):
        return f"{pad}bool_value: {str(value).lower()}\n"
    if isinstance(value, str):
        return f'{pad}string_value: "{value}"\n'
    return f"{pad}null_value: NULL_VALUE\n" if value is None else f"{pad}number_value: {value}\n"


def _raw(before: Cell, value: Any) -> Cell:
    if not isinstance(before, dict):
        return None if value == "" else value
    return with_value(before, None if value == "" else value)


def typed(draft: Draft, before: Cell, value: Any) -> Cell:
    """Return the cell after a person's typing; numbers and truths are taken as they are."""
    if not isinstance(value, str):
        return with_value(before, value)
    style = draft.book.formats.item(part(before, "s"))
    as_text = style.get("numberFormat", {}).get("type") == "TEXT"
    result = enter(value, draft.locale, draft.now, as_text=as_text)
    text = canonical(result.formula, draft.book.titles) if result.formula else None
    cell = with_value(before, result.value, text)
    fresh = kept_format(style, result.number_format)
    if result.link:
        fresh = {**fresh, "textFormat": {**fresh.get("textFormat", {}), "link": {"uri": value}}}
    if fresh is style:
        return cell
    return with_part(cell, "s", draft.book.formats.number(fresh))


def clear_box(sheet: Sheet, box: Box) -> None:
    """Empty the values of a rectangle; formats, notes and validation stay."""
    for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
        cells = sheet.row(row)[box.left : box.right]
        if any(cell is not None for cell in cells):
            sheet.put_row(row, box.left, [with_value(cell, None) for cell in cells])
