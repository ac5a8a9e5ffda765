"""What one flush writes: rows, notes, headers and marks become requests and lines of an outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.domain.ids import fresh
from kartoteka.ports import CellValue
from sync import came_back
from sync.books import Memory
from sync.cells import Base, digest
from sync.columns import BASE, ID, Cells, Frame, Tab
from sync.deciding import Decisions
from sync.layout import GRID_ROWS, append_request, cell_request, grow_requests
from sync.outbox import Outbox, loads
from sync.plan import COPY, MIXED, NEW, STRAY, UNKNOWN, Plan, Row, RowWrite, linked, settle
from sync.reading import Page

_SPARE = 50  # free rows under the last one before a grid is lengthened
_MARK_NOTES = {
    COPY: "sheet_copy", UNKNOWN: "sheet_unknown", NEW: "sheet_new", MIXED: "sheet_mixed",
}  # fmt: skip


@dataclass
class Pen:
    """Writes into the outbox of one book.

    `lengths` are those of the grids, where they changed; `links` says where the cells of each
    record of the present tab lead; `written` are the records whose rows are written or deleted by
    their numbers, by tab.
    """

    frame: Frame
    memory: Memory
    outbox: Outbox = field(default_factory=Outbox)
    lengths: dict[str, int] = field(default_factory=dict)
    links: dict[str, dict[str, str]] = field(default_factory=dict)
    written: dict[str, set[str]] = field(default_factory=dict)

    def rows_of(
        self,
        there: Page,
        planned: Plan,
        wanted: Mapping[str, Cells],
        *,
        made: Mapping[int, str],
        decisions: Decisions,
    ) -> set[str]:
        """Write what differs in a tab and take away what must go; return the records that go.

        Args:
            there: the tab as read.
            planned: what became of its rows.
            wanted: the rows as they have to be, of the records that belong here.
            made: records that typed rows became, by the number of the row.
            decisions: the answers to what people did.
        """
        gone = set(planned.leaving) | {it for it in planned.change if it not in wanted}
        for record in gone:
            self._take_away(there, planned, record)
        for record, row in planned.change.items():
            if record in wanted:
                wish = (record, wanted[record])
                self._row(there, row, wish, decisions, exact=record in planned.exact)
        for row, mark in planned.marks:
            self._loose(there, (row, mark), (made.get(row.number, ""), wanted), decisions)
        self._headers(there)
        return gone

    def _loose(
        self,
        there: Page,
        seen: tuple[Row, str],
        made: tuple[str, Mapping[str, Cells]],
        decisions: Decisions,
    ) -> None:
        """Answer a row that was no record's: it may have become one."""
        (row, mark), (record, wanted) = seen, made
        if record in wanted:
            self._row(there, row, (record, wanted[record]), decisions)
        elif record:
            self._drop(there, row)
        elif row.number not in decisions.waiting:
            self._mark(there, row, mark, decisions.reasons.get(row.number, ""))

    def _headers(self, there: Page) -> None:
        if there.headers:
            line: list[CellValue | None] = [None] * there.width
            for place, header in there.headers.items():
                line[place] = header
            self.outbox.put(self.memory.tabs[there.tab.key], 1, line)

    def _row(
        self,
        there: Page,
        row: Row,
        wish: tuple[str, Cells],
        decisions: Decisions,
        *,
        exact: bool = False,
    ) -> None:
        record, wanted = wish
        written = settle(
            came_back.unmarked(row),
            record,
            wanted,
            held=decisions.held.get(record, ()),
            notes=decisions.notes.get(record, {}),
            turn=_turn(there.tab, row, acted=(there.tab.key, record) in decisions.outcomes),
            links=self.links.get(record, {}),
            exact=exact,
        )
        written = came_back.settled(written, row, there.tab, self.frame)
        if written.is_needed:
            self.written.setdefault(there.tab.key, set()).add(record)
        if written.notes or written.links:
            self._noted(there, written)
        elif written.is_needed:
            title = self.memory.tabs[there.tab.key]
            self.outbox.put(title, row.number, there.line(_cells(written)))

    def _take_away(self, there: Page, planned: Plan, record: str) -> None:
        """Delete the row of a record that does not belong here any more, and copies of it."""
        row = planned.leaving.get(record) or planned.change[record]
        self.written.setdefault(there.tab.key, set()).add(record)
        for it in (row, *planned.copies.get(record, ())):
            self._drop(there, it)

    def _drop(self, there: Page, row: Row) -> None:
        key = there.tab.key
        if self.outbox.drop(self.memory.tabs[key], there.tab.sheet_id, row.number):
            self.lengths[key] = self._length(key) - 1

    def _length(self, key: str) -> int:
        return self.lengths.get(key) or self.memory.rows.get(key, GRID_ROWS)

    def _noted(self, there: Page, written: RowWrite) -> None:
        """Write a row with notes: cells, notes and base go in one call, all or nothing."""
        cells = _cells(written)
        for key in sorted(cells.keys() | written.notes.keys() | written.links.keys()):
            place = (written.row.number - 1, there.places[key])
            note, link = written.notes.get(key), written.links.get(key)
            request = cell_request(there.tab.sheet_id, place, cells.get(key), note, link=link)
            self.outbox.requests.append(request)

    def _mark(self, there: Page, row: Row, mark: str, reason: str) -> None:
        """Say beside a row why it is no record's; our own stray cells are taken away."""
        if mark == STRAY:
            title = self.memory.tabs[there.tab.key]
            self.outbox.put(title, row.number, there.line(dict.fromkeys(there.places, "")))
            return
        sheet, first = there.tab.sheet_id, there.tab.columns[0].key
        note = reason or self.frame.say(_MARK_NOTES[mark])
        hashes: dict[str, str] = {}
        if mark in {NEW, MIXED}:
            mark, hashes = NEW, {key: digest(cell) for key, cell in row.cells.items()}
        base = Base(row.id, hashes, mark=mark).encode()
        place = (row.number - 1, there.places[BASE])
        self.outbox.requests.append(cell_request(sheet, place, base))
        place = (row.number - 1, there.places[first])
        self.outbox.requests.append(cell_request(sheet, place, None, note))

    def add(
        self, there: Page, add: Sequence[str], wanted: Mapping[str, Cells], *, restored: set[str]
    ) -> None:
        """Append the rows of new records; one that a person deleted comes back with a note."""
        first = there.tab.columns[0].key
        why = "sheet_restored" if there.tab.lists is None else "setting_restored"
        note = (there.places[first], self.frame.say(why))
        lines, leads = [], []
        for record in add:
            links = self.links.get(record, {})
            leads.append({there.places[key]: link for key, link in links.items() if link})
            noted = came_back.noted(there.tab, self.frame) if record in restored else ()
            hashes = {key: digest(cell) for key, cell in wanted[record].items()}
            turn = fresh("t") if there.tab.acts else ""
            base = Base(record, {**hashes, **linked(links)}, noted, turn=turn).encode()
            lines.append(_filled(there.line({ID: record, **wanted[record], BASE: base})))
        notes = [note if record in restored else None for record in add] if restored else []
        self.append(there.tab, there.used, lines, notes, links=leads if any(leads) else ())

    def append(
        self,
        tab: Tab,
        used: int,
        lines: Sequence[list[CellValue]],
        notes: Sequence[tuple[int, str] | None] = (),
        *,
        links: Sequence[Mapping[int, str]] = (),
    ) -> None:
        """Append lines behind the `used` rows, each with note and links; the grid grows."""
        if not lines:
            return
        length = self._length(tab.key)
        more = max(GRID_ROWS, used + len(lines) + _SPARE - length)
        if used + len(lines) + _SPARE > length:
            self.outbox.requests += grow_requests(tab, self.frame, length, more)
            self.lengths[tab.key] = length + more
        self.outbox.requests += [
            append_request(tab.sheet_id, lines[part], notes[part], links[part])
            for part, _ in loads(lines)
        ]


def _turn(tab: Tab, row: Row, *, acted: bool) -> str:
    """Return the token of a row's next action: another one after each."""
    base = row.own_base
    if not tab.acts:
        return ""
    return fresh("t") if acted or base is None or not base.turn else base.turn


def _cells(written: RowWrite) -> dict[str, CellValue]:
    """Return the cells of a row to write, with its base, and its id if that was lost."""
    own = {} if written.row.id == written.record else {ID: written.record}
    return {**own, **written.cells, BASE: written.base.encode()}


def _filled(line: Sequence[CellValue | None]) -> list[CellValue]:
    return ["" if cell is None else cell for cell in line]
