"""What people added to a tab, kept when the tab is made anew.

Their columns stand to the right of ours afterwards, each cell in the row of its record. Formulas
stay as their values. What repeats a column that its reader lost goes with that column. Rows that
they typed and that became no record yet stand below, to be looked at again; a pasted list stays
where it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.ports import CellValue, Doc, Json, Rows
from sync.cells import Base, normal, read_base
from sync.columns import BASE, ID, PASTED, Frame, Tab
from sync.layout import GRID_ROWS, widen_request
from sync.made_with import headers, language, speaking
from sync.pasting import layout as pasting
from sync.pasting.rows import FIRST, TOP, names
from sync.plan import NEW
from sync.reading import places_of
from sync.wire import cell_value, request

_SPARE = 50  # free rows below
_TOLD = 3  # letters from which a cell tells what another holds


@dataclass(frozen=True, slots=True)
class Keepsake:
    """The columns of people: their headers, and their cells by record; then what is no record's.

    `typed` are rows of ours without a record, by column, `pasted` the lines of a pasted list.
    """

    headers: tuple[CellValue, ...] = ()
    rows: Mapping[str, tuple[CellValue, ...]] = field(default_factory=dict)
    typed: tuple[Mapping[str, CellValue], ...] = ()
    pasted: tuple[tuple[CellValue, ...], ...] = ()  # the names in front, none if they are ours

    @property
    def length(self) -> int:
        """Return how many rows the new grid needs."""
        used = len(self.rows) + len(self.typed)
        return max(GRID_ROWS, used + 1 + _SPARE) if used else GRID_ROWS

    def requests(self, tab: Tab) -> list[Doc]:
        """Return the requests that put it all into the tab just made, rows named by id.

        A row holds nothing of ours but its record: the flush that follows fills it in.
        """
        if tab.entity == PASTED:
            return self._pasted(tab)
        more = self.length - GRID_ROWS
        longer = request("appendDimension", sheetId=tab.sheet_id, dimension="ROWS", length=more)
        lines = [_line(tab, record, cells) for record, cells in self.rows.items()]
        lines += [_row([cells.get(key, "") for key in tab.keys]) for cells in self.typed]
        return [
            *([widen_request(tab, len(self.headers))] if self.headers else []),
            *([longer] if more else []),
            *([_cells(tab, (0, len(tab.keys)), [_row(self.headers)])] if self.headers else []),
            *([_cells(tab, (1, 0), lines)] if lines else []),
        ]

    def _pasted(self, tab: Tab) -> list[Doc]:
        """Return the requests that put a pasted list where it was, its tab as large as it needs."""
        if not self.pasted:
            return []
        named, *lines = map(_row, self.pasted)
        rows = TOP + len(lines) - pasting.ROWS
        columns = FIRST + max(map(len, self.pasted)) - pasting.COLUMNS
        longer = request("appendDimension", sheetId=tab.sheet_id, dimension="ROWS", length=rows)
        return [
            *([longer] if rows > 0 else []),
            *([widen_request(tab, columns)] if columns > 0 else []),
            *([_cells(tab, (0, FIRST), [named])] if named else []),
            *([_cells(tab, (TOP, FIRST), lines)] if lines else []),
        ]


def found(rows: Rows, made_with: str, tab: Tab, frame: Frame) -> Keepsake:
    """Return what people added to a tab.

    Args:
        rows: its cells, header first.
        made_with: the print that it was made with.
        tab: as it is declared now.
        frame: the office.
    """
    before = speaking(frame, language(made_with))
    if tab.entity == PASTED:
        return Keepsake(pasted=_pasted(rows, before))
    ours = {ID: "ID", **headers(made_with, frame), BASE: before.say("col_base")}
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
    typed = tuple(_typed(rows, places, tab)) if tab.adds else ()
    return Keepsake(tuple(_at(rows[0], at) for at in theirs), kept, typed)


def _typed(rows: Rows, places: Mapping[str, int], tab: Tab) -> Iterator[Mapping[str, CellValue]]:
    """Yield the rows that people typed and that are no record's, by the columns there still are."""
    ours = (column.key for column in tab.columns if column.editable)
    here = {key: places[key] for key in ours if key in places}
    for row in rows[1:]:
        base = read_base(_at(row, places[BASE]))
        is_ours = base is not None and base.id and base.mark != NEW
        if normal(_at(row, places[ID])).strip() or is_ours:
            continue
        cells = {key: _at(row, place) for key, place in here.items()}
        if any(normal(cell) for cell in cells.values()):
            yield cells


def _pasted(rows: Rows, before: Frame) -> tuple[tuple[CellValue, ...], ...]:
    """Return the lines of a pasted list; none when nothing was pasted."""
    lines = [tuple(row[FIRST:]) for row in rows]
    named = [normal(cell) for cell in lines[0]] if lines else []
    own = () if [cell for cell in named if cell] == [*names(before)] else lines[0] if lines else ()
    pasted = (own, *lines[TOP:])
    return pasted if any(normal(cell) for line in pasted for cell in line) else ()


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
    return _row([*line, *cells])


def _row(cells: Sequence[CellValue]) -> list[Json]:
    return [cell_value(cell) for cell in cells]


def _cells(tab: Tab, place: tuple[int, int], lines: Sequence[Sequence[Json]]) -> Doc:
    start = {"sheetId": tab.sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    rows: list[Json] = [{"values": [*line]} for line in lines]
    return request("updateCells", start=start, rows=rows, fields="userEnteredValue")
