"""What stands in the tab «Импорт»: the choice at the top, the answers, the pasted rows.

| place | what |
|---|---|
| row 1 | names of the columns |
| A2 | what to do with the rows, chosen by a person |
| B2 | how it stands, said by us |
| A, B below | what became of the row, and why; ours |
| C and further | what was pasted |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kartoteka.domain.errors import Invalid
from kartoteka.domain.headers import columns
from kartoteka.domain.ids import derived
from kartoteka.domain.table import Row, Table
from kartoteka.ports import Rows
from sync.cells import normal
from sync.columns import Frame
from sync.shelf.pasted import TEMPLATE

FIRST = 2  # column of the first pasted cell, from 0
HEADERS, TOP = 1, 2  # numbers of the row with the names, and of that with the choice
_NAMED = 2  # rows among which a list's own names are looked for


@dataclass(frozen=True, slots=True)
class Pasted:
    """The tab as read; rows are numbered as the sheet shows them.

    Attributes:
        chosen: what a person wants done, empty for nothing.
        said: how it stands, as we said last.
        answers: what stands in A and B of each row but that of the choice.
        rows: pasted rows that are not blank, their names in front.
        spilled: something was pasted into the row of the choice.
        width: how many columns are used at most.
    """

    chosen: str
    said: str
    answers: dict[int, tuple[str, str]]
    rows: tuple[Row, ...]
    spilled: bool
    width: int

    @property
    def data(self) -> Sequence[Row]:
        """Return the rows without their names."""
        return self.rows[1:]

    @property
    def print(self) -> str:
        """Return a print of everything that was pasted, whatever the language of our names."""
        lines = (TEMPLATE if row.number < HEADERS else row.cells for row in self.rows)
        told = zip((str(row.number) for row in self.rows), lines, strict=True)
        return derived("ps", *("\x1e".join((number, *line)) for number, line in told))

    def table(self, name: str, token: str) -> Table:
        """Return the rows as a table; another token makes another table of the same rows."""
        known = self.rows
        return Table(name, f"{self.print}:{token}", len(self.data), lambda: iter(known))


def names(frame: Frame) -> tuple[str, ...]:
    """Return the names of the columns, as a new tab has them."""
    return tuple(frame.say(f"column_client_{name}") for name in TEMPLATE)


def read(found: Rows, frame: Frame) -> Pasted:
    """Return what stands in the tab, from the cells of all its rows."""
    lines = list(enumerate((tuple(map(normal, cells)) for cells in found), start=HEADERS))
    top = next((cells for number, cells in lines if number == TOP), ())
    below = [(number, cells) for number, cells in lines if number != TOP]
    typed = [Row(number, cells[FIRST:]) for number, cells in below]
    return Pasted(
        chosen=_at(top, 0).strip(),
        said=_at(top, 1),
        answers={number: (_at(cells, 0), _at(cells, 1)) for number, cells in below},
        rows=tuple(_named(typed, frame)),
        spilled=any(cell.strip() for cell in top[FIRST:]),
        width=max((len(cells) for _, cells in lines), default=0),
    )


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _named(typed: Sequence[Row], frame: Frame) -> Iterator[Row]:
    """Yield the row that names the columns, then the others that are not blank.

    A list may bring names of its own: as its first row, or pasted over ours.
    """
    ours = names(frame)
    filled = [row for row in typed if not row.is_blank]
    there = [row for row in filled if not _is_ours(row, ours)]
    own = next((row for row in there[:_NAMED] if _names(row, frame)), None)
    yield own or Row(HEADERS - 1, ours)
    yield from (row for row in there if own is None or row.number > own.number)


def _is_ours(row: Row, ours: Sequence[str]) -> bool:
    return row.number == HEADERS and [cell for cell in row.cells if cell] == [*ours]


def _names(row: Row, frame: Frame) -> bool:
    """Return whether a row names columns, one of them for numbers or addresses."""
    try:
        found = columns(row.cells, frame.settings.office.fields)
    except Invalid:
        return False
    return len(found.read) * 2 > sum(bool(cell.strip()) for cell in row.cells)


def is_answer(cells: tuple[str, str], words: Sequence[str]) -> bool:
    """Return whether A and B of a row hold nothing but an answer of ours."""
    return cells == ("", "") or cells[0] in words
