"""From the stand-in's look at a workbook to the tabs of the page."""

from collections.abc import Mapping
from typing import Any

from onebox.web.book import MOST_ROWS, Row, Tab

_WHOLE = "WRAP"  # texts of such a column are shown in several lines
_WIDER = 14  # pixels: the page has more air around the text than Sheets
_LOOKS = {"notes": "note", "paint": "background", "ink": "color", "choices": "options"}
_SIDES = {"RIGHT": "kt-right", "CENTER": "kt-center"}
_OURS = "/api/f/"  # links that this machine answers; the card of a client is on the phone beside


def tabs(snapshot: Mapping[str, Any]) -> tuple[Tab, ...]:
    """Return the visible tabs of a workbook, in their order; tabs without rows keep none."""
    return tuple(_tab(each) for each in snapshot["tabs"])


def _tab(found: Mapping[str, Any]) -> Tab:
    if found.get("charts") and found["rows"]:
        return Tab(found["sheet_id"], found["title"], (), (), 0, found)
    drawn = found["rows"]
    header = drawn[0] if drawn else []
    body = [_row(number, cells) for number, cells in enumerate(drawn[1:], start=2)]
    while body and not any(cell["text"] for cell in drawn[len(body)]):
        body.pop()
    told = ((at, cell.get("wrap")) for cells in drawn[1:] for at, cell in enumerate(cells))
    whole = {at for at, wrap in told if wrap == _WHOLE}
    columns = tuple(
        _column(at, cell, found["widths"][at], side=_side(drawn, at), whole=at in whole)
        for at, cell in enumerate(header)
        if at not in found["hidden"]
    )
    about = next((str(cell["note"]) for cell in header if cell.get("note")), "")
    shown = tuple(body[-MOST_ROWS:])
    return Tab(found["sheet_id"], found["title"], columns, shown, len(body), about=about)


def _column(at: int, cell: Mapping[str, Any], width: int, *, side: str, whole: bool) -> Row:
    column: Row = {"field": f"c{at + 1}", "headerName": cell["text"], "width": width + _WIDER}
    if side:
        column["cellClass"] = side
    if whole:
        column |= {"wrapText": True, "autoHeight": True}
    look = {
        style: cell[key]
        for style, key in (("backgroundColor", "background"), ("color", "color"))
        if cell.get(key)
    }
    return {**column, "headerStyle": look} if look else column


def _side(drawn: list[list[Mapping[str, Any]]], at: int) -> str:
    """Return how a column's cells stand, told by the first of them: numbers to the right."""
    first = drawn[1] if len(drawn) > 1 else []
    return _SIDES.get(str(first[at].get("align", "")), "") if at < len(first) else ""


def _row(number: int, cells: list[Mapping[str, Any]]) -> Row:
    """Return a row: the shown texts by field, and per field what else there is to show."""
    fields = [f"c{at + 1}" for at in range(len(cells))]
    row: Row = {"row": number, "open": {}, "links": {}, **{name: {} for name in _LOOKS}}
    for field, cell in zip(fields, cells, strict=True):
        row[field] = cell["text"]
        for name, key in _LOOKS.items():
            if cell.get(key):
                row[name][field] = cell[key]
        if _OURS in cell.get("link", ""):
            row["links"][field] = cell["link"]
        if cell["editable"]:
            row["open"][field] = True
    return row
