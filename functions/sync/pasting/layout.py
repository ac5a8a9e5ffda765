"""How the tab «Импорт» is built: names, a place to choose, answers, room for rows."""

from collections.abc import Sequence

from kartoteka.ports import Doc, Json
from sync.colours import TINT
from sync.columns import Frame, Tab
from sync.pasting.rows import FIRST, TOP, names
from sync.wire import cell_value, colour, request

LOAD, UNDO, CLEAR = "paste_load", "paste_undo", "paste_clear"
ROWS, COLUMNS = 1_000, 26  # of a new tab
_SAID = 7  # columns up to which the words at the top go
_WIDTHS = (150, 330)  # of the answers, in pixels
_WIDTH, _TALL, _LOW = 140, 64, 30
_PAPER, _INK, _SOFT, _PALE = "#ffffff", "#1f3a5f", "#5f6b7a", "#f6f8fb"
_MARKS = (
    ("import_error", "#c5221f", "#fce8e6"),
    ("import_update", "#1f3a5f", "#e1f0fa"),
    ("import_new", "#188038", "#e6f4ea"),
)


def requests_of(tab: Tab, frame: Frame, owner: str, index: int | None = None) -> list[Doc]:
    """Return the requests that make the whole tab; `owner` alone may change its names."""
    return [
        _sheet(tab, frame, index),
        _top(tab, frame),
        request("mergeCells", range=_place(tab, (1, TOP), (1, _SAID)), mergeType="MERGE_ALL"),
        _titles(tab, frame),
        *_sizes(tab),
        _choices(tab, frame),
        *_looks(tab),
        *_colours(tab, frame),
        *_protections(tab, owner),
    ]


def _sheet(tab: Tab, frame: Frame, index: int | None) -> Doc:
    properties: dict[str, Json] = {
        "sheetId": tab.sheet_id,
        "title": frame.say(tab.title),
        "gridProperties": {
            "rowCount": ROWS,
            "columnCount": COLUMNS,
            "frozenRowCount": TOP,
            "frozenColumnCount": 1,
        },
    }
    if index is not None:
        properties["index"] = index
    return request("addSheet", properties=properties)


def _top(tab: Tab, frame: Frame) -> Doc:
    chosen: Doc = {
        "backgroundColor": colour(TINT),
        "verticalAlignment": "MIDDLE",
        "textFormat": {"bold": True, "foregroundColor": colour(_INK)},
    }
    said: Doc = {
        "verticalAlignment": "MIDDLE",
        "wrapStrategy": "WRAP",
        "textFormat": {"foregroundColor": colour(_INK)},
    }
    cells: list[Json] = [
        {"userEnteredFormat": chosen},
        {**cell_value(frame.say("paste_hint")), "userEnteredFormat": said},
    ]
    return _cells(tab, 1, cells)


def _titles(tab: Tab, frame: Frame) -> Doc:
    ours = [frame.say("import_verdict"), frame.say("import_why")]
    cells: list[Json] = []
    for place, title in enumerate((*ours, *names(frame))):
        look: Doc = {
            "backgroundColor": colour(_SOFT if place < FIRST else _INK),
            "textFormat": {"bold": True, "foregroundColor": colour(_PAPER)},
            "verticalAlignment": "MIDDLE",
        }
        cells.append({**cell_value(title), "userEnteredFormat": look})
    return _cells(tab, 0, cells)


def _cells(tab: Tab, row: int, cells: Sequence[Json]) -> Doc:
    start = {"sheetId": tab.sheet_id, "rowIndex": row, "columnIndex": 0}
    rows: list[Json] = [{"values": [*cells]}]
    fields = "userEnteredValue,userEnteredFormat"
    return request("updateCells", start=start, rows=rows, fields=fields)


def _sizes(tab: Tab) -> list[Doc]:
    spans = [(place, place + 1, width) for place, width in enumerate(_WIDTHS)]
    spans.append((FIRST, COLUMNS, _WIDTH))
    heights = [_size(tab, "ROWS", (row, row + 1), high) for row, high in enumerate((_LOW, _TALL))]
    return [*heights, *(_size(tab, "COLUMNS", (first, end), wide) for first, end, wide in spans)]


def _size(tab: Tab, dimension: str, span: tuple[int, int], pixels: int) -> Doc:
    place: Doc = {
        "sheetId": tab.sheet_id,
        "dimension": dimension,
        "startIndex": span[0],
        "endIndex": span[1],
    }
    size: Json = {"pixelSize": pixels}
    return request("updateDimensionProperties", range=place, properties=size, fields="pixelSize")


def _choices(tab: Tab, frame: Frame) -> Doc:
    offered = [{"userEnteredValue": frame.say(f"act_{code}")} for code in (LOAD, UNDO, CLEAR)]
    rule: Json = {
        "condition": {"type": "ONE_OF_LIST", "values": [*offered]},
        "showCustomUi": True,
        "strict": False,
    }
    return request("setDataValidation", range=_place(tab, (1, TOP), (0, 1)), rule=rule)


def _looks(tab: Tab) -> list[Doc]:
    """Return the looks of the rows: what is pasted stays text, whatever a sheet makes of it."""
    answers: Doc = {
        "numberFormat": {"type": "TEXT"},
        "backgroundColor": colour(_PALE),
        "wrapStrategy": "WRAP",
        "verticalAlignment": "TOP",
        "textFormat": {"fontSize": 9},
    }
    pasted: Doc = {
        "numberFormat": {"type": "TEXT"},
        "wrapStrategy": "CLIP",
        "verticalAlignment": "TOP",
    }
    return [
        _look(tab, (0, FIRST), answers),
        _look(tab, (FIRST, COLUMNS), pasted),
    ]


def _look(tab: Tab, columns: tuple[int, int], look: Doc) -> Doc:
    fields = ",".join(f"userEnteredFormat.{name}" for name in look)
    place = _place(tab, (TOP, None), columns)
    return request("repeatCell", range=place, cell={"userEnteredFormat": look}, fields=fields)


def _colours(tab: Tab, frame: Frame) -> list[Doc]:
    place = _place(tab, (TOP, None), (0, 1))
    return [
        request(
            "addConditionalFormatRule",
            index=0,
            rule={
                "ranges": [place],
                "booleanRule": {
                    "condition": {
                        "type": "TEXT_CONTAINS",
                        "values": [{"userEnteredValue": frame.say(code)}],
                    },
                    "format": {
                        "textFormat": {"bold": True, "foregroundColor": colour(ink)},
                        "backgroundColor": colour(paper),
                    },
                },
            },
        )
        for code, ink, paper in _MARKS
    ]


def _protections(tab: Tab, owner: str) -> list[Doc]:
    """Return the protections: names and the line at the top are ours, of answers Google warns."""
    ours: list[Json] = [
        {"range": _place(tab, (0, 1), (0, COLUMNS)), "editors": {"users": [owner]}},
        {"range": _place(tab, (1, TOP), (1, COLUMNS)), "editors": {"users": [owner]}},
        {"range": _place(tab, (TOP, None), (0, FIRST)), "warningOnly": True},
    ]
    return [request("addProtectedRange", protectedRange=item) for item in ours]


def _place(tab: Tab, rows: tuple[int, int | None], columns: tuple[int, int]) -> dict[str, Json]:
    end = {} if rows[1] is None else {"endRowIndex": rows[1]}
    return {
        "sheetId": tab.sheet_id,
        "startRowIndex": rows[0],
        **end,
        "startColumnIndex": columns[0],
        "endColumnIndex": columns[1],
    }
