"""One flush of the team's workbook: one read, the merge, the commands, at most two writes; D7."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from kartoteka.domain.change import Change
from kartoteka.ports import CellValue, Doc, Rows, Tx
from kartoteka.services.consume import checkpoint
from kartoteka.wiring import App
from sync import books, trail
from sync.books import Memory
from sync.cells import Base, digest, normal, serial
from sync.columns import BASE, ID, JOURNAL, TABS, TWO_WAY, Cells, Entry, Frame, Tab, View
from sync.deciding import Decisions
from sync.journal import KEPT, SLACK, entries
from sync.layout import (
    GRID_ROWS,
    append_request,
    cell_request,
    delete_rows_request,
    grow_requests,
)
from sync.outbox import Outbox, chunks, quoted
from sync.plan import COPY, NEW, STRAY, UNKNOWN, Plan, Row, RowWrite, Survey, plan, settle, survey
from sync.reading import Page, page, roster
from sync.trail import Report
from sync.views import everything, load, recent, removed, touched

RESTORED = 5_000  # missing rows that one flush writes
_SPARE = 50  # free rows under the last one before a grid is lengthened
_MARK_NOTES = {COPY: "sheet_copy", UNKNOWN: "sheet_unknown", NEW: "sheet_new"}
_CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Done:
    """How a flush ended: what is remembered, and whether another look is due soon."""

    memory: Memory
    unsettled: bool


@dataclass
class Flush:
    """One flush; an object because its steps share what was read."""

    app: App
    frame: Frame
    memory: Memory
    changes: Sequence[Change]
    outbox: Outbox = field(default_factory=Outbox)
    views: dict[str, View] = field(default_factory=dict)
    rosters: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    is_short: bool = False  # more rows are missing than one flush writes

    def run(self, version: str) -> Done:
        """Bring the workbook to what the store wants and the store to what people typed.

        Raises:
            RateLimited, ProviderDown: Google does not take it now; the queue repeats the flush.
            NotFound: the workbook is gone. ConfigError: a tab is missing or was renamed.
        """
        decisions = Decisions(self.app.desk, self.frame, self.memory.noticed)
        reports = trail.waiting(self.app.store, books.TEAM)
        found = self._read()
        ids = touched(self.app.store, self.changes)
        for tab in TWO_WAY:
            there = page(tab, found[tab.key], self.frame)
            self._tab(there, ids[tab.key], reports, decisions)
        self._keep(decisions.conflicts)
        self._journal(found[JOURNAL.key], decisions.lines)
        self.outbox.send(self.app.sheets, self.memory.spreadsheet_id)
        return self._remember(decisions, reports, version)

    def _read(self) -> dict[str, Rows]:
        titles = {tab.key: quoted(self.memory.tabs[tab.key]) for tab in TABS}
        ranges = [titles[t.key] if t.two_way else f"{titles[t.key]}!A:B" for t in TABS]
        found = self.app.sheets.read(self.memory.spreadsheet_id, ranges)
        return dict(zip(titles, found, strict=True))

    def _tab(
        self, there: Page, ids: list[str], reports: list[Report], decisions: Decisions
    ) -> None:
        tab, seen = there.tab, survey(there.rows, there.tab)
        told = trail.by_cell(reports, tab.sheet_id, there.keys_between)
        missing = self._missing(tab, seen)
        edited = [record for record, _ in told]
        asked = list(dict.fromkeys([*ids, *sorted(seen.suspects), *edited, *missing]))
        views = load(self.app.store, tab, asked)
        wanted = {record: tab.row(view, self.frame) for record, view in views.items()}
        planned = plan(seen, tab, wanted, asked, gone=removed(self.changes))
        decisions.decide(tab, planned.edits, views, told)
        decisions.miss(tab, planned, views, told)
        again = [record for record in decisions.commanded if record in views]
        views |= load(self.app.store, tab, again)
        wanted |= {record: tab.row(views[record], self.frame) for record in again}
        self.views |= views
        self._rows(there, planned, wanted, decisions)
        restored = set(missing) - set(ids) if self.memory.roster.get(tab.key) else set()
        self._add(there, planned.add, wanted, restored)
        complete = len(missing) < RESTORED
        self.rosters[tab.key] = roster([*seen.owned, *planned.add]) if complete else ""
        self.is_short = self.is_short or not complete

    def _missing(self, tab: Tab, seen: Survey) -> list[str]:
        """Return the records that lost their row; looked for only when the set of ids changed."""
        if roster(seen.owned) == self.memory.roster.get(tab.key):
            return []
        missing = [id_ for id_ in everything(self.app.store, tab) if id_ not in seen.owned]
        if tab.key in self.memory.roster:
            self._measure()
        return missing[:RESTORED]

    def _measure(self) -> None:
        info = self.app.sheets.info(self.memory.spreadsheet_id)
        self.rows |= {t.key: info.tabs[t.sheet_id][1] for t in TABS if t.sheet_id in info.tabs}

    def _rows(
        self, there: Page, planned: Plan, wanted: Mapping[str, Cells], decisions: Decisions
    ) -> None:
        """Write the rows that differ, the headers that were changed, the notes on loose rows."""
        title = self.memory.tabs[there.tab.key]
        for record, row in planned.change.items():
            held = decisions.held.get(record, ())
            notes = decisions.notes.get(record, {})
            written = settle(row, record, wanted[record], held=held, notes=notes)
            if written.notes:
                self._noted(there, written)
            elif written.is_needed:
                self.outbox.put(title, row.number, there.line(_cells(written)))
        for row, mark in planned.marks:
            self._mark(there, row, mark)
        if there.headers:
            line: list[CellValue | None] = [None] * there.width
            for place, header in there.headers.items():
                line[place] = header
            self.outbox.put(title, 1, line)

    def _noted(self, there: Page, written: RowWrite) -> None:
        """Write a row with notes: cells, notes and base go in one call, all or nothing."""
        cells = _cells(written)
        for key in sorted(cells.keys() | written.notes.keys()):
            place = (written.row.number - 1, there.places[key])
            note = written.notes.get(key)
            request = cell_request(there.tab.sheet_id, place, cells.get(key), note)
            self.outbox.requests.append(request)

    def _mark(self, there: Page, row: Row, mark: str) -> None:
        """Say beside a row why it is no record's; our own stray cells are taken away."""
        if mark == STRAY:
            title = self.memory.tabs[there.tab.key]
            self.outbox.put(title, row.number, there.line(dict.fromkeys(there.places, "")))
            return
        sheet, first = there.tab.sheet_id, there.tab.columns[0].key
        note = self.frame.say(_MARK_NOTES[mark])
        base = Base(row.id, mark=mark).encode()
        place = (row.number - 1, there.places[BASE])
        self.outbox.requests.append(cell_request(sheet, place, base))
        place = (row.number - 1, there.places[first])
        self.outbox.requests.append(cell_request(sheet, place, None, note))

    def _add(
        self, there: Page, add: Sequence[str], wanted: Mapping[str, Cells], restored: set[str]
    ) -> None:
        """Append the rows of new records; one that a person deleted comes back with a note."""
        first = there.tab.columns[0].key
        note = (there.places[first], self.frame.say("sheet_restored"))
        lines = []
        for record in add:
            noted = (first,) if record in restored else ()
            hashes = {key: digest(cell) for key, cell in wanted[record].items()}
            base = Base(record, hashes, noted).encode()
            lines.append(_filled(there.line({ID: record, **wanted[record], BASE: base})))
        notes = [note if record in restored else None for record in add] if restored else []
        self._append(there.tab, there.used, lines, notes)

    def _append(
        self,
        tab: Tab,
        used: int,
        lines: Sequence[list[CellValue]],
        notes: Sequence[tuple[int, str] | None] = (),
    ) -> None:
        if not lines:
            return
        length = self.rows.get(tab.key) or self.memory.rows.get(tab.key, GRID_ROWS)
        more = max(GRID_ROWS, used + len(lines) + _SPARE - length)
        if used + len(lines) + _SPARE > length:
            self.outbox.requests += grow_requests(tab, self.frame, length, more)
            self.rows[tab.key] = length + more
        marked = chunks(notes) if notes else iter(())
        for part in chunks(lines):
            self.outbox.requests.append(append_request(tab.sheet_id, part, next(marked, ())))

    def _keep(self, conflicts: dict[str, Doc]) -> None:
        """Store the conflicts before the sheet is written: a crash must not lose a loser."""
        for part in chunks(list(conflicts.items())):
            self.app.store.run(partial(_put_all, conflicts=part))

    def _journal(self, found: Rows, clashes: Iterable[Entry]) -> None:
        """Append what happened; lines that are there already are not written twice."""
        now = self.app.clock.now()
        there = {normal(row[0]) for row in found[1:] if row}
        lines = [*entries(self._told(now - KEPT), self.views, self.frame), *clashes]
        fresh = {e.id: e for e in lines if e.id not in there and now - e.at <= KEPT}
        rows: list[list[CellValue]] = []
        for entry in fresh.values():
            cells = JOURNAL.row(View(entry.id, entry=entry), self.frame)
            rows.append([entry.id, *cells.values()])
        zone = self.frame.settings.office.work.zone
        self.outbox.requests += _trim(
            found, serial(now - KEPT, zone), serial(now - KEPT - SLACK, zone)
        )
        self._append(JOURNAL, len(found), rows)

    def _told(self, since: datetime) -> Sequence[Change]:
        """Return the changes the journal shows: after it was lost, all of the last days."""
        lost = JOURNAL.key not in self.memory.roster
        self.rosters[JOURNAL.key] = "kept"
        if not lost or checkpoint(self.app.store, "sheets") is None:
            return self.changes
        changes = [*recent(self.app.store, since)]
        ids = touched(self.app.store, changes)
        for tab in TWO_WAY:
            self.views |= load(self.app.store, tab, ids[tab.key])
        return changes

    def _remember(self, decisions: Decisions, reports: Sequence[Report], version: str) -> Done:
        unsettled = bool(decisions.noticed) or self.is_short
        looked = version if version and not unsettled else self.memory.looked
        memory = replace(
            self.memory,
            roster={**self.memory.roster, **self.rosters},
            rows={**self.memory.rows, **self.rows},
            noticed=decisions.noticed,
            looked=looked,
        )
        if memory != self.memory or reports:
            self.app.store.run(lambda tx: _close(tx, memory, reports))
        return Done(memory, unsettled)


def _cells(written: RowWrite) -> dict[str, CellValue]:
    """Return the cells of a row to write, with its base, and its id if that was lost."""
    own = {} if written.row.id == written.record else {ID: written.record}
    return {**own, **written.cells, BASE: written.base.encode()}


def _filled(line: Sequence[CellValue | None]) -> list[CellValue]:
    return ["" if cell is None else cell for cell in line]


def _trim(found: Rows, keep: float, when: float) -> list[Doc]:
    """Return the requests that delete lines older than `keep`, once one is older than `when`."""
    ages = [
        (index, row[1])
        for index, row in enumerate(found)
        if index and len(row) > 1 and isinstance(row[1], int | float)
    ]
    if not any(age < when for _, age in ages):
        return []
    old = [index for index, age in ages if age < keep]
    runs: list[list[int]] = []
    for index in old:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [delete_rows_request(JOURNAL.sheet_id, run[0], run[-1] + 1) for run in reversed(runs)]


def _put_all(tx: Tx, conflicts: Iterable[tuple[str, Doc]]) -> None:
    for record, doc in conflicts:
        tx.put(_CONFLICTS, record, doc)


def _close(tx: Tx, memory: Memory, reports: Iterable[Report]) -> None:
    """Keep what the flush learnt and drop the reports it answered, together."""
    tx.put(books.COLLECTION, books.TEAM, memory.doc())
    for report in reports:
        tx.delete(trail.COLLECTION, report.id)
