"""Native charts of Sheets over the tables of the tab.

Source: Sheets API v4 reference, `EmbeddedChart`, `BasicChartSpec`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kartoteka.ports import Doc, Json
from sync.board.canvas import COLUMNS, FIRST_WIDTH, WIDTH, Area, Canvas
from sync.wire import colour

ROWS = 15  # of the tab that one chart covers
HEIGHT = 348
HALF = 6  # columns from the left to the second chart of a row
_GAP = 12
PALETTE = ("#1f5fa8", "#2fa36b", "#f0a030", "#8e63ce", "#17a2b8", "#9aa5b1", "#c94f4f")
AIM = ("#2fa36b", "#f0a030")  # what is done, and what it is compared with
ALARM = ("#c94f4f", "#f0a030")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a table: its first column says what, the columns `series` say how much.

    `lines` are those of the series that a COMBO draws as lines.
    """

    table: str  # which one
    title: str
    kind: str  # COLUMN, BAR, LINE, COMBO
    series: Sequence[int]
    lines: Sequence[int] = ()
    stacked: bool = False
    inks: Sequence[str] = PALETTE


def height(charts: Sequence[Chart]) -> int:
    """Return how many rows of the tab the charts cover, two in a row."""
    return -(-len(charts) // 2) * ROWS


def hang(canvas: Canvas, charts: Sequence[Chart], tables: Mapping[str, Area], top: int) -> None:
    """Hang the charts two in a row from this row on, each over its table's cells."""
    for place, chart in enumerate(charts):
        row, area = top + place // 2 * ROWS, tables[chart.table]
        drawn = {
            "spec": _spec(canvas.sheet_id, chart, area),
            "position": _position(canvas.sheet_id, row, is_right=bool(place % 2)),
        }
        canvas.charts.append(drawn)


def _position(sheet_id: int, row: int, *, is_right: bool) -> Doc:
    column = HALF if is_right else 0
    anchor: Doc = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    wide = (COLUMNS - HALF) * WIDTH if is_right else FIRST_WIDTH + (HALF - 1) * WIDTH
    return {
        "overlayPosition": {
            "anchorCell": anchor,
            "widthPixels": wide - _GAP,
            "heightPixels": HEIGHT,
        }
    }


def _spec(sheet_id: int, chart: Chart, area: Area) -> Doc:
    basic: dict[str, Json] = {
        "chartType": chart.kind,
        "legendPosition": "BOTTOM_LEGEND" if len(chart.series) > 1 else "NO_LEGEND",
        "domains": [{"domain": _source(sheet_id, area.column(0))}],
        "series": [_series(sheet_id, chart, place, area) for place in range(len(chart.series))],
        "headerCount": 1,
    }
    if chart.stacked:
        basic["stackedType"] = "STACKED"
    return {
        "title": chart.title,
        "titleTextFormat": {"bold": True, "fontSize": 12, "foregroundColor": colour("#1f3a5f")},
        "basicChart": basic,
    }


def _series(sheet_id: int, chart: Chart, place: int, area: Area) -> Doc:
    column = chart.series[place]
    drawn: dict[str, Json] = {
        "series": _source(sheet_id, area.column(column)),
        "targetAxis": "BOTTOM_AXIS" if chart.kind == "BAR" else "LEFT_AXIS",
        "color": colour(chart.inks[place % len(chart.inks)]),
    }
    if chart.kind == "COMBO":
        drawn["type"] = "LINE" if column in chart.lines else "COLUMN"
    if chart.kind == "LINE" or column in chart.lines:
        drawn["lineStyle"] = {"width": 3}
    return drawn


def _source(sheet_id: int, area: Area) -> Doc:
    return {"sourceRange": {"sources": [area.on(sheet_id)]}}
