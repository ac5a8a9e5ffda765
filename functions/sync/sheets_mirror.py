"""The sheets consumer of the change log: one serial writer of all the office's books; D5, D7.

Every call comes through the queue `sheets`, which runs one at a time. One drain reads the log and
the changed records once; only the books that show one of them are flushed. A colleague may sort a
sheet between our read and our write; then cells land in another record's row. The base written
with them names the record it was meant for, so the next look (Drive's version of the file has
moved) sees the mismatch and puts both rows right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kartoteka.domain.change import Change
from kartoteka.domain.errors import ConfigError, NotFound
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Office, Settings
from kartoteka.ports import Doc, QueuedTask
from kartoteka.services.consume import Drained
from kartoteka.services.consume import drain as read_log
from kartoteka.services.office import read_settings
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books, trail
from sync.books import Memory
from sync.columns import Frame
from sync.counting import colleagues
from sync.deciding import GRACE
from sync.flush import Done, Flush
from sync.news import News
from sync.shelf.editions import Edition, editions
from sync.shelf.shelf import BOOKS
from sync.stock import Stock

_SHEETS = CONSUMERS["sheets"]
_MOST = 5_000  # changes a flush
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


def look_soon(app: App, book: str, *reason: str, version: str = "", later: bool = False) -> None:
    """Queue a look at a book (all, if empty); the same reason is queued once."""
    name = derived("look", book, *reason)
    at = app.clock.now() + GRACE if later else None
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

    def run(self) -> None:
        settings = self._settings()
        mode = self.app.settings.books == "team"
        wanted = editions(settings, BOOKS, team_only=mode)
        known = books.known(self.app.store)
        stock = Stock(self.app.store, settings, colleagues(self.app))
        news = News.of(self.app.store, self.changes)
        stamp = books.settings_print(Frame(settings))
        for edition in wanted.values():
            memory = known.get(edition.key)
            self._one(edition, memory, (stock, news), stamp)
        for memory in _outdated(known, wanted):
            self._close(memory)

    def _settings(self) -> Settings:
        """Return the office's settings, read anew when somebody changed them."""
        parts = (part.entity for change in self.changes for part in change.parts)
        if _SETTINGS.isdisjoint(parts):
            return self.app.desk.settings()
        return read_settings(self.app.store)

    def _one(
        self, edition: Edition, memory: Memory | None, read: tuple[Stock, News], stamp: str
    ) -> None:
        stock, news = read
        frame = Frame(stock.settings(), edition.reader, self.app.clock.now())
        before = memory
        memory = books.ensure(self.app, edition, memory, frame)
        is_new = before is None or before.settings != stamp or before.columns != memory.columns
        asked = self.everything or edition.key in self.looked or edition.key in self.reported
        if not (is_new or asked or news.touches(edition, stock, frame)):
            return
        flush = Flush(self.app, edition, frame, replace(memory, settings=stamp), news, stock)
        version = self.looked.get(edition.key, "")
        try:
            done = flush.run(version, whole=is_new)
        except (NotFound, ConfigError) as exc:
            done = self._mended(flush, exc)
        if done.unsettled:
            now = spell(self.app.clock.now())
            look_soon(self.app, edition.key, "unsettled", now, later=True)

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
        again = Flush(app, edition, frame, mended, flush.news, flush.stock)
        return again.run("", whole=True)

    def _close(self, memory: Memory) -> None:
        """Take every access to a book away that nobody should have any more."""
        if memory.spreadsheet_id and memory.shared:
            books.shared(self.app, replace(memory, settings=""), {})


def _outdated(known: dict[str, Memory], wanted: dict[str, Edition]) -> Iterator[Memory]:
    return (memory for key, memory in known.items() if key not in wanted)
