"""A tab that is drawn, not listed: cells with looks at fixed places, and charts over them.

Rows and columns count from 0. What is drawn falls into two: the *shape* (looks, merges, charts,
size), which costs a structural call when it changes, and the *values*, which are written alone
while the shape stays.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from kartoteka.domain.ids import derived
from kartoteka.ports import CellValue, Doc, Json
from sync.wire import colour, request

COLUMNS = 13
FIRST_WIDTH, WIDTH = 250, 94  # pixels: the column of names, and every other
ROW_HEIGHT = 24
_PAPER, _INK, _SOFT, _MUTED, _LINE = "#ffffff", "#1f3a5f", "#f3f6fa", "#5f6b7a", "#d7dee8"
_WHOLE, _SHARE, _DAY = "#,##0", "0%", "dd.mm"


def _text(size: int, ink: str, *, bold: bool = False) -> Doc:
    return {"fontSize": size, "bold": bold, "foregroundColor": colour(ink)}


def _number(pattern: str, kind: str = "NUMBER") -> dict[str, Json]:
    return {"numberFormat": {"type": kind, "pattern": pattern}, "horizontalAlignment": "RIGHT"}


_BORDER: Doc = {"style": "SOLID", "color": colour(_LINE)}
_BODY: dict[str, Json] = {"textFormat": _text(10, _INK), "borders": {"bottom": _BORDER}}
_CARD: dict[str, Json] = {"backgroundColor": colour(_SOFT), "horizontalAlignment": "LEFT"}
LOOKS: dict[str, dict[str, Json]] = {
    "page": {"backgroundColor": colour(_PAPER), "verticalAlignment": "MIDDLE"},
    "title": {"textFormat": _text(18, _INK, bold=True)},
    "aside": {"textFormat": _text(9, _MUTED), "horizontalAlignment": "RIGHT"},
    "card_name": {**_CARD, "textFormat": _text(9, _MUTED)},
    "card_value": {**_CARD, "textFormat": _text(22, _INK, bold=True)},
    "card_note": {**_CARD, "textFormat": _text(9, _MUTED)},
    "heading": {"textFormat": _text(13, _INK, bold=True)},
    "header": {
        "backgroundColor": colour(_INK),
        "textFormat": _text(9, _PAPER, bold=True),
        "wrapStrategy": "WRAP",
        "horizontalAlignment": "CENTER",
    },
    "name": {**_BODY, "horizontalAlignment": "LEFT"},
    "count": {**_BODY, **_number(_WHOLE)},
    "money": {**_BODY, **_number(_WHOLE)},
    "share": {**_BODY, **_number(_SHARE, "PERCENT")},
    "day": {**_BODY, **_number(_DAY, "DATE"), "horizontalAlignment": "LEFT"},
}


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of the tab: rows from `top` to before `bottom`, columns from `left` to `right`."""

    top: int
    left: int
    bottom: int
    right: int

    def on(self, sheet_id: int) -> dict[str, Json]:
        """Return the area as a range of this sheet."""
        return {
            "sheetId": sheet_id,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }

    def column(self, index: int) -> "Area":
        """Return one of its columns."""
        return Area(self.top, self.left + index, self.bottom, self.left + index + 1)


@dataclass
class Canvas:
    """What is drawn so far."""

    sheet_id: int
    cells: dict[int, dict[int, CellValue]] = field(default_factory=dict)
    looks: list[tuple[str, Area]] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    heights: dict[int, int] = field(default_factory=dict)  # pixels by row
    charts: list[Doc] = field(default_factory=list)
    volatile: set[int] = field(default_factory=set)  # rows that alone are no reason to write

    def put(self, row: int, column: int, values: Sequence[CellValue]) -> None:
        """Put values side by side."""
        line = self.cells.setdefault(row, {})
        line.update(enumerate(values, column))

    def look(self, name: str, area: Area, *, merged: bool = False) -> None:
        """Give an area a look; merged, its rows become one cell each."""
        self.looks.append((name, area))
        if merged:
            rows = range(area.top, area.bottom)
            self.merges += [Area(row, area.left, row + 1, area.right) for row in rows]

    @property
    def length(self) -> int:
        """Return how many rows the tab has."""
        return max(self.cells, default=0) + 3

    @property
    def shape(self) -> str:
        """Return a print of everything but the values."""
        drawn = [self.looks, self.merges, self.heights, self.charts, self.length, COLUMNS]
        return derived("sh", json.dumps(drawn, default=str, sort_keys=True))

    @property
    def values(self) -> str:
        """Return a print of the values that are worth a write."""
        kept = {row: cells for row, cells in self.cells.items() if row not in self.volatile}
        return derived("va", json.dumps(kept, sort_keys=True))

    def lines(self) -> dict[int, list[CellValue]]:
        """Return the rows to be written, by their number from 1, each whole."""
        return {
            row + 1: [cells.get(column, "") for column in range(COLUMNS)]
            for row, cells in sorted(self.cells.items())
        }

    def requests(self, title: str, owner: str) -> list[Doc]:
        """Return the requests that make the tab anew in this shape; `owner` alone may change it."""
        properties: Doc = {
            "sheetId": self.sheet_id,
            "title": title,
            "index": 0,
            "gridProperties": {
                "rowCount": self.length,
                "columnCount": COLUMNS,
                "hideGridlines": True,
            },
        }
        protected: Doc = {"range": {"sheetId": self.sheet_id}, "editors": {"users": [owner]}}
        return [
            request("deleteSheet", sheetId=self.sheet_id),
            request("addSheet", properties=properties),
            *self._sizes(),
            *(self._painted(name, area) for name, area in self._painting()),
            *(
                request("mergeCells", range=area.on(self.sheet_id), mergeType="MERGE_ALL")
                for area in self.merges
            ),
            *(request("addChart", chart=chart) for chart in self.charts),
            request("addProtectedRange", protectedRange=protected),
        ]

    def _painting(self) -> list[tuple[str, Area]]:
        return [("page", Area(0, 0, self.length, COLUMNS)), *self.looks]

    def _painted(self, name: str, area: Area) -> Doc:
        look = LOOKS[name]
        fields = ",".join(f"userEnteredFormat.{part}" for part in look)
        cell: Doc = {"userEnteredFormat": look}
        return request("repeatCell", range=area.on(self.sheet_id), cell=cell, fields=fields)

    def _sizes(self) -> list[Doc]:
        rows = {0: (0, self.length, ROW_HEIGHT)}
        found = [self._size("ROWS", *place) for place in rows.values()]
        found += [self._size("ROWS", row, row + 1, px) for row, px in self.heights.items()]
        found.append(self._size("COLUMNS", 0, 1, FIRST_WIDTH))
        return [*found, self._size("COLUMNS", 1, COLUMNS, WIDTH)]

    def _size(self, dimension: str, start: int, end: int, pixels: int) -> Doc:
        place: Doc = {
            "sheetId": self.sheet_id,
            "dimension": dimension,
            "startIndex": start,
            "endIndex": end,
        }
        sized: Doc = {"pixelSize": pixels}
        return request(
            "updateDimensionProperties", range=place, properties=sized, fields="pixelSize"
        )
