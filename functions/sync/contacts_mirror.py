"""The contacts consumer of the change log: one writer for every phone of the office; D9.

Every call comes through the queue `contacts`, which runs one at a time: drains bring cards out,
looks bring edits back. `sync.phones` does the work, one account after the other.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.errors import ConfigError, NotAllowed
from kartoteka.domain.ids import derived
from kartoteka.domain.phone_rules import OFFICE
from kartoteka.log import log
from kartoteka.ports import ContactsOf, QueuedTask
from kartoteka.services.consume import Drained
from kartoteka.services.consume import drain as read_log
from kartoteka.services.office import Desk
from kartoteka.services.phone_settings import LOOK_PATH
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync.phones import accounts, fill, poll
from sync.phones.accounts import PhoneBook
from sync.phones.writer import Writer, everything

__all__ = ["EVERY", "Mirror", "drain", "everything", "look", "look_later"]

EVERY = timedelta(minutes=10)
_CONTACTS = CONSUMERS["contacts"]
_BATCH = 2_000  # changes read at once
_MOST = 10_000


def drain(app: App) -> Drained:
    """Return how many changes were mirrored; what is left gets a drain of its own.

    Raises:
        RateLimited, ProviderDown: Google does not take more now; the queue repeats.
    """
    mirror = Mirror(app.desk, app.contacts_of)
    more = mirror.prepare()
    done = read_log(app.desk, _CONTACTS.name, mirror.apply, batch=_BATCH, most=_MOST)
    if done.more or more:
        app.desk.waker.ask(_CONTACTS)
    return Drained(done.handled, more=done.more or more)


def look(app: App) -> dict[str, object]:
    """Return how many contacts people had changed, account by account."""
    mirror = Mirror(app.desk, app.contacts_of)
    found = mirror.look()
    if mirror.prepare():
        app.desk.waker.ask(_CONTACTS)
    return {"changed": found}


def look_later(app: App) -> None:
    """Ask for a look at the phones; once in ten minutes."""
    span = math.floor(app.clock.now().timestamp() / EVERY.total_seconds())
    name = derived("look", "phones", str(span))
    app.tasks.enqueue(QueuedTask(_CONTACTS.queue, name, LOOK_PATH))


class Mirror:
    """All accounts of the office; one that Google refuses does not stop the others."""

    def __init__(self, desk: Desk, contacts_of: ContactsOf) -> None:
        self._desk = desk
        self._contacts_of = contacts_of

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the contacts of all clients these changes touch show what the store says."""
        touched = {change.subject for change in changes} | {
            part.id for change in changes for part in change.parts if part.entity == "client"
        }
        self.refresh(name for name in touched if name.startswith("cl_"))

    def refresh(self, client_ids: Iterable[str]) -> None:
        """Make these clients' contacts show what the store says; unchanged ones cost nothing."""
        wanted = list(client_ids)
        if wanted:
            self._each(lambda writer: writer.refresh(wanted), self._ready())

    def prepare(self) -> bool:
        """Fill accounts that lack cards, empty those that have to go; return what is left to do."""
        settings = self._desk.settings()
        books = accounts.wanted(settings)
        stale = [key for key in accounts.known(self._desk.store) if key not in books]
        self._each(fill.empty, [accounts.retired(key, settings) for key in stale])
        more: list[bool] = []
        self._each(lambda writer: more.append(fill.prepare(writer)), self._working())
        return any(more)

    def look(self) -> dict[str, int]:
        """Return how many contacts people changed, by account, after all of it was taken."""
        found: dict[str, int] = {}

        def one(writer: Writer) -> None:
            if writer.memory.stuck:
                writer.keep(stuck="", filled=False, cursor="")
            found[writer.book.key] = poll.look(writer)

        self._each(one, accounts.wanted(self._desk.settings()).values())
        return found

    def _working(self) -> Iterator[PhoneBook]:
        """Yield the accounts that Google did not refuse since the last look."""
        store = self._desk.store
        for book in accounts.wanted(self._desk.settings()).values():
            if not accounts.recall(store, book.key).stuck:
                yield book

    def _ready(self) -> Iterator[PhoneBook]:
        """Yield the accounts that were looked at once; others are filled from the store later."""
        store = self._desk.store
        return (it for it in self._working() if accounts.recall(store, it.key).token)

    def _each(self, act: Callable[[Writer], object], books: Iterable[PhoneBook]) -> None:
        for book in list(books):
            try:
                act(Writer(self._desk, self._contacts_of(book.email), book))
            except (ConfigError, NotAllowed) as refusal:
                if book.key == OFFICE:
                    raise
                self._leave(book, refusal)

    def _leave(self, book: PhoneBook, refusal: ConfigError | NotAllowed) -> None:
        """Let the next look try this account again."""
        log("error", event="contacts_refused", account=book.key, error=str(refusal))
        store = self._desk.store
        known = accounts.recall(store, book.key)
        accounts.remember(store, book.key, accounts.stuck(known, str(refusal)))
