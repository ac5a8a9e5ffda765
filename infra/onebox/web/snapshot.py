"""From the stand-in's look at a workbook to the tabs of the page."""

from collections.abc import Mapping
from typing import Any

from onebox.web.book import MOST_ROWS, Row, Tab

DEFAULT_WIDTH = 100  # pixels of a column that nobody made wider
_WIDER = 24  # the page has more air around the text than Sheets
_LOOKS = {"notes": "note", "paint": "background", "ink": "color", "choices": "options"}


def tabs(snapshot: Mapping[str, Any]) -> tuple[Tab, ...]:
    """Return the visible tabs of a workbook, in their order; tabs without rows keep none."""
    return tuple(_tab(each) for each in snapshot["tabs"] if not each["hidden"])


def _tab(found: Mapping[str, Any]) -> Tab:
    drawn = found["rows"]
    header = drawn[0] if drawn else []
    body = [_row(number, cells) for number, cells in enumerate(drawn[1:], start=2)]
    columns = tuple(
        _column(at, cell["text"], found["columnWidths"])
        for at, cell in enumerate(header)
        if at not in found["hiddenColumns"]
    )
    return Tab(found["sheetId"], found["title"], columns, tuple(body[-MOST_ROWS:]), len(body))


def _column(at: int, title: str, widths: Mapping[int, int]) -> Row:
    width = widths.get(at, DEFAULT_WIDTH) + _WIDER
    return {"field": f"c{at + 1}", "headerName": title, "width": width}


def _row(number: int, cells: list[Mapping[str, Any]]) -> Row:
    """Return a row: the shown texts by field, and per field what else there is to show."""
    row: Row = {"row": number, "open": {}, **{name: {} for name in _LOOKS}}
    for at, cell in enumerate(cells):
        field = f"c{at + 1}"
        row[field] = cell["text"]
        for name, key in _LOOKS.items():
            if cell.get(key):
                row[name][field] = cell[key]
        if not cell.get("locked"):
            row["open"][field] = True
    return row
