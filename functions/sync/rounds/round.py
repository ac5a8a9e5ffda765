"""One round over the books: each that has to be flushed, one after another; D5, D7."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.errors import RateLimited
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Office, Settings
from kartoteka.log import log
from kartoteka.services.office import read_settings
from kartoteka.wiring import App
from sync import books, spans, trail
from sync.books import Memory
from sync.columns import Frame
from sync.counting import colleagues
from sync.deciding import GRACE
from sync.flush import Flush
from sync.news import News
from sync.rounds import lateness, waiting, writer
from sync.rounds.lateness import FAULTS
from sync.rounds.mending import flushed
from sync.rounds.quota import Minute, Rank
from sync.rounds.visits import MOST, Tally, Visit
from sync.rounds.waiting import BEHIND, FREELY, PAUSE
from sync.rounds.writer import Writer
from sync.shelf.closed import archive
from sync.shelf.editions import TEAM, Edition, editions
from sync.shelf.shelf import BOOKS
from sync.stock import Stock

# Of a book that Google refused all the same: the others go on.
REST, SHORT_REST = timedelta(seconds=20), timedelta(seconds=4)
_ASKED = timedelta(seconds=1)  # so often a round asks whether somebody typed meanwhile
_LONG = timedelta(seconds=1)  # of a round for books that can wait: the team's is due
_SETTINGS = {Office.kind, Staff.kind}


@dataclass(frozen=True, slots=True)
class Round:
    """One round over the books.

    Attributes:
        app: the ports.
        changes: as the log has them.
        looked: the books to be read whatever changed, with the version that asked for it.
        reported: those in which somebody typed, as the add-on told.
        everything: read every book.
        aged: what was closed long ago by now, by kind.
    """

    app: App
    changes: Sequence[Change]
    looked: dict[str, str]
    reported: set[str]
    everything: bool
    aged: Mapping[str, list[str]] | None = None

    def run(self) -> None:
        """Flush what has to be flushed, as the one writer."""
        with writer.sole(self.app) as claim:
            self._run(claim)

    def _run(self, claim: Writer) -> None:
        settings = self._settings()
        zone = settings.office.work.zone
        shelf = (*BOOKS, *map(archive, spans.progress(self.app.store).spans(zone)))
        wanted = editions(settings, shelf, team_only=self.app.settings.books == "team")
        known = books.known(self.app.store)
        stock = Stock(self.app.store, settings, colleagues(self.app))
        news = News.of(self.app.store, self.changes) if self.aged is None else News.aged(self.aged)

        def visit(key: str) -> Visit | None:
            return self._visit(wanted[key], known.get(key), (stock, news), claim)

        def called() -> list[Visit]:
            """Return the books in which somebody typed since the round began."""
            fresh = (trail.waited_for(self.app.store) - self.reported) & wanted.keys()
            if not fresh:
                return []
            self.reported.update(fresh)
            stock.drop()
            known.update(books.known(self.app.store))
            return [*filter(None, map(visit, fresh))]

        self._go_round([*filter(None, map(visit, wanted))], claim, called)
        for memory in _outdated(known, wanted):
            self._close(memory)

    def _go_round(
        self, waiting: list[Visit], claim: Writer, called: Callable[[], list[Visit]]
    ) -> None:
        """Flush one book after another; what Google refuses of one keeps no other waiting."""
        tally, minute = Tally(), Minute.read(claim.used, self.app.sheets.counted)
        asked = now = self.app.clock.now()
        pause = PAUSE * len(waiting) if minute.used(now).writes > FREELY else timedelta(0)
        waiting = sorted(waiting, key=lambda visit: visit.turn)
        while waiting and not tally.is_hopeless:
            if waiting[0].rank != Rank.EDIT and now - asked >= _ASKED:
                first, asked = called(), now
                keys = {visit.key for visit in first}
                waiting = [*first, *(visit for visit in waiting if visit.key not in keys)]
            visit = waiting.pop(0)
            opens = minute.opens(visit.rank, now) if visit.rank is not None else None
            yields = self._yields(visit, tally, now)
            due = max(filter(None, (opens, yields, visit.due(pause))), default=None)
            self._take(visit, due, tally)
            now = self.app.clock.now()
            minute.note(self.app.sheets.counted, now, visit.rank)
            claim.used = minute.text(now)
        self._answer_for(tally)

    def _yields(self, visit: Visit, tally: Tally, now: datetime) -> datetime | None:
        """Return when a book goes on that leaves the next round to the team's; None: now.

        One is written in each round at the least. When all is late, none gives way.
        """
        if visit.rank is not Rank.ROWS or tally.began is None or len(self.changes) == MOST:
            return None
        return now + PAUSE if now - tally.began >= _LONG and visit.waits else None

    def _take(self, visit: Visit, due: datetime | None, tally: Tally) -> None:
        """Flush one book, or let it wait: for its turn, or because it was refused a moment ago."""
        memory, now = visit.flush.memory, self.app.clock.now()
        if lateness.rests(memory, now) and not visit.flush.news.is_old:
            waiting.leave(visit, memory)
            return
        if tally.slow and visit.waits:
            due = max(due or now, now + REST)
        try:
            if due is None or not waiting.postponed(visit, due, tally, self.looked):
                tally.slow = not self._one(visit, tally) or tally.slow
                self.reported.discard(visit.key)
            tally.done += 1
        except FAULTS as fault:
            tally.failed.append((visit, fault))

    def _answer_for(self, tally: Tally) -> None:
        """Let the refused books rest; when nothing went through, the queue repeats it all.

        What was closed long ago does not stand in the log: its portion is repeated too.
        """
        was_partial = any(visit.flush.memory.again for visit, _ in tally.failed)
        for visit, fault in tally.failed:
            memory = waiting.told_late(visit, fault)
            if tally.done or was_partial:
                now = self.app.clock.now()
                waiting.leave(visit, lateness.resting(memory, fault, now))
        if tally.failed and (self.aged is not None or not (tally.done or was_partial)):
            raise tally.failed[0][1]

    def _settings(self) -> Settings:
        """Return the office's settings, read anew when somebody changed them."""
        parts = (part.entity for change in self.changes for part in change.parts)
        if _SETTINGS.isdisjoint(parts):
            return self.app.desk.settings()
        return read_settings(self.app.store)

    def _visit(
        self, edition: Edition, memory: Memory | None, read: tuple[Stock, News], claim: Writer
    ) -> Visit | None:
        """Return what is to be done to a book, None when it is as it should be."""
        stock, news = read
        frame = Frame(
            stock.settings(),
            edition.reader,
            self.app.clock.now(),
            self.app.file_links.address,
            self.app.desk.intake_url,
        )
        stamp = books.settings_print(frame)
        made = books.is_made(edition, memory, frame)
        before = memory or Memory(mark="", key=edition.key, role=edition.book)
        whole = not made or before.settings != stamp
        late = self.looked.get(edition.key) == BEHIND and not before.behind
        looked = edition.key in self.looked and not late
        asked = self.everything or edition.key in self.reported or (looked and self._typed(before))
        told = bool(before.behind) or news.touches(edition, stock, frame)
        if not (whole or asked or told or looked):
            return None
        flush = Flush(self.app, edition, frame, before, news, stock, claim.hold)
        rank = self._rank(before, made=made, moved=whole or told)
        return Visit(flush, whole=whole, asked=asked, made=made, told=told, rank=rank)

    def _rank(self, memory: Memory, *, made: bool, moved: bool) -> Rank | None:
        """Return what a book is looked at for; a version that nobody but us made is no edit."""
        if memory.key in self.reported or (made and self._typed(memory)):
            return Rank.EDIT
        if not made:
            return Rank.MAKING
        if self.everything or self.aged is not None:
            return None
        if moved:
            return Rank.TEAM if memory.key == TEAM else Rank.ROWS
        return Rank.CHECK

    def _typed(self, memory: Memory) -> bool:
        """Return whether a look is for what somebody may have typed, not for our own writing."""
        version = self.looked.get(memory.key, BEHIND)
        return version != BEHIND and not (version and memory.echoes)

    def _one(self, visit: Visit, tally: Tally) -> bool:
        """Flush one book; return False when Google takes no more for now."""
        if behind := visit.flush.memory.behind:
            visit = visit.with_news(waiting.missed(self.app.store, behind))
        began = self.app.clock.now()
        try:
            done = flushed(visit, self.looked.get(visit.key, "").replace(BEHIND, ""))
        except RateLimited as exc:
            if not self._puts_off(visit, exc, tally):
                raise
            return False
        if visit.rank is Rank.ROWS and done.memory.flushed != visit.flush.memory.flushed:
            tally.began = tally.began or began
        if done.unsettled:
            at = spell(self.app.clock.now())
            waiting.look_soon(self.app, visit.key, "unsettled", at, later=GRACE)
        return True

    def _puts_off(self, visit: Visit, fault: RateLimited, tally: Tally) -> bool:
        """Return whether a book that Google has no room for waits, and is told to be late."""
        if visit.flush.memory.late or not visit.waits:
            return False
        rest = max(SHORT_REST if visit.key == TEAM else REST, fault.retry_after or SHORT_REST)
        due = self.app.clock.now() + rest
        if not waiting.postponed(visit, due, tally, self.looked):
            return False
        waiting.told_late(visit, fault)
        return True

    def _close(self, memory: Memory) -> None:
        """Take every access to a book away that nobody should have any more; each round tries."""
        level = replace(memory, settings="", behind="", late="", fault="", again="")
        if not (memory.spreadsheet_id and memory.shared):
            if memory.late:
                books.remember(self.app.store, level)
            return
        try:
            books.shared(self.app, level, {})
        except FAULTS as fault:
            log("error", event="book_not_closed", book=memory.key, error=type(fault).__name__)


def _outdated(known: dict[str, Memory], wanted: dict[str, Edition]) -> Iterator[Memory]:
    return (memory for key, memory in known.items() if key not in wanted)
