"""A tab as read: its columns found by their headers, its rows by record; the print of a set."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.ports import CellValue, Rows
from sync.cells import normal, read_base
from sync.columns import BASE, ID, Frame, Tab
from sync.layout import headers_of
from sync.plan import Row


@dataclass(frozen=True, slots=True)
class Page:
    """One tab as it is now.

    Attributes:
        tab: its declaration.
        places: position of each column from 0, wherever people dragged it.
        rows: all rows under the header.
        headers: headers to write again, by position.
        names: key of each column by its header.
        used: number of rows with anything in them, header included.
    """

    tab: Tab
    places: Mapping[str, int]
    rows: tuple[Row, ...]
    headers: Mapping[int, str]
    used: int
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Return how many columns a written row spans."""
        return max(self.places.values()) + 1

    def keys_told(self, columns: tuple[int, int], headers: Sequence[str]) -> list[str]:
        """Return the columns of an edit: by the names that were above them, else by place.

        Args:
            columns: first and last position, both counted from 1.
            headers: what stood above them then; those that are not ours count for nothing.
        """
        at = range(columns[0], columns[1] + 1)
        said = dict(
            zip(at, (self.names.get(it.partition("\n")[0]) for it in headers), strict=False)
        )
        here = {place + 1: key for key, place in self.places.items()}
        keys = (said.get(place) or here.get(place) for place in at)
        return [key for key in keys if key is not None]

    def line(self, cells: Mapping[str, CellValue]) -> list[CellValue | None]:
        """Return cells by key as a row to write; columns not given are left as they are."""
        row: list[CellValue | None] = [None] * self.width
        for key, cell in cells.items():
            row[self.places[key]] = cell
        return row


def page(tab: Tab, found: Rows, frame: Frame, counted: Mapping[str, str] | None = None) -> Page:
    """Return a tab's page from its cells, header first; rows may be ragged.

    `counted` is what headers say below their names, by column.
    """
    named = headers_of(tab, frame)
    below = {key: f"{named[key]}\n{said}" for key, said in (counted or {}).items() if key in named}
    headers = {**named, **below}
    first = [normal(cell) for cell in found[0]] if found else []
    places, wrong = _places(named, first)
    wrong += [key for key in below if key not in wrong and first[places[key]] != below[key]]
    rows = tuple(_rows(tab, places, found))
    names = {name: key for key, name in named.items()}
    return Page(tab, places, rows, {places[key]: headers[key] for key in wrong}, len(found), names)


def places_of(headers: Mapping[str, str], first: list[str]) -> dict[str, int]:
    """Return where each column is, by the headers it was written with."""
    return _places(headers, first)[0]


def _places(headers: Mapping[str, str], first: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return where each column is, and which headers have to be written again."""
    places: dict[str, int] = {}
    for key, header in headers.items():
        at = next((i for i, cell in enumerate(first) if cell.partition("\n")[0] == header), None)
        if at is not None and at not in places.values():
            places[key] = at
    wrong = [key for key in headers if key not in places]
    for key in wrong:
        declared = list(headers).index(key)
        free = (i for i in (declared, *range(len(headers) * 2)) if i not in places.values())
        places[key] = next(free)
    return places, wrong


def _rows(tab: Tab, places: Mapping[str, int], found: Rows) -> Iterator[Row]:
    """Yield the rows under the header."""
    columns = [(column.key, places[column.key]) for column in tab.columns]
    first, last = places[ID], places[BASE] if tab.two_way else None
    width = max(places.values()) + 1
    for number, line in enumerate(found[1:], start=2):
        cells = line if len(line) >= width else [*line, *[""] * (width - len(line))]
        yield Row(
            number=number,
            id=normal(cells[first]).strip(),
            base=read_base(cells[last]) if last is not None else None,
            cells={key: cells[place] for key, place in columns},
        )


def roster(ids: Iterable[str]) -> str:
    """Return the print of a set of ids: their number and the sum of their hashes, in any order."""
    count, total = 0, 0
    for record in ids:
        raw = hashlib.blake2b(record.encode("utf-8", "replace"), digest_size=8).digest()
        count, total = count + 1, total ^ int.from_bytes(raw)
    return f"{count}:{total:016x}"
