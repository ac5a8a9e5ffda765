"""The sheets consumer of the change log: one serial writer of all the office's books; D5, D7.

Every call comes through the queue `sheets`, which runs one at a time. One drain reads the log and
the changed records once; only the books that show one of them are flushed. A colleague may sort a
sheet between our read and our write; then cells land in another record's row. The base written
with them names the record it was meant for, so the next look (Drive's version of the file has
moved) sees the mismatch and puts both rows right.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.errors import ConfigError, NotFound, RateLimited
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Office, Settings
from kartoteka.log import log
from kartoteka.ports import Doc, QueuedTask
from kartoteka.services.consume import Drained, checkpoint
from kartoteka.services.consume import drain as read_log
from kartoteka.services.office import read_settings
from kartoteka.services.unit import LOG
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books, lateness, spans, trail, translating, writer
from sync.books import Memory
from sync.columns import Frame
from sync.counting import colleagues
from sync.deciding import GRACE
from sync.flush import Done, Flush
from sync.lateness import FAULTS, Fault
from sync.news import News
from sync.patience import rarely_collected
from sync.quota import Minute, Rank
from sync.shelf.closed import archive
from sync.shelf.editions import TEAM, Edition, editions
from sync.shelf.shelf import BOOKS
from sync.stock import Stock
from sync.visits import MOST, Tally, Visit
from sync.writer import Writer

_SHEETS = CONSUMERS["sheets"]
# So many writes of a minute are free; then each book rests so long for every book that waits, and
# the team's alone goes on.
FREELY = 20
PAUSE = timedelta(seconds=3)
# Of a book that Google refused all the same: the others go on.
REST, SHORT_REST = timedelta(seconds=20), timedelta(seconds=4)
_ASKED = timedelta(seconds=1)  # so often a round asks whether somebody typed meanwhile
_LONG = timedelta(seconds=1)  # of a round for books that can wait: the team's is due
_UNMADE = "unmade"  # instead of a book: any round looks after all that are not made
_BEHIND = "behind"  # instead of a version: the look is for changes that wait, if they still do
_SETTINGS = {Office.kind, Staff.kind}


@rarely_collected()
def drain(app: App, *, look: bool = False, book: str = "", version: str = "") -> Drained:
    """Return how many changes reached the books; what people typed is taken on the way.

    Args:
        app: the ports.
        look: read books even when no change waits.
        book: key of the one to look at, empty for all.
        version: Drive's version of the file that made somebody ask for this look.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """
    reported = trail.waited_for(app.store)
    looked = {book: version} if look and book else {}

    def handle(changes: Sequence[Change]) -> None:
        _Round(app, changes, looked, reported, everything=look and not book).run()

    done = read_log(app.desk, _SHEETS.name, handle, batch=MOST, most=MOST)
    if done.more:
        app.desk.waker.ask(_SHEETS)
    elif not done.handled and (look or reported):
        handle(())
    return done


@rarely_collected()
def move_aged(app: App, ids: Mapping[str, list[str]]) -> None:
    """Take records that were closed long ago out of the working books, into the archive.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """
    _Round(app, (), {}, trail.waited_for(app.store), everything=False, aged=ids).run()


def answer(app: App, wish: Doc) -> Drained:
    """Return how the drain that the queue asks for ended."""
    look, version = bool(wish.get("look")), str(wish.get("version") or "")
    return drain(app, look=look, book=str(wish.get("book") or ""), version=version)


def look_soon(
    app: App, book: str, *reason: str, version: str = "", later: timedelta | None = None
) -> None:
    """Queue a look at a book (all, if empty), after a while; the same reason is queued once."""
    name = derived("look", book, *reason)
    at = app.clock.now() + later if later is not None else None
    payload: Doc = {"look": True, "book": book, "version": version}
    app.tasks.enqueue(QueuedTask(_SHEETS.queue, name, _SHEETS.path, payload, at))


@dataclass(frozen=True, slots=True)
class _Round:
    """One round over the books: each that has to be flushed, one after another.

    `looked` are the books to be read whatever changed, with the version that asked for it.
    """

    app: App
    changes: Sequence[Change]
    looked: dict[str, str]
    reported: set[str]
    everything: bool
    aged: Mapping[str, list[str]] | None = None  # closed long ago by now, by kind

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
            self._leave(visit, memory)
            return
        if tally.slow and visit.waits:
            due = max(due or now, now + REST)
        try:
            if due is None or not self._postponed(visit, due, tally):
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
            memory = self._told_late(visit, fault)
            if tally.done or was_partial:
                now = self.app.clock.now()
                self._leave(visit, lateness.resting(memory, fault, now))
        if tally.failed and (self.aged is not None or not (tally.done or was_partial)):
            raise tally.failed[0][1]

    def _told_late(self, visit: Visit, fault: Fault) -> Memory:
        """Return the memory of a refused book, which says so from now on."""
        found = books.recall(self.app.store, visit.key) or visit.flush.memory
        memory = lateness.refused(found, fault, self.app.clock.now())
        if memory != found:
            books.remember(self.app.store, memory)
        return memory

    def _leave(self, visit: Visit, memory: Memory) -> None:
        """Keep where in the log the changes wait for a book that rests, and when it is its turn."""
        position = memory.behind or checkpoint(self.app.store, _SHEETS.name) or ""
        again = replace(memory, behind=position, settings="" if visit.whole else memory.settings)
        if again != visit.flush.memory:
            books.remember(self.app.store, again)
        later = read(again.again) - self.app.clock.now()
        look_soon(self.app, visit.key, "rest", again.again, version=_BEHIND, later=later)

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
            stock.settings(), edition.reader, self.app.clock.now(), self.app.file_links.address
        )
        stamp = books.settings_print(frame)
        made = books.is_made(edition, memory, frame)
        before = memory or Memory(mark="", key=edition.key, role=edition.book)
        whole = not made or before.settings != stamp
        late = self.looked.get(edition.key) == _BEHIND and not before.behind
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
        version = self.looked.get(memory.key, _BEHIND)
        return version != _BEHIND and not (version and memory.echoes)

    def _one(self, visit: Visit, tally: Tally) -> bool:
        """Flush one book; return False when Google takes no more for now."""
        if visit.flush.memory.behind:
            visit = visit.with_news(self._missed(visit.flush.memory.behind))
        began = self.app.clock.now()
        try:
            done = self._flushed(visit)
        except RateLimited as exc:
            rest = max(SHORT_REST if visit.key == TEAM else REST, exc.retry_after or SHORT_REST)
            if visit.flush.memory.late or not visit.waits:
                raise
            if self._postponed(visit, self.app.clock.now() + rest, tally):
                self._told_late(visit, exc)
                return False
            raise
        if visit.rank is Rank.ROWS and done.memory.flushed != visit.flush.memory.flushed:
            tally.began = tally.began or began
        if done.unsettled:
            look_soon(self.app, visit.key, "unsettled", spell(self.app.clock.now()), later=GRACE)
        return True

    def _flushed(self, visit: Visit) -> Done:
        """Make the book if need be, and flush it."""
        flush = visit.flush
        flush.hold()
        last = None if visit.made else translating.last_look(flush)
        if last is not None and last.unsettled:
            return last
        flush = replace(flush, memory=last.memory) if last is not None else flush
        memory = flush.memory if visit.made else self._made(flush)
        stamp = books.settings_print(flush.frame)
        is_new = not flush.memory.spreadsheet_id
        flush = replace(flush, memory=replace(memory, settings=stamp), is_new=is_new)
        version = self.looked.get(visit.key, "").replace(_BEHIND, "")
        try:
            done = flush.run(version, whole=visit.whole)
        except (NotFound, ConfigError) as exc:
            done = self._mended(flush, exc)
        books.shared(self.app, done.memory, flush.edition.shares)
        return done

    def _made(self, flush: Flush) -> Memory:
        """Return the memory of a book that is there; one whose file is gone is made anew."""
        app, edition, frame = self.app, flush.edition, flush.frame
        known = flush.memory if flush.memory.mark else None
        try:
            return books.ensure(app, edition, known, frame)
        except NotFound as exc:
            if exc.code != "google_gone":
                raise
            books.forget(app.store, edition.key)
            return books.ensure(app, edition, None, frame)

    def _postponed(self, visit: Visit, due: datetime, tally: Tally) -> bool:
        """Return whether a book may wait: queued is its turn, then kept from where in the log.

        One look is queued for what waits until the same moment, and one for all books to be made. A
        book that waits has its look in the queue; where that look is this one, it gets another.
        """
        memory = visit.flush.memory
        position = memory.behind or checkpoint(self.app.store, _SHEETS.name)
        pause = due - self.app.clock.now()
        is_lost = visit.told and visit.made and position is None
        if is_lost or visit.flush.news.is_old or pause <= timedelta(0):
            return False
        if visit.rank is Rank.MAKING:
            if not tally.unmade:
                look_soon(self.app, _UNMADE, spell(due), later=pause)
            tally.unmade = True
        elif not memory.behind or visit.asked or memory.key in self.looked:
            span = math.ceil(due.timestamp() / PAUSE.total_seconds())
            turn = datetime.fromtimestamp(span * PAUSE.total_seconds(), UTC)
            version = self.looked.get(memory.key, _BEHIND if visit.told else "")
            later = turn - self.app.clock.now()
            look_soon(self.app, memory.key, spell(turn), version=version, later=later)
        if visit.told and memory.mark and position and not memory.behind:
            found = books.recall(self.app.store, memory.key) or memory
            books.remember(self.app.store, replace(found, behind=position))
        return True

    def _missed(self, position: str) -> Sequence[Change]:
        """Return the changes behind a position: those that waited, and those of this round."""
        entries = self.app.store.read_log(LOG, position, MOST)
        return [Change.model_validate(entry.doc) for entry in entries]

    def _mended(self, flush: Flush, fault: NotFound | ConfigError) -> Done:
        """Flush again after the workbook, or a tab of it, was made anew."""
        app, edition, frame, memory = self.app, flush.edition, flush.frame, flush.memory
        if isinstance(fault, NotFound):
            if fault.code != "google_gone":
                raise fault
            books.forget(app.store, edition.key)
            mended = books.ensure(app, edition, None, frame)
            mended = replace(mended, settings=memory.settings)
        else:
            mended = books.repaired(app, edition, memory, frame)
            if mended == memory:
                raise fault
        again = replace(flush, memory=mended)
        return again.run("", whole=True)

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
