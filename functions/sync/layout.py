"""How a tab is built: Sheets v4 requests for grid, headers, formats, dropdowns and colours.

Source: Sheets API v4 reference, `Request`; ranges without an end reach to the end of the grid.
"""

import json
import math
from collections.abc import Mapping, Sequence

from kartoteka.domain.ids import derived
from kartoteka.ports import CellValue, Doc, Json, Rows, WorkbookInfo
from sync.colours import TINT, colour_requests, coloured, ink_of, repainted
from sync.columns import BASE, FIGURES, ID, PASTED, Column, Frame, Kind, Tab
from sync.pasting import layout as pasting
from sync.wire import cell_value, colour, column_place, column_range, request

GRID_ROWS = 200  # of a new tab, and by how many it grows
DATE_PATTERN = "dd.mm.yyyy hh:mm"
_HEADER_HEIGHT, _HEADER_AIR, _HEADER_LINE = 34, 8, 17  # pixels: at least, around lines, of each
_LETTER, _SIDE_AIR = 7.6, 8  # pixels: a bold letter on average, and the air of a cell
_COUNTED = 250  # pixels: the header has room for the counters
_PAPER, _INK, _SOFT = "#ffffff", "#1f3a5f", "#5f6b7a"
_LINKED = "userEnteredFormat.textFormat.link"
_NUMBERS = {
    Kind.DATE: {"type": "DATE_TIME", "pattern": DATE_PATTERN},
    Kind.MONEY: {"type": "NUMBER", "pattern": "#,##0.00"},
    Kind.NUMBER: {"type": "NUMBER", "pattern": "0"},
}
_SIDES = {Kind.DATE: "CENTER", Kind.MONEY: "RIGHT", Kind.NUMBER: "CENTER"}
_LOCALES = {"ru": "ru_RU", "en": "en_US"}


def workbook_requests(title: str, frame: Frame) -> list[Doc]:
    """Return the requests that give a workbook its name, language and time zone."""
    properties: dict[str, Json] = {
        "title": title,
        "locale": _LOCALES.get(frame.locale, "ru_RU"),
        "timeZone": frame.settings.office.work.zone,
    }
    fields = ",".join(properties)
    return [request("updateSpreadsheetProperties", properties=properties, fields=fields)]


def tab_requests(tab: Tab, frame: Frame, owner: str, index: int | None = None) -> list[Doc]:
    """Return the requests that make a whole new tab; `owner` alone may change its header.

    `index` is its place among the tabs, from 0; None: the last.
    """
    if tab.entity == FIGURES:
        return [_add_sheet(tab, frame, index)]
    if tab.entity == PASTED:
        return pasting.requests_of(tab, frame, owner, index)
    return [
        _add_sheet(tab, frame, index),
        _headers(tab, frame),
        *_widths(tab, frame),
        *body_requests(tab, frame, first=1),
        *colour_requests(tab, frame),
        *filter_requests(tab, frame),
        *_protections(tab, owner),
    ]


def body_requests(tab: Tab, frame: Frame, first: int) -> list[Doc]:
    """Return formats and dropdowns of the rows from `first` (0 is the header) to the grid's end."""
    return [
        *(_format(tab, column, first) for column in tab.columns),
        *dropdown_requests(tab, frame, first),
    ]


def dropdown_requests(tab: Tab, frame: Frame, first: int = 1) -> list[Doc]:
    """Return the dropdowns; a wrong entry is accepted by Google and answered by us with a note."""
    return [
        _dropdown(column.choices(frame), column_range(tab, column, first))
        for column in tab.columns
        if column.choices is not None
    ]


def _dropdown(choices: Sequence[str], where: Doc) -> Doc:
    """Return the dropdown of a column; without choices none: Google refuses an empty one."""
    if not choices:
        return request("setDataValidation", range=where)
    values: list[Doc] = [{"userEnteredValue": choice} for choice in choices]
    condition: Doc = {"type": "ONE_OF_LIST", "values": [*values]}
    rule: Doc = {"condition": condition, "showCustomUi": True, "strict": False}
    return request("setDataValidation", range=where, rule=rule)


def words_print(tabs: Sequence[Tab], frame: Frame) -> str:
    """Return a fingerprint of the words of a book: dropdowns, colours of stages, what tabs are."""
    told = [
        [dropdown_requests(tab, frame), coloured(tab, frame), about(tab, frame)] for tab in tabs
    ]
    return derived("dd", json.dumps(told))


def words_requests(tab: Tab, frame: Frame, info: WorkbookInfo) -> list[Doc]:
    """Return the requests that bring the words of a tab, and their colours, up to date."""
    rules = info.rules.get(tab.sheet_id, ())
    said = about(tab, frame)
    note = [cell_request(tab.sheet_id, (0, 1), note=said)] if said else []
    return [*dropdown_requests(tab, frame), *repainted(tab, frame, rules), *note]


def about(tab: Tab, frame: Frame) -> str:
    """Return what comes into a tab and how, the note on its first header; empty if it says so."""
    if tab.entity in {FIGURES, PASTED}:
        return ""
    return frame.say("about_closed" if tab.closed and not tab.opens else f"about_{tab.title}")


def grow_requests(tab: Tab, frame: Frame, rows: int, more: int) -> list[Doc]:
    """Return the requests that lengthen a grid of `rows` rows, formats included."""
    longer = request("appendDimension", sheetId=tab.sheet_id, dimension="ROWS", length=more)
    return [longer, *body_requests(tab, frame, first=rows)]


def widen_request(tab: Tab, more: int) -> Doc:
    """Return the request that gives a tab the columns it lacks."""
    return request("appendDimension", sheetId=tab.sheet_id, dimension="COLUMNS", length=more)


def delete_tab_request(sheet_id: int) -> Doc:
    """Return the request that deletes a tab (the empty one of a new workbook)."""
    return request("deleteSheet", sheetId=sheet_id)


def append_request(
    sheet_id: int,
    rows: Sequence[Sequence[CellValue]],
    notes: Sequence[tuple[int, str] | None] = (),
    links: Sequence[Mapping[int, str]] = (),
) -> Doc:
    """Return the request that adds rows behind the last one with data, whatever was typed there.

    Args:
        sheet_id: the tab.
        rows: cells from column A on.
        notes: per row the column (from 0) and text of a note; none at all when empty.
        links: per row where its cells lead, by column from 0; none at all when empty.
    """
    made: list[dict[str, list[dict[str, Json]]]] = [
        {"values": [cell_value(cell) for cell in row]} for row in rows
    ]
    for row, note in zip(made, notes, strict=False):
        if note is not None:
            row["values"][note[0]]["note"] = note[1]
    for row, led in zip(made, links, strict=False):
        for place, link in led.items():
            row["values"][place]["userEnteredFormat"] = _leading(link)
    fields = ["userEnteredValue", *(["note"] if notes else []), *([_LINKED] if links else [])]
    return request("appendCells", sheetId=sheet_id, rows=made, fields=",".join(fields))


def _leading(link: str) -> Json:
    """Return the format of a cell whose text leads somewhere, in the colour of all the others."""
    return {"textFormat": {"link": {"uri": link}}} if link else {}


def cell_request(
    sheet_id: int,
    place: tuple[int, int],
    value: CellValue | None = None,
    note: str | None = None,
    *,
    link: str | None = None,
) -> Doc:
    """Return the request that sets one cell's value, note or both.

    Args:
        sheet_id: the tab.
        place: row and column, from 0.
        value: None leaves the value.
        note: None leaves the note, empty text takes it away.
        link: None leaves where the text leads, empty text takes it away.
    """
    cell: dict[str, Json] = {} if value is None else dict(cell_value(value))
    if note is not None:
        cell["note"] = note
    if link is not None:
        cell["userEnteredFormat"] = _leading(link)
    fields = [] if value is None else ["userEnteredValue"]
    fields += [] if note is None else ["note"]
    fields += [] if link is None else [_LINKED]
    start = {"sheetId": sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    return request("updateCells", start=start, rows=[{"values": [cell]}], fields=",".join(fields))


def cells_request(sheet_id: int, place: tuple[int, int], cells: Sequence[CellValue]) -> Doc:
    """Return the request that writes neighbouring cells of a row; empty text empties a cell."""
    start = {"sheetId": sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    rows: list[Json] = [{"values": [cell_value(cell) for cell in cells]}]
    return request("updateCells", start=start, rows=rows, fields="userEnteredValue")


def delete_rows_request(sheet_id: int, first: int, end: int) -> Doc:
    """Return the request that deletes the rows from `first` up to `end`, counted from 0."""
    place: Doc = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": first, "endIndex": end}
    return request("deleteDimension", range=place)


def headers_of(tab: Tab, frame: Frame) -> dict[str, str]:
    """Return the header of every column by its key."""
    named = {column.key: frame.say(f"col_{column.header}") for column in tab.columns}
    system = {BASE: frame.say("col_base")} if tab.two_way else {}
    return {ID: "ID", **named, **system}


def blank(tab: Tab, frame: Frame) -> Rows:
    """Return what is to be read in a tab that was just made: its headers, or nothing yet."""
    return [] if tab.entity == FIGURES else [[*headers_of(tab, frame).values()]]


def _add_sheet(tab: Tab, frame: Frame, index: int | None) -> Doc:
    grid: dict[str, Json] = {
        "rowCount": GRID_ROWS,
        "columnCount": len(tab.keys),
        "frozenRowCount": 1,
    }
    if tab.acts and "name" in tab.keys[:4]:
        grid["frozenColumnCount"] = tab.keys.index("name") + 1
    properties: dict[str, Json] = {
        "sheetId": tab.sheet_id,
        "title": frame.say(tab.title),
        "gridProperties": grid,
    }
    if index is not None:
        properties["index"] = index
    return request("addSheet", properties=properties)


def _headers(tab: Tab, frame: Frame) -> Doc:
    editable = {column.key for column in tab.columns if column.editable}
    cells: list[Json] = []
    for key, header in headers_of(tab, frame).items():
        look: Doc = {
            "backgroundColor": colour(_INK if key in editable else _SOFT),
            "textFormat": {"bold": True, "foregroundColor": colour(_PAPER)},
            "verticalAlignment": "MIDDLE",
            "wrapStrategy": "WRAP",
        }
        note: Doc = {"note": about(tab, frame)} if key == tab.columns[0].key else {}
        cells.append({**cell_value(header), "userEnteredFormat": look, **note})
    start = {"sheetId": tab.sheet_id, "rowIndex": 0, "columnIndex": 0}
    rows: list[Json] = [{"values": cells}]
    fields = "userEnteredValue,userEnteredFormat,note"
    return request("updateCells", start=start, rows=rows, fields=fields)


def _header_lines(tab: Tab, frame: Frame, widths: Mapping[str, int]) -> int:
    """Return how many lines the longest header takes: a row of given height never grows."""
    named = headers_of(tab, frame)
    told = [
        math.ceil(len(named[key]) * _LETTER / (width - _SIDE_AIR)) for key, width in widths.items()
    ]
    return max([*told, 3 if tab.counted else 1])  # the counters wrap below the name


def _widths(tab: Tab, frame: Frame) -> list[Doc]:
    seen = [column for column in tab.columns if not column.is_hidden]
    widths = {c.key: _COUNTED if c.key == tab.counted else c.width for c in seen}
    unseen = (ID, BASE, *(column.key for column in tab.columns if column.is_hidden))
    hidden = [tab.keys.index(key) for key in unseen if key in tab.keys]
    lines = _header_lines(tab, frame, widths)
    pixels = max(_HEADER_HEIGHT, _HEADER_AIR + _HEADER_LINE * lines)
    height = _dimension(tab, "ROWS", 0, pixelSize=pixels)
    return [
        height,
        *(
            _dimension(tab, "COLUMNS", tab.keys.index(key), pixelSize=width)
            for key, width in widths.items()
        ),
        *(_dimension(tab, "COLUMNS", index, hiddenByUser=True) for index in hidden),
    ]


def _dimension(tab: Tab, dimension: str, index: int, **properties: Json) -> Doc:
    place: Doc = {
        "sheetId": tab.sheet_id,
        "dimension": dimension,
        "startIndex": index,
        "endIndex": index + 1,
    }
    return request(
        "updateDimensionProperties",
        range=place,
        properties=properties,
        fields=",".join(properties),
    )


def _format(tab: Tab, column: Column, first: int) -> Doc:
    pattern: Json = _NUMBERS.get(column.kind, {"type": "TEXT"})
    look: dict[str, Json] = {
        "numberFormat": pattern,
        "verticalAlignment": "MIDDLE",
        "wrapStrategy": "WRAP" if column.kind is Kind.LINES else "CLIP",
        "backgroundColor": colour(TINT if column.editable else _PAPER),
    }
    side = "CENTER" if column.key == "priority" else _SIDES.get(column.kind, "")
    if side:
        look["horizontalAlignment"] = side
    if ink := ink_of(column):
        look["textFormat"] = ink
    fields = ",".join(f"userEnteredFormat.{name}" for name in look)
    return request(
        "repeatCell",
        range=column_range(tab, column, first),
        cell={"userEnteredFormat": look},
        fields=fields,
    )


def filter_requests(tab: Tab, frame: Frame) -> list[Doc]:
    """Return the filter views that a person may choose: what is late, what is due today."""
    due = next((column for column in tab.columns if column.key == "due"), None)
    if due is None or not tab.acts:
        return []
    index = tab.keys.index(due.key)
    views = {"col_overdue": "DATE_BEFORE", "col_today": "DATE_EQ"}
    return [
        request(
            "addFilterView",
            filter={
                "title": frame.say(code),
                "range": {"sheetId": tab.sheet_id, "endColumnIndex": len(tab.keys)},
                "filterSpecs": [{"columnIndex": index, "filterCriteria": _on(kind)}],
            },
        )
        for code, kind in views.items()
    ]


def _on(kind: str) -> Json:
    return {"condition": {"type": kind, "values": [{"relativeDate": "TODAY"}]}}


def _protections(tab: Tab, owner: str) -> list[Doc]:
    """Return the protections.

    Headers and one-way tabs are ours alone. The hidden columns of a two-way tab only warn: a
    strict protection would forbid people to sort, move and delete rows at all.
    """
    ours: dict[str, Json] = {"sheetId": tab.sheet_id}
    if tab.two_way:
        ours |= {"startRowIndex": 0, "endRowIndex": 1}
    strict: Json = {"range": ours, "editors": {"users": [owner]}}
    hidden: list[Json] = [
        {"range": column_place(tab, tab.keys.index(key), 1), "warningOnly": True}
        for key in (ID, BASE)
        if tab.two_way
    ]
    return [request("addProtectedRange", protectedRange=item) for item in (strict, *hidden)]
