"""What a flush has to do to one tab, decided from the rows read and the records wanted; pure.

Rows are found by the id in their first cell on every flush, so sorting, inserting, moving and
cutting rows is safe. What happens to rows that are no record's:

| row | outcome |
|---|---|
| a copy (an id that another row has) | left as it is, with a note; never a second record |
| an id that the store does not know | left, with a note |
| its record does not belong here any more (closed, given away, removed) | deleted, copies of it too, also if cells meant for another row landed in it; what was typed there goes to the conflict journal |
| typed by a person, without an id | becomes a record, or is left with a note that says why not |
| the id was deleted, the base still names it | the id is written again |
| deleted | restored at the end of the tab |
| without an id, holding only what we wrote for another row: rows moved up while we wrote | cleared |
| without an id, holding something else too: it moved there while we wrote | left, with a note; never a record's edit |
| its base belongs to another record: somebody sorted while we wrote | the store's values are written; what may have been typed goes to the conflict journal |
| visible cells moved without their id: a part of the columns was sorted | restored |
"""  # noqa: E501 - one line per outcome reads best as a table

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.ports import CellValue
from sync.cells import Base, digest, normal, same
from sync.columns import Cells, Column, Tab
from sync.merge import Verdict, Winner, judge

COPY, UNKNOWN, NEW, STRAY, MIXED = "copy", "unknown", "new", "stray", "mixed"
_LINK = "@"  # behind the key of a column: its link, in the base
_DISTURBED = 2  # restored cells of a row that make it look shifted, not edited


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read: `number` counts from 1, the header included."""

    number: int
    id: str
    base: Base | None
    cells: Cells

    @property
    def is_empty(self) -> bool:
        return not self.id and not any(normal(cell) for cell in self.cells.values())

    @property
    def own_base(self) -> Base | None:
        """Return the base if it was written for this very record."""
        base = self.base
        return base if base and base.id == self.id and not base.mark else None


@dataclass(frozen=True, slots=True)
class Survey:
    """The rows sorted out: whose they are, and which need a second look.

    Attributes:
        owned: the row of each record.
        loose: rows that are no record's and have no note yet, with the mark they get.
        suspects: records whose row differs from its base: somebody edited it; and records named
            by the base of another's row: what was meant for them landed there.
        copies: rows with an id that another row has.
        doubtful: records of which nobody knows yet where our last writing landed.
    """

    owned: Mapping[str, Row]
    loose: tuple[tuple[Row, str], ...]
    suspects: frozenset[str]
    copies: tuple[Row, ...] = ()
    doubtful: Container[str] = ()

    def is_exact(self, record: str) -> bool:
        """Return whether the record's row is just as we wrote it for this record: no edit in it."""
        row = self.owned.get(record)
        return row is not None and record not in self.suspects and row.own_base is not None

    def is_written(self, record: str) -> bool:
        """Return whether we wrote the record's row; another's cells may have landed there since."""
        base = self.owned[record].base
        if base is None or base.mark:
            return False
        return base.id == record or record in self.doubtful


@dataclass(frozen=True, slots=True)
class Edit:
    """One cell that a person changed; `verdict` is COMMAND, CONFLICT or RESTORE.

    A conflict that the SHEET wins is a command whose loser is journalled. `whole`: all of the row
    was emptied, and none of it is put back before that is answered. `moved`: nobody typed it there.
    """

    record: str
    column: str
    typed: CellValue
    stored: CellValue
    verdict: Verdict
    winner: Winner = Winner.STORE
    turn: str = ""  # token of the row's next action
    whole: bool = False
    moved: bool = False

    @property
    def is_command(self) -> bool:
        """Return whether the store shall be asked to take the typed value."""
        won = self.verdict is Verdict.CONFLICT and self.winner is Winner.SHEET
        return won or self.verdict is Verdict.COMMAND


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: records to add, rows to bring up to date, edits to decide, rows to mark.

    `change` holds every row whose record is at hand, also those that turn out to be right; `exact`
    names those of them in which nobody touched a cell.
    `leaving` are rows that we wrote and that do not belong here any more, `copies` copies of rows.
    """

    add: tuple[str, ...] = ()
    change: Mapping[str, Row] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    marks: tuple[tuple[Row, str], ...] = ()
    leaving: Mapping[str, Row] = field(default_factory=dict)
    copies: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()


def survey(rows: Sequence[Row], tab: Tab, doubtful: Container[str] = ()) -> Survey:
    """Return whose row is whose.

    `doubtful` are the records of which nobody knows yet where our last writing landed.
    """
    owned: dict[str, Row] = {}
    loose: list[tuple[Row, str]] = []
    for row in rows:
        if row.id and row.id in owned:
            owned[row.id], copy = _original(owned[row.id], row)
            loose.append((copy, COPY))
        elif row.id:
            owned[row.id] = row
    for row in rows:
        if not row.id and not (row.is_empty and row.base is None):
            _adopt(row, owned, loose, doubtful)
    suspects = {record for record, row in owned.items() if not agrees(row, tab)}
    suspects |= {_strayed(row) for row in rows} & owned.keys()
    unmarked = [(row, mark) for row, mark in loose if not _marked(row, mark)]
    copies = tuple(row for row, mark in loose if mark == COPY)
    return Survey(owned, tuple(unmarked), frozenset(suspects), copies, doubtful)


def _strayed(row: Row) -> str:
    """Return the record that a row's base was meant for, if it is not the row's own."""
    return row.base.id if row.base and row.base.id != row.id else ""


def _original(first: Row, second: Row) -> tuple[Row, Row]:
    """Return the record's own row and its copy: the row marked before is the copy."""
    if first.own_base is None and second.own_base is not None:
        return second, first
    return first, second


def _adopt(
    row: Row, owned: dict[str, Row], loose: list[tuple[Row, str]], doubtful: Container[str]
) -> None:
    """Give a row without an id back to the record that its base names, or say whose it is not."""
    base = row.base
    if base is None or base.mark or not base.id:
        loose.append((row, NEW))
    elif base.id in doubtful and not _is_ours(row, base):
        loose.append((row, MIXED))
    elif base.id not in owned:
        owned[base.id] = row
    else:
        loose.append((row, STRAY if _is_ours(row, base) else NEW))


def _is_ours(row: Row, base: Base) -> bool:
    """Return whether nothing is in the row but what we wrote there."""
    filled = {key: cell for key, cell in row.cells.items() if normal(cell)}
    return all(base.hashes.get(key) == digest(cell) for key, cell in filled.items())


def agrees(row: Row, tab: Tab) -> bool:
    """Return whether a row is exactly as we last wrote it (or known to be no record's)."""
    if row.base is not None and row.base.mark == UNKNOWN and row.base.id == row.id:
        return True
    base = row.own_base
    return base is not None and not _moved(row, base, tab)


def _moved(row: Row, base: Base, tab: Tab) -> list[Column]:
    """Return the columns whose cells are not as this base has them."""
    hashes, cells = base.hashes, row.cells
    return [it for it in tab.columns if hashes.get(it.key) != digest(cells[it.key])]


def plan(seen: Survey, tab: Tab, wanted: Mapping[str, Cells], asked: Iterable[str]) -> Plan:
    """Return what brings the rows of the asked records to what the store wants.

    Args:
        seen: the rows of the tab.
        tab: its columns.
        wanted: the row of every asked record that exists and belongs here.
        asked: ids that were looked up; one missing from `wanted` goes if we wrote its row, else
            it is unknown.
    """
    asked = dict.fromkeys(asked)
    change = {record: seen.owned[record] for record in asked if _here(record, seen, wanted)}
    doubtful = {record: row for record, row in change.items() if not seen.is_exact(record)}
    strays = _permuted(doubtful.values(), seen, tab)
    edits = [
        edit
        for record, row in doubtful.items()
        if row.number not in strays
        for edit in _edits(record, row, wanted[record], tab)
    ]
    absent = [record for record in asked if record in seen.owned and record not in wanted]
    leaving = {record: seen.owned[record] for record in absent if seen.is_written(record)}
    unknown = [(seen.owned[it], UNKNOWN) for it in absent if it not in leaving]
    copies: dict[str, tuple[Row, ...]] = {}
    for row in seen.copies:
        copies[row.id] = (*copies.get(row.id, ()), row)
    return Plan(
        add=tuple(record for record in wanted if record not in seen.owned),
        change=change,
        edits=tuple(edits),
        marks=(*seen.loose, *(pair for pair in unknown if not _marked(*pair))),
        leaving=leaving,
        copies=copies,
        exact=frozenset(change.keys() - doubtful.keys()),
    )


def _here(record: str, seen: Survey, wanted: Mapping[str, Cells]) -> bool:
    return record in seen.owned and record in wanted


def _marked(row: Row, mark: str) -> bool:
    """Return whether the row has its note; a typed one is looked at again when it changed."""
    base = row.base
    if base is None or base.mark != mark:
        return False
    return mark != NEW or all(base.hashes.get(k) == digest(c) for k, c in row.cells.items())


def _edits(record: str, row: Row, wanted: Cells, tab: Tab) -> list[Edit]:
    found = []
    own = row.base if row.base and row.base.id == record and not row.base.mark else None
    for column in tab.columns:
        sheet, store = row.cells[column.key], wanted[column.key]
        base = own.hashes.get(column.key) if own else None
        verdict = judge(editable=column.editable, base=base, sheet=sheet, store=store)
        if verdict is Verdict.CONFLICT and own is None and _ours(row, column.key):
            continue
        if verdict in {Verdict.COMMAND, Verdict.CONFLICT, Verdict.RESTORE}:
            winner = column.winner if base is not None else Winner.STORE
            turn = own.turn if own else ""
            found.append(Edit(record, column.key, sheet, store, verdict, winner, turn))
    return _softened(found)


def _ours(row: Row, key: str) -> bool:
    """Return whether a cell under a foreign base is what we wrote for that other record."""
    return row.base is not None and row.base.hashes.get(key) == digest(row.cells[key])


def _softened(edits: list[Edit]) -> list[Edit]:
    """Take nothing as a command from a row that was pasted over as a whole."""
    restored = sum(edit.verdict is Verdict.RESTORE for edit in edits)
    if restored < _DISTURBED:
        return edits
    return [
        Edit(e.record, e.column, e.typed, e.stored, Verdict.CONFLICT) if e.is_command else e
        for e in edits
    ]


def _permuted(rows: Iterable[Row], seen: Survey, tab: Tab) -> frozenset[int]:
    """Return the numbers of rows that show, whole, what we wrote for another record."""
    shifted = [row for row in rows if _shifted(row, tab)]
    if not shifted:
        return frozenset()
    written = {_print(row.base.hashes, tab) for row in seen.owned.values() if row.base is not None}
    return frozenset(row.number for row in shifted if _shape(row.cells, tab) in written)


def _shifted(row: Row, tab: Tab) -> bool:
    base = row.own_base
    if base is None:
        return False
    wrong = _moved(row, base, tab)
    return sum(not column.editable for column in wrong) >= 1 and len(wrong) >= _DISTURBED


def _print(hashes: Mapping[str, str], tab: Tab) -> tuple[str, ...]:
    return tuple(hashes.get(column.key, "") for column in tab.columns)


def _shape(cells: Cells, tab: Tab) -> tuple[str, ...]:
    return tuple(digest(cells[column.key]) for column in tab.columns)


@dataclass(frozen=True, slots=True)
class RowWrite:
    """How a row is written: only the cells that differ, its new base, its notes.

    `notes` maps a column to the text of its note, empty to take our note away.
    """

    row: Row
    record: str
    cells: Cells
    base: Base
    notes: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_needed(self) -> bool:
        """Return whether anything differs."""
        return bool(
            self.cells
            or self.notes
            or self.links
            or self.row.id != self.record
            or self.row.base != self.base
        )


def settle(
    row: Row,
    record: str,
    wanted: Cells,
    *,
    held: Sequence[str] = (),
    notes: Mapping[str, str],
    turn: str = "",
    links: Mapping[str, str] | None = None,
    exact: bool = False,
) -> RowWrite:
    """Return what makes a row equal to its record.

    A row that is given an id is written whole: should another row have moved there meanwhile,
    none of its cells is taken for this record's.

    Args:
        row: as read.
        record: whose row it is.
        wanted: the cells after every edit was decided.
        held: columns whose edit waits for its author: neither cell nor base are touched.
        notes: why an edit was refused, by column; a note of ours on any other column that is
            written, or on a row whose stage moved, is taken away.
        turn: token of the row's next action.
        links: where cells lead, by column.
        exact: whether every cell is as the base has it; then its hashes serve again.
    """
    own = row.base if row.base and row.base.id == record and not row.base.mark else None
    old = own.hashes if own else {}
    free = [key for key in wanted if key not in held]
    whole = row.id != record
    cells = {k: wanted[k] for k in free if whole or not same(row.cells[k], wanted[k])}
    known = old if exact else {}
    hashes = {k: known[k] if k in known and k not in cells else digest(wanted[k]) for k in free}
    hashes |= {key: old[key] for key in held if key in old}
    led = linked(links or {})
    leads = {key: link for key, link in (links or {}).items() if _leads_off(key, led, old)}
    moved = {key for key in free if old.get(key) != hashes[key]}
    noted = own.noted if own else tuple(wanted)  # a foreign base: a stray note may be anywhere
    gone = {key for key in noted if key not in notes and (key in moved or "stage" in moved)}
    kept = tuple(key for key in wanted if key in notes or (key in noted and key not in gone))
    if own is None and row.base is None:
        gone, kept = set(), tuple(notes)
    if row.base is not None and row.base.mark == NEW:
        gone, kept = {next(iter(wanted))} - notes.keys(), tuple(notes)
    changes = {**dict.fromkeys(sorted(gone), ""), **notes}
    base = Base(record, {**hashes, **led}, kept, turn=turn)
    return RowWrite(row, record, cells, base, changes, leads)


def linked(links: Mapping[str, str]) -> dict[str, str]:
    """Return what the base keeps of links: a hash under a key of its own."""
    return {f"{key}{_LINK}": digest(link) for key, link in links.items() if link}


def _leads_off(key: str, led: Mapping[str, str], old: Mapping[str, str]) -> bool:
    """Return whether a cell leads elsewhere than it shall."""
    return led.get(f"{key}{_LINK}") != old.get(f"{key}{_LINK}")
