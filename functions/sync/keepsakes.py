"""What people added to a tab beside our columns, kept when the tab is made anew.

Their columns stand to the right of ours afterwards, each cell in the row of its record. Formulas
stay as their values. What repeats a column that its reader lost goes with that column.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.ports import CellValue, Doc, Json, Rows
from sync.cells import Base, normal
from sync.columns import BASE, ID, Frame, Tab
from sync.layout import GRID_ROWS, widen_request
from sync.reading import places_of
from sync.wire import cell_value, request

_SPARE = 50  # free rows below
_TOLD = 3  # letters from which a cell tells what another holds


@dataclass(frozen=True, slots=True)
class Keepsake:
    """The columns of people: their headers, and their cells by record."""

    headers: tuple[CellValue, ...] = ()
    rows: Mapping[str, tuple[CellValue, ...]] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Return how many rows the new grid needs."""
        return max(GRID_ROWS, len(self.rows) + 1 + _SPARE) if self.headers else GRID_ROWS

    def requests(self, tab: Tab) -> list[Doc]:
        """Return the requests that put the columns into the tab just made, rows named by id.

        A row holds nothing of ours but its record: the flush that follows fills it in.
        """
        if not self.headers:
            return []
        more = self.length - GRID_ROWS
        longer = request("appendDimension", sheetId=tab.sheet_id, dimension="ROWS", length=more)
        lines = [_line(tab, record, cells) for record, cells in self.rows.items()]
        head: list[Json] = [cell_value(header) for header in self.headers]
        return [
            widen_request(tab, len(self.headers)),
            *([longer] if more else []),
            _cells(tab, (0, len(tab.keys)), [head]),
            *([_cells(tab, (1, 0), lines)] if lines else []),
        ]


def found(rows: Rows, made_with: Mapping[str, str], tab: Tab, frame: Frame) -> Keepsake:
    """Return what people added to a tab.

    Args:
        rows: its cells, header first.
        made_with: the headers that we wrote when it was made, by key.
        tab: as it is declared now.
        frame: the office.
    """
    ours = {ID: "ID", **made_with, BASE: frame.say("col_base")}
    first = [normal(cell) for cell in rows[0]] if rows else []
    places = places_of(ours, first)
    width = max((len(row) for row in rows), default=0)
    theirs = [at for at in range(width) if at not in places.values() and _is_used(rows, at)]
    lost = [place for key, place in places.items() if key not in tab.keys]
    kept = {
        normal(row[places[ID]]).strip(): tuple(_kept(row, at, lost) for at in theirs)
        for row in rows[1:]
        if _at(row, places[ID]) and any(normal(_at(row, at)) for at in theirs)
    }
    return Keepsake(tuple(_at(rows[0], at) for at in theirs), kept) if theirs else Keepsake()


def _is_used(rows: Rows, at: int) -> bool:
    return any(normal(_at(row, at)) for row in rows)


def _at(row: Sequence[CellValue], at: int) -> CellValue:
    return row[at] if at < len(row) else ""


def _kept(row: Sequence[CellValue], at: int, lost: Iterable[int]) -> CellValue:
    """Return a cell, empty when it repeats one that the reader may not see any more."""
    cell = _at(row, at)
    hidden = (normal(_at(row, place)).strip() for place in lost)
    return "" if any(len(it) >= _TOLD and it in normal(cell) for it in hidden) else cell


def _line(tab: Tab, record: str, cells: Sequence[CellValue]) -> list[Json]:
    line: list[CellValue] = [""] * len(tab.keys)
    line[0], line[-1] = record, Base(record).encode()
    return [cell_value(cell) for cell in (*line, *cells)]


def _cells(tab: Tab, place: tuple[int, int], lines: Sequence[Sequence[Json]]) -> Doc:
    start = {"sheetId": tab.sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    rows: list[Json] = [{"values": [*line]} for line in lines]
    return request("updateCells", start=start, rows=rows, fields="userEnteredValue")
