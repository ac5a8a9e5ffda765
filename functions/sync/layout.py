"""How a tab is built: Sheets v4 requests for grid, headers, formats, dropdowns and colours.

Source: Sheets API v4 reference, `Request`; ranges without an end reach to the end of the grid.
"""

import json
from collections.abc import Sequence

from kartoteka.domain.ids import derived
from kartoteka.domain.model import Lead
from kartoteka.ports import CellValue, Doc, Json
from sync.columns import BASE, ID, Column, Frame, Kind, Tab

GRID_ROWS = 200  # of a new tab, and by how many it grows
DATE_PATTERN = "dd.mm.yyyy hh:mm"
_HEADER_HEIGHT = 34
_PAPER, _TINT, _INK, _SOFT = "#ffffff", "#eef4ff", "#1f3a5f", "#5f6b7a"
_RED = "#c5221f"
_LOCALES = {"ru": "ru_RU", "en": "en_US"}


def workbook_requests(title: str, frame: Frame) -> list[Doc]:
    """Return the requests that give a workbook its name, language and time zone."""
    properties: dict[str, Json] = {
        "title": title,
        "locale": _LOCALES.get(frame.locale, "ru_RU"),
        "timeZone": frame.settings.office.work.zone,
    }
    fields = ",".join(properties)
    return [_request("updateSpreadsheetProperties", properties=properties, fields=fields)]


def tab_requests(tab: Tab, frame: Frame, owner: str) -> list[Doc]:
    """Return the requests that make a whole new tab; `owner` alone may change its header."""
    return [
        _add_sheet(tab, frame),
        _headers(tab, frame),
        *_widths(tab),
        *body_requests(tab, frame, first=1),
        *_colours(tab, frame),
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
        _request(
            "setDataValidation",
            range=_range(tab, column, first),
            rule={
                "condition": {
                    "type": "ONE_OF_LIST",
                    "values": [{"userEnteredValue": choice} for choice in column.choices(frame)],
                },
                "showCustomUi": True,
                "strict": False,
            },
        )
        for column in tab.columns
        if column.choices is not None
    ]


def dropdown_print(tabs: Sequence[Tab], frame: Frame) -> str:
    """Return a fingerprint of all dropdowns: when it changes they must be sent again."""
    return derived("dd", json.dumps([dropdown_requests(tab, frame) for tab in tabs]))


def grow_requests(tab: Tab, frame: Frame, rows: int, more: int) -> list[Doc]:
    """Return the requests that lengthen a grid of `rows` rows, formats included."""
    longer = _request("appendDimension", sheetId=tab.sheet_id, dimension="ROWS", length=more)
    return [longer, *body_requests(tab, frame, first=rows)]


def widen_request(tab: Tab, more: int) -> Doc:
    """Return the request that gives a tab the columns it lacks."""
    return _request("appendDimension", sheetId=tab.sheet_id, dimension="COLUMNS", length=more)


def delete_tab_request(sheet_id: int) -> Doc:
    """Return the request that deletes a tab (the empty one of a new workbook)."""
    return _request("deleteSheet", sheetId=sheet_id)


def append_request(
    sheet_id: int, rows: Sequence[Sequence[CellValue]], notes: Sequence[tuple[int, str] | None] = ()
) -> Doc:
    """Return the request that adds rows behind the last one with data, whatever was typed there.

    Args:
        sheet_id: the tab.
        rows: cells from column A on.
        notes: per row the column (from 0) and text of a note; none at all when empty.
    """
    made: list[dict[str, list[dict[str, Json]]]] = [
        {"values": [_value(cell) for cell in row]} for row in rows
    ]
    for row, note in zip(made, notes, strict=False):
        if note is not None:
            row["values"][note[0]]["note"] = note[1]
    fields = "userEnteredValue,note" if notes else "userEnteredValue"
    return _request("appendCells", sheetId=sheet_id, rows=made, fields=fields)


def cell_request(
    sheet_id: int,
    place: tuple[int, int],
    value: CellValue | None = None,
    note: str | None = None,
) -> Doc:
    """Return the request that sets one cell's value, note or both.

    Args:
        sheet_id: the tab.
        place: row and column, from 0.
        value: None leaves the value.
        note: None leaves the note, empty text takes it away.
    """
    cell: dict[str, Json] = {} if value is None else dict(_value(value))
    if note is not None:
        cell["note"] = note
    fields = [] if value is None else ["userEnteredValue"]
    fields += [] if note is None else ["note"]
    start = {"sheetId": sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    return _request("updateCells", start=start, rows=[{"values": [cell]}], fields=",".join(fields))


def delete_rows_request(sheet_id: int, first: int, end: int) -> Doc:
    """Return the request that deletes the rows from `first` up to `end`, counted from 0."""
    place: Doc = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": first, "endIndex": end}
    return _request("deleteDimension", range=place)


def headers_of(tab: Tab, frame: Frame) -> dict[str, str]:
    """Return the header of every column by its key."""
    named = {column.key: frame.say(f"col_{column.header}") for column in tab.columns}
    system = {BASE: frame.say("col_base")} if tab.two_way else {}
    return {ID: "ID", **named, **system}


def _request(kind: str, **content: Json) -> Doc:
    return {kind: content}


def _value(cell: CellValue) -> dict[str, Json]:
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell}} if cell else {}
    return {"userEnteredValue": {"numberValue": cell}}


def _range(tab: Tab, column: Column, first: int) -> dict[str, Json]:
    return _place(tab, tab.keys.index(column.key), first)


def _place(tab: Tab, index: int, first: int) -> dict[str, Json]:
    return {
        "sheetId": tab.sheet_id,
        "startRowIndex": first,
        "startColumnIndex": index,
        "endColumnIndex": index + 1,
    }


def _colour(code: str) -> dict[str, Json]:
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return {"red": red, "green": green, "blue": blue}


def _add_sheet(tab: Tab, frame: Frame) -> Doc:
    grid: Doc = {"rowCount": GRID_ROWS, "columnCount": len(tab.keys), "frozenRowCount": 1}
    properties: dict[str, Json] = {
        "sheetId": tab.sheet_id,
        "title": frame.say(tab.title),
        "gridProperties": grid,
    }
    return _request("addSheet", properties=properties)


def _headers(tab: Tab, frame: Frame) -> Doc:
    editable = {column.key for column in tab.columns if column.editable}
    cells: list[Json] = []
    for key, header in headers_of(tab, frame).items():
        look: Doc = {
            "backgroundColor": _colour(_INK if key in editable else _SOFT),
            "textFormat": {"bold": True, "foregroundColor": _colour(_PAPER)},
            "verticalAlignment": "MIDDLE",
        }
        cells.append({**_value(header), "userEnteredFormat": look})
    start = {"sheetId": tab.sheet_id, "rowIndex": 0, "columnIndex": 0}
    rows: list[Json] = [{"values": cells}]
    return _request(
        "updateCells", start=start, rows=rows, fields="userEnteredValue,userEnteredFormat"
    )


def _widths(tab: Tab) -> list[Doc]:
    widths = [(tab.keys.index(column.key), column.width) for column in tab.columns]
    hidden = [tab.keys.index(key) for key in (ID, BASE) if key in tab.keys]
    height = _dimension(tab, "ROWS", 0, pixelSize=_HEADER_HEIGHT)
    return [
        height,
        *(_dimension(tab, "COLUMNS", index, pixelSize=width) for index, width in widths),
        *(_dimension(tab, "COLUMNS", index, hiddenByUser=True) for index in hidden),
    ]


def _dimension(tab: Tab, dimension: str, index: int, **properties: Json) -> Doc:
    place: Doc = {
        "sheetId": tab.sheet_id,
        "dimension": dimension,
        "startIndex": index,
        "endIndex": index + 1,
    }
    return _request(
        "updateDimensionProperties",
        range=place,
        properties=properties,
        fields=",".join(properties),
    )


def _format(tab: Tab, column: Column, first: int) -> Doc:
    is_date = column.kind is Kind.DATE
    pattern = {"type": "DATE_TIME", "pattern": DATE_PATTERN} if is_date else {"type": "TEXT"}
    look: dict[str, Json] = {
        "numberFormat": pattern,
        "verticalAlignment": "MIDDLE",
        "wrapStrategy": "CLIP",
        "backgroundColor": _colour(_TINT if column.editable else _PAPER),
    }
    if is_date:
        look["horizontalAlignment"] = "CENTER"
    fields = ",".join(f"userEnteredFormat.{name}" for name in look)
    return _request(
        "repeatCell",
        range=_range(tab, column, first),
        cell={"userEnteredFormat": look},
        fields=fields,
    )


def _colours(tab: Tab, frame: Frame) -> list[Doc]:
    """Return the rules: overdue is red, a lead's row has the colour of its stage.

    Formulas hold no separators, for those differ from language to language.
    """
    rules = [_overdue(tab, column, frame) for column in tab.columns if column.key == "due"]
    if tab.column("stage") is not None:
        rules += _stage_rules(tab, frame)
    return rules


def _overdue(tab: Tab, column: Column, frame: Frame) -> Doc:
    letter = letter_of(tab.keys.index(column.key))
    look: Doc = {"textFormat": {"bold": True, "foregroundColor": _colour(_RED)}}
    late = f'=(${letter}2<>"")*(${letter}2<NOW())'
    if tab.column("state") is not None:
        place = letter_of(tab.keys.index("state"))
        late += f'*(${place}2="{frame.say("state_open")}")'
    return _rule([_range(tab, column, 1)], late, look)


def _stage_rules(tab: Tab, frame: Frame) -> list[Doc]:
    letter = letter_of(tab.keys.index("stage"))
    coloured = [c for c in tab.columns if not c.editable or c.key == "stage"]
    places: list[Json] = [_range(tab, column, 1) for column in coloured]
    rules = []
    for name, colour in _stage_colours(tab, frame).items():
        look: Doc = {"backgroundColor": _colour(colour)}
        quoted = name.replace('"', '""')
        rules.append(_rule(places, f'=${letter}2="{quoted}"', look))
    return rules


def _stage_colours(tab: Tab, frame: Frame) -> dict[str, str]:
    """Return the colour of every stage that rows of this tab may be on, by its name."""
    office = frame.settings.office
    lines = [office.leads] if tab.entity == Lead.kind else office.pipelines
    stages = (stage for line in lines if line.active for stage in line.stages)
    return {frame.named(stage): stage.colour for stage in stages if stage.colour}


def _rule(places: list[Json], formula: str, look: Json) -> Doc:
    condition: Doc = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    rule: Doc = {"ranges": places, "booleanRule": {"condition": condition, "format": look}}
    return _request("addConditionalFormatRule", rule=rule, index=0)


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
        {"range": _place(tab, tab.keys.index(key), 1), "warningOnly": True}
        for key in (ID, BASE)
        if tab.two_way
    ]
    return [_request("addProtectedRange", protectedRange=item) for item in (strict, *hidden)]


def letter_of(index: int) -> str:
    """Return the letters of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
