"""The sheets consumer of the change log: one serial writer of all the office's books; D5, D7.

Every call comes through the queue `sheets`, which runs one at a time. One drain reads the log and
the changed records once; only the books that show one of them are flushed. A colleague may sort a
sheet between our read and our write; then cells land in another record's row. The base written
with them names the record it was meant for, so the next look (Drive's version of the file has
moved) sees the mismatch and puts both rows right.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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
from sync import books, lateness, spans, trail, writer
from sync.books import Memory
from sync.columns import Frame
from sync.counting import colleagues
from sync.deciding import GRACE
from sync.flush import Done, Flush
from sync.lateness import FAULTS, Fault
from sync.news import News
from sync.shelf.closed import archive
from sync.shelf.editions import TEAM, Edition, editions
from sync.shelf.shelf import BOOKS
from sync.stock import Stock
from sync.writer import Writer

_SHEETS = CONSUMERS["sheets"]
_MOST = 5_000  # changes a flush
# Google grants one account 60 reads and 60 writes a minute. So many flushes of a minute are free;
# then each book rests so long for every book that waits, and the team's alone goes on.
FREELY = 25
PAUSE = timedelta(seconds=3)
# Of a book that Google refused all the same: the others go on.
REST, SHORT_REST = timedelta(seconds=20), timedelta(seconds=4)
_ENOUGH = 3  # refusals one after another: Google itself is down
_BEHIND = "behind"  # instead of a version: the look is for changes that wait, if they still do
_SETTINGS = {Office.kind, Staff.kind}


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

    done = read_log(app.desk, _SHEETS.name, handle, batch=_MOST, most=_MOST)
    if done.more:
        app.desk.waker.ask(_SHEETS)
    elif not done.handled and (look or reported):
        handle(())
    return done


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
class _Visit:
    """A book on its turn: `whole` compares every row, `asked` is for what a person did.

    `made` says whether its file is known to be as it should be.
    """

    flush: Flush
    whole: bool
    asked: bool
    made: bool

    @property
    def key(self) -> str:
        """Return the key of the book."""
        return self.flush.edition.key

    @property
    def waits(self) -> bool:
        """Return whether what it brings stands in the log, so that it may be read there later."""
        return not (self.whole or self.flush.news.is_old)

    def due(self, pause: timedelta) -> datetime | None:
        """Return when the book may be written again; None: now, whoever waits.

        What a person typed does not wait, nor does the team's book, which all look at.
        """
        memory = self.flush.memory
        if not self.waits or self.asked or memory.key == TEAM or not memory.flushed:
            return None
        return read(memory.flushed) + pause

    def with_news(self, changes: Sequence[Change]) -> "_Visit":
        """Return the visit with the changes that waited for this book."""
        store = self.flush.app.store
        whole = self.whole or len(changes) == _MOST
        news = self.flush.news.with_changes(store, changes)
        return replace(self, flush=replace(self.flush, news=news), whole=whole)


@dataclass
class _Tally:
    """How a round goes: the books that are done, those that Google refused, and why."""

    done: int = 0
    failed: list[tuple[_Visit, Fault]] = field(default_factory=list)
    slow: bool = False  # Google asked to wait: what can wait does

    @property
    def is_hopeless(self) -> bool:
        """Return whether Google takes nothing at all: each further call may last a minute."""
        return not self.done and len(self.failed) >= _ENOUGH


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
        found = (
            self._visit(edition, known.get(edition.key), (stock, news), claim)
            for edition in wanted.values()
        )
        waiting = sorted(filter(None, found), key=lambda visit: bool(visit.flush.memory.late))
        now = self.app.clock.now()
        spent = sum(memory.spent_in(now) for memory in known.values())
        self._go_round(waiting, PAUSE * len(waiting) if spent > FREELY else timedelta(0))
        for memory in _outdated(known, wanted):
            self._close(memory)

    def _go_round(self, waiting: Sequence[_Visit], pause: timedelta) -> None:
        """Flush one book after another; what Google refuses of one keeps no other waiting."""
        tally = _Tally()
        for visit in waiting:
            memory, now = visit.flush.memory, self.app.clock.now()
            if lateness.rests(memory, now) and not visit.flush.news.is_old:
                self._leave(visit, memory)
                continue
            if tally.slow and visit.waits and self._postponed(visit, now + REST):
                continue
            try:
                tally.slow = not self._one(visit, pause) or tally.slow
                tally.done += 1
            except FAULTS as fault:
                tally.failed.append((visit, fault))
            if tally.is_hopeless:
                break
        self._answer_for(tally)

    def _answer_for(self, tally: _Tally) -> None:
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

    def _told_late(self, visit: _Visit, fault: Fault) -> Memory:
        """Return the memory of a refused book, which says so from now on."""
        found = books.recall(self.app.store, visit.key) or visit.flush.memory
        memory = lateness.refused(found, fault, self.app.clock.now())
        if memory != found:
            books.remember(self.app.store, memory)
        return memory

    def _leave(self, visit: _Visit, memory: Memory) -> None:
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
    ) -> "_Visit | None":
        """Return what is to be done to a book, None when it is as it should be."""
        stock, news = read
        frame = Frame(stock.settings(), edition.reader, self.app.clock.now())
        stamp = books.settings_print(frame)
        made = books.is_made(edition, memory, frame)
        before = memory or Memory(mark="", key=edition.key, role=edition.book)
        whole = not made or before.settings != stamp
        late = self.looked.get(edition.key) == _BEHIND and not before.behind
        looked = edition.key in self.looked and not late
        asked = self.everything or looked or edition.key in self.reported
        if not (whole or asked or before.behind or news.touches(edition, stock, frame)):
            return None
        flush = Flush(self.app, edition, frame, before, news, stock, claim.hold)
        return _Visit(flush, whole=whole, asked=asked, made=made)

    def _one(self, visit: _Visit, pause: timedelta) -> bool:
        """Flush one book, or let its changes wait when it was written a moment ago.

        Returns False when Google takes no more for now.
        """
        due = visit.due(pause)
        if due is not None and self._postponed(visit, due):
            return True
        if visit.flush.memory.behind:
            visit = visit.with_news(self._missed(visit.flush.memory.behind))
        try:
            done = self._flushed(visit)
        except RateLimited as exc:
            rest = max(SHORT_REST if visit.key == TEAM else REST, exc.retry_after or SHORT_REST)
            if visit.flush.memory.late or not visit.waits:
                raise
            if self._postponed(visit, self.app.clock.now() + rest):
                self._told_late(visit, exc)
                return False
            raise
        if done.unsettled:
            look_soon(self.app, visit.key, "unsettled", spell(self.app.clock.now()), later=GRACE)
        return True

    def _flushed(self, visit: _Visit) -> Done:
        """Make the book if need be, and flush it."""
        flush = visit.flush
        flush.hold()
        memory = flush.memory if visit.made else self._made(flush)
        stamp = books.settings_print(flush.frame)
        flush = replace(flush, memory=replace(memory, settings=stamp))
        version = self.looked.get(visit.key, "").replace(_BEHIND, "")
        try:
            return flush.run(version, whole=visit.whole)
        except (NotFound, ConfigError) as exc:
            return self._mended(flush, exc)

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

    def _postponed(self, visit: _Visit, due: datetime) -> bool:
        """Return whether the changes may wait for a book: from where in the log, and until when.

        One look is queued for all that waits in the same span.
        """
        memory = visit.flush.memory
        position = memory.behind or checkpoint(self.app.store, _SHEETS.name)
        pause = due - self.app.clock.now()
        if position is None or pause <= timedelta(0):
            return False
        if not memory.behind:
            books.remember(self.app.store, replace(memory, behind=position))
        if not memory.behind or visit.asked:
            span = math.ceil(due.timestamp() / REST.total_seconds())
            look_soon(self.app, memory.key, str(span), version=_BEHIND, later=pause)
        return True

    def _missed(self, position: str) -> Sequence[Change]:
        """Return the changes behind a position: those that waited, and those of this round."""
        entries = self.app.store.read_log(LOG, position, _MOST)
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
