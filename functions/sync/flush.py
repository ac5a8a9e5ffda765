"""One flush of the team's workbook: one read, the merge, the commands, at most two writes; D7."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from kartoteka.domain.change import Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import fresh
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Staff, Task
from kartoteka.ports import CellValue, Rows, Tx
from kartoteka.services.consume import checkpoint
from kartoteka.services.figures import gather
from kartoteka.wiring import App
from sync import books, lost_edits, proving, trail
from sync.board import drawing
from sync.books import Memory
from sync.cells import digest, normal, serial
from sync.columns import FIGURES, OUTCOME, PASTED, Entry, Frame, Tab, View
from sync.counting import counted_header
from sync.deciding import Decisions
from sync.journal import KEPT, SLACK, entries, trim
from sync.layout import blank
from sync.moving import unmoved
from sync.news import News
from sync.outbox import Outbox, quoted
from sync.pasting.rows import TOP
from sync.pasting.rows import read as pasted
from sync.pasting.work import Pasting, State
from sync.plan import MIXED, NEW, Plan, Row, Survey, plan, survey
from sync.reading import Page, page, roster
from sync.retelling import Retelling
from sync.settings_book.changing import emptied
from sync.shelf.editions import Edition
from sync.stock import Stock
from sync.trail import Report
from sync.views import everything, load, readable, recent, touched
from sync.writing import Pen

RESTORED = 5_000  # missing rows that one flush writes
SLICE = 2_000  # rows whose records are held at once while a whole tab is compared
MOST_NEW = 300  # typed rows that one flush takes
_KEPT = "kept"  # of a journal from before it told of phones and calendars
_TOLD = (Lead.kind, Deal.kind, Task.kind)


@dataclass(frozen=True, slots=True)
class Done:
    """How a flush ended: what is remembered, and whether another look is due soon."""

    memory: Memory
    unsettled: bool


@dataclass
class Flush:
    """One flush; an object because its steps share what was read.

    `hold` is asked before commands and writes: it raises when another writer took the books over.
    """

    app: App
    edition: Edition
    frame: Frame
    memory: Memory
    news: News
    stock: Stock
    hold: Callable[[], None] = lambda: None
    is_new: bool = False  # the book was just made and is nobody's yet: there is nothing to read
    rosters: dict[str, str] = field(default_factory=dict)
    loose: dict[str, str] = field(default_factory=dict)
    every: bool = False  # every row is looked at, whatever it says of itself
    is_short: bool = False  # more rows are missing, or were typed, than one flush takes
    slices: int = SLICE

    def __post_init__(self) -> None:
        made = self.memory.tabs
        titles = {made[tab.key]: tab.sheet_id for tab in self.edition.tabs if tab.key in made}
        self.pen = Pen(self.frame, self.memory, Outbox(titles))

    def run(self, version: str, *, whole: bool = False) -> Done:
        """Bring the workbook to what the store wants and the store to what people typed.

        Args:
            version: Drive's version of the file that made somebody ask for this look.
            whole: compare every row, because the office's settings changed.

        Raises:
            RateLimited, ProviderDown: Google does not take it now; the queue repeats the flush.
            NotFound: the workbook is gone. ConfigError: a tab is missing or was renamed.
        """
        reports = trail.waiting(self.app.store, self.edition.key)
        memory = self.memory
        decisions = Decisions(
            self.app.desk, self.frame, self.edition, memory.noticed, sown=memory.sown
        )
        self.every = whole or (memory.compared != self._night and not self.news.changes)
        found = self._read()
        self.hold()
        for tab in self.edition.two_way:
            counted = counted_header(self.app, tab, self.frame)
            there = page(tab, found.pop(tab.key), self.frame, counted)
            self._tab(there, reports, decisions, whole=whole)
        decisions.keep()
        if self.edition.journal is not None:
            self._journal(self.edition.journal, found, decisions.lines)
        for tab in self.edition.tabs:
            if tab.entity == FIGURES:
                self._figures(tab)
            elif tab.entity == PASTED:
                self._pasted(tab, found[tab.key], reports, decisions)
        self.hold()
        if written := proving.written(self.pen.written):
            proving.foretell(self.app.store, self.edition.key, written, self.loose)
        self.pen.outbox.send(self.app.sheets, self.memory.spreadsheet_id)
        return self._remember(decisions, reports, version)

    def _read(self) -> dict[str, Rows]:
        if self.is_new and all(tab.entity != PASTED for tab in self.edition.tabs):
            return {tab.key: blank(tab, self.frame) for tab in self.edition.tabs}
        titles = {tab.key: quoted(self.memory.tabs[tab.key]) for tab in self.edition.tabs}
        ranges = [
            titles[t.key] if _is_typed(t) else f"{titles[t.key]}!A:B" for t in self.edition.tabs
        ]
        found = self.app.sheets.read(self.memory.spreadsheet_id, ranges)
        return dict(zip(titles, found, strict=True))

    def _tab(
        self, there: Page, reports: list[Report], decisions: Decisions, *, whole: bool
    ) -> None:
        tab, kept = there.tab, self.memory.written.get(there.tab.key, "")
        seen = survey(there.rows, tab, proving.doubtful(kept))
        told = trail.by_cell(reports, tab.sheet_id, there.keys_told)
        missing, ids = self._missing(tab, seen), self._news_of(tab)
        edited = sorted(seen.suspects | {record for record, _ in told})
        here = (*edited, *missing, *self._to_ask(tab, seen), *proving.unproved(kept))
        asked = list(dict.fromkeys([*ids, *here]))
        views = load(self.stock, tab, asked, self.frame)
        wanted = self._wanted(tab, views, seen)
        planned = plan(seen, tab, wanted, asked)
        edits = unmoved(emptied(planned, tab, self.frame), there.rows, tab, told)
        decisions.decide(tab, edits, views, told)
        decisions.miss(tab, planned, views, told)
        made = self._newcomers(there, planned, reports, decisions, shown=seen.owned)
        if decisions.commanded or made:
            self.stock.drop()
            views = load(self.stock, tab, [*views, *made.values()], self.frame)
            wanted = self._wanted(tab, views, seen)
        self.pen.links, wanted = self._links(tab, views), decisions.with_outcomes(tab, wanted)
        gone = self.pen.rows_of(there, planned, wanted, made=made, decisions=decisions)
        if self.every or proving.is_all(kept):
            gone |= self._untouched(there, seen, set(asked), decisions)
        is_known = self.memory.roster.get(tab.key) and not whole
        restored = {*missing} - {*ids} if is_known else set[str]()
        new = {record for record in made.values() if record in wanted}
        add = [it for it in planned.add if it in wanted and it not in new]
        self.pen.add(there, add, wanted, restored=restored)
        stay = (record for record in seen.owned if record not in gone)
        self._count(tab, (*stay, *add, *new), complete=len(missing) < RESTORED)
        self._care_for_typed(there, seen, made, decisions, moved=bool(restored))

    def _care_for_typed(
        self, there: Page, seen: Survey, made: Container[int], decisions: Decisions, *, moved: bool
    ) -> None:
        """Keep what stands in rows that are no records', lest a write of ours lands there unseen.

        `moved` says that rows were missing: what was kept at the last flush may have been covered.
        """
        tab = there.tab
        if moved or decisions.moved or any(mark == MIXED for _, mark in seen.loose):
            decisions.lose(proving.vanished(self.memory.loose.get(tab.key, ""), there.rows))
        owned = {row.number for row in seen.owned.values()}
        left = (row for row in there.rows if row.number not in made and row.number not in owned)
        typed = proving.typed(left) if tab.key in self.pen.written else ""
        if typed:
            self.loose[tab.key] = typed

    def _count(self, tab: Tab, records: Iterable[str], *, complete: bool) -> None:
        """Keep which rows the tab has from now on, unless it lacks some still."""
        self.rosters[tab.key] = roster(records) if complete else ""
        self.is_short = self.is_short or not complete

    @property
    def _night(self) -> str:
        return proving.night(self.app.clock.now(), self.frame.settings.office.work.zone)

    def _to_ask(self, tab: Tab, seen: Survey) -> Iterable[str]:
        """Return the rows to be compared though nobody touched them and the log is silent."""
        if tab.lists or tab.entity == Staff.kind:
            return seen.owned
        return (it for it, row in seen.owned.items() if self.every and row.own_base is None)

    def _untouched(
        self, there: Page, seen: Survey, asked: Container[str], decisions: Decisions
    ) -> set[str]:
        """Bring the rows that nobody asked for to what the store wants; return those that go.

        They are as we wrote them, so there is nothing to decide in them, and each slice of their
        records is forgotten before the next one is read.
        """
        tab, gone = there.tab, set[str]()
        records = [record for record in seen.owned if record not in asked]
        settled = replace(seen, loose=())
        for start in range(0, len(records), self.slices):
            part = records[start : start + self.slices]
            views = load(self.stock, tab, part, self.frame)
            wanted = self._wanted(tab, views, seen)
            self.pen.links = self._links(tab, views)
            planned = plan(settled, tab, wanted, part)
            gone |= self.pen.rows_of(there, planned, wanted, made={}, decisions=decisions)
            self.stock.ease()
        return gone

    def _links(self, tab: Tab, views: Mapping[str, View]) -> dict[str, dict[str, str]]:
        """Return where the cells of each record lead; nothing of tabs without links."""
        if not any(column.link for column in tab.columns):
            return {}
        return {record: tab.links(view, self.frame) for record, view in views.items()}

    def _news_of(self, tab: Tab) -> list[str]:
        """Return the rows that may differ because of what the log told."""
        if tab.lists is None:
            return self.news.of_tab(tab)
        return everything(self.stock, tab, self.frame) if self.news.of_settings else []

    def _wanted(
        self, tab: Tab, views: Mapping[str, View], seen: Survey
    ) -> dict[str, dict[str, CellValue]]:
        """Return the rows as the store wants them; how an action ended stays beside it."""
        wanted = {record: tab.row(view, self.frame) for record, view in views.items()}
        if tab.acts:
            for record, row in wanted.items():
                row[OUTCOME] = _kept(seen.owned.get(record))
        return wanted

    def _missing(self, tab: Tab, seen: Survey) -> list[str]:
        """Return the records that lost their row; looked for only when the set of ids changed."""
        if roster(seen.owned) == self.memory.roster.get(tab.key):
            return []
        ids = everything(self.stock, tab, self.frame)
        missing = [record for record in ids if record not in seen.owned]
        if tab.key in self.memory.roster:
            self._measure()
        return missing[:RESTORED]

    def _measure(self) -> None:
        info = self.app.sheets.info(self.memory.spreadsheet_id)
        tabs = self.edition.tabs
        known = {t.key: info.tabs[t.sheet_id][1] for t in tabs if t.sheet_id in info.tabs}
        self.pen.lengths.update(known)

    def _newcomers(
        self,
        there: Page,
        planned: Plan,
        reports: list[Report],
        decisions: Decisions,
        *,
        shown: Container[str],
    ) -> dict[int, str]:
        """Make records of the rows that people typed; return them by the number of the row."""
        told = trail.in_new_rows(reports, there.tab.sheet_id, there.keys_told)
        decisions.miss_new(there.tab, there.rows, told)
        typed = [row for row, mark in planned.marks if mark == NEW] if there.tab.adds else []
        made = {}
        for row in typed[:MOST_NEW]:
            user = next((it.user for key, it in told if it.says(row.cells.get(key, ""))), "")
            user = user or trail.author_of_row(reports, there.tab.sheet_id, row.number)
            record = decisions.welcome(there.tab, row, user, shown=shown)
            if record is not None:
                made[row.number] = record
        later = typed[MOST_NEW:]
        decisions.waiting.update(row.number for row in later)
        self.is_short = self.is_short or bool(later)
        return made

    def _journal(self, tab: Tab, read: Mapping[str, Rows], clashes: Iterable[Entry]) -> None:
        """Append what happened; lines that are there already are not written twice."""
        now, found = self.app.clock.now(), read[tab.key]
        there = {normal(row[0]) for row in found[1:] if row}
        lines = [*self._told(tab, now - KEPT), *clashes]
        new = {e.id: e for e in lines if e.id not in there and now - e.at <= KEPT}
        rows: list[list[CellValue]] = []
        for entry in new.values():
            cells = tab.row(View(entry.id, entry=entry), self.frame)
            rows.append([entry.id, *cells.values()])
        zone = self.frame.settings.office.work.zone
        retelling = Retelling(self.app.store, self.stock, self.frame, tab)
        if not retelling.into(self.pen, found, self.news.forgotten):  # a trim would move its rows
            self.pen.outbox.requests += trim(
                tab, found, serial(now - KEPT, zone), serial(now - KEPT - SLACK, zone)
            )
        self.pen.append(tab, len(found), rows)

    def _figures(self, tab: Tab) -> None:
        """Draw the figures, once the log was counted; nothing is sent while they are the same."""
        figures = gather(self.app.desk, self.frame.settings)
        if figures is None:
            return
        self.rosters[tab.key] = drawing.update(
            self.pen.outbox,
            drawing.draw(figures, tab, self.frame),
            self.memory.roster.get(tab.key, ""),
            title=self.memory.tabs[tab.key],
            owner=self.app.settings.google_account,
        )

    def _pasted(
        self, tab: Tab, found: Rows, reports: Sequence[Report], decisions: Decisions
    ) -> None:
        """Answer pasted rows, and take them in when a person chose so."""
        there = pasted(found, self.frame)
        user = trail.author_of_row(reports, tab.sheet_id, TOP)
        work = Pasting(
            desk=self.app.desk,
            frame=self.frame,
            there=there,
            who=partial(decisions.chooser, tab, there.chosen, user),
            cause=decisions.cause,
        )
        known = self.memory.roster.get(tab.key, "")
        self.rosters[tab.key] = work.run(State.read(known)).text()
        self.is_short = self.is_short or work.unsettled
        for number, line in work.lines.items():
            self.pen.outbox.put(self.memory.tabs[tab.key], number, line)

    def _told(self, tab: Tab, since: datetime) -> Iterable[Entry]:
        """Return what the journal shows: after it was lost, all of the last days."""
        position = self.memory.roster.get(tab.key, "")
        lost = not position
        if position in {"", _KEPT}:
            position = lost_edits.begin(since)
        elsewhere, self.rosters[tab.key] = lost_edits.since(self.stock, self.frame, position)
        changes: Sequence[Change] = self.news.changes
        ids = self.news.ids
        if lost and checkpoint(self.app.store, "sheets") is not None:
            changes = [*recent(self.app.store, since)]
            ids = touched(self.app.store, changes)
        views: dict[str, View] = {}
        for kind in _TOLD:
            views |= readable(self.stock, kind, ids[kind], self.frame)
        return [*entries(changes, views, self.frame), *elsewhere]

    def _remember(self, decisions: Decisions, reports: Sequence[Report], version: str) -> Done:
        unsettled = bool(decisions.noticed) or self.is_short
        is_seen = bool(version) and not unsettled
        is_proved = self.memory.written and not decisions.typed and not self.is_short
        memory = replace(
            self.memory,
            roster={**self.memory.roster, **self.rosters},
            rows={**self.memory.rows, **self.pen.lengths},
            noticed=decisions.noticed,
            written=proving.written(self.pen.written),
            loose=self.loose,
            sown=fresh("sw") if is_proved else self.memory.sown,
            compared=self._night if self.every else self.memory.compared,
            looked=version if is_seen else self.memory.looked,
            echoes=self.memory.echoes and not is_seen,
            behind="",
            late="",
            fault="",
            again="",
        )
        if not self.pen.outbox.is_empty:
            now = self.app.clock.now()
            spent = memory.spent_in(now) + self.pen.outbox.sent
            memory = replace(memory, flushed=spell(now), spent=spent, echoes=True)
        if memory != self.memory or reports:
            self.app.store.run(lambda tx: _close(tx, memory, reports))
        return Done(memory, unsettled)


def _is_typed(tab: Tab) -> bool:
    """Return whether people type into the tab."""
    return tab.two_way or tab.entity == PASTED


def _kept(row: Row | None) -> CellValue:
    """Return how the last action ended, as long as nobody typed over it."""
    base = row.own_base if row is not None else None
    if row is None or base is None:
        return ""
    said = row.cells[OUTCOME]
    return said if base.hashes.get(OUTCOME) == digest(said) else ""


def _close(tx: Tx, memory: Memory, reports: Iterable[Report]) -> None:
    """Keep what the flush learnt and drop the reports it answered, together."""
    tx.put(books.COLLECTION, memory.key, memory.doc())
    for report in reports:
        tx.delete(trail.COLLECTION, report.id)
