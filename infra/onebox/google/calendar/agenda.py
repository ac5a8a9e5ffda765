"""Calendars of all accounts with their events, in memory and in the vault.

Every change of an event gets the next number of its calendar; listing by that number is what
incremental sync walks.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from onebox.google.calendar import refusals
from onebox.google.methods import Json
from onebox.google.storage import Vault

_RANK = {"none": 0, "freeBusyReader": 1, "reader": 2, "writer": 3, "owner": 4}
_CALENDARS = "calendar"
_LISTS = "calendar-list"


@dataclass(frozen=True)
class Book:
    """One calendar as it is kept.

    Attributes:
        id: the owner's address for a primary calendar, else of the group's domain.
        owner: address of the account that made it.
        fields: summary, description, timeZone.
        rules: role by address.
        version: grows with each change and makes the etag.
        epoch: sync tokens of an older one are expired.
    """

    id: str
    owner: str
    fields: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    version: int = 1
    epoch: int = 0

    @property
    def is_primary(self) -> bool:
        return self.id == self.owner

    @property
    def zone(self) -> str:
        return self.fields.get("timeZone", "UTC")

    def role(self, user: str) -> str:
        """Return what this user may do: none, freeBusyReader, reader, writer, owner."""
        return "owner" if user == self.owner else self.rules.get(user, "none")


@dataclass(frozen=True)
class Event:
    """One event as it is kept; `fields` is the resource without what is computed."""

    id: str
    fields: Json
    seq: int = 0
    version: int = 1
    created: str = ""
    updated: str = ""
    creator: str = ""
    sequence: int = 0

    @property
    def is_deleted(self) -> bool:
        return bool(self.fields.get("status") == "cancelled")


class Agenda:
    """All calendars. Hold `lock` around a read-and-write."""

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self._vault = vault
        self._now = now
        self._books = {key: Book(**body) for key, body in vault.list(_CALENDARS)}
        self._lists = {key: list(body["ids"]) for key, body in vault.list(_LISTS)}
        self._events: dict[str, dict[str, Event]] = {}

    def now(self) -> datetime:
        """Return the office time."""
        return self._now()

    def stamp(self) -> str:
        """Return the office time as Calendar writes it."""
        return self._now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def book(self, calendar_id: str, user: str, role: str = "reader") -> Book:
        """Return a calendar that this user may use in this role; `primary` is the user's own.

        Raises:
            CalendarError: 404 for who sees nothing of it, 403 for who may not do this.
        """
        name = user if calendar_id == "primary" else calendar_id.lower()
        found = self._books.get(name)
        if found is None and name == user:
            found = self.keep(Book(user, user, {"summary": user, "timeZone": "UTC"}))
        if found is None or found.role(user) == "none":
            raise refusals.not_found()
        if _RANK[found.role(user)] < _RANK[role]:
            raise refusals.needs_role(role)
        return found

    def new(self, owner: str, fields: dict[str, str]) -> Book:
        """Return a new calendar, which stands in its owner's list."""
        book = Book(f"c_{secrets.token_hex(16)}@group.calendar.google.com", owner, fields)
        self.listed(owner, book.id)
        return self.keep(book)

    def keep(self, book: Book) -> Book:
        """Keep a new or changed calendar."""
        self._vault.put(_CALENDARS, book.id, asdict(book))
        self._books[book.id] = book
        return book

    def remove(self, book: Book) -> None:
        """Forget a calendar with its events."""
        for event_id in list(self.events(book)):
            self._vault.delete(_kind(book), event_id)
        self._vault.delete(_CALENDARS, book.id)
        self._books.pop(book.id, None)
        self._events.pop(book.id, None)

    def expire_tokens(self, calendar_id: str) -> None:
        """Make every sync token of a calendar a thing of the past, as Google sometimes does."""
        with self.lock:
            book = self._books[calendar_id]
            self.keep(replace(book, epoch=book.epoch + 1))

    def in_list(self, user: str) -> list[Book]:
        """Return the calendars in a user's list that they can still see, the primary first."""
        names = [user, *(name for name in self._lists.get(user, []) if name != user)]
        self.book("primary", user)
        found = (self._books.get(name) for name in names)
        return [book for book in found if book is not None and book.role(user) != "none"]

    def listed(self, user: str, calendar_id: str) -> None:
        """Put a calendar into a user's list."""
        names = dict.fromkeys([*self._lists.get(user, []), calendar_id])
        self._keep_list(user, list(names))

    def unlisted(self, user: str, calendar_id: str) -> None:
        """Take a calendar out of a user's list."""
        self._keep_list(user, [it for it in self._lists.get(user, []) if it != calendar_id])

    def events(self, book: Book) -> dict[str, Event]:
        """Return the events of a calendar by id, deleted ones too, the latest change last."""
        if book.id not in self._events:
            kept = [Event(**body) for _, body in self._vault.list(_kind(book))]
            self._events[book.id] = {it.id: it for it in sorted(kept, key=lambda it: it.seq)}
        return self._events[book.id]

    def save(self, book: Book, event: Event) -> Event:
        """Keep a new or changed event; return it stamped."""
        there = self.events(book)
        last = next(reversed(there.values())).seq if there else 0
        stamped = replace(event, seq=last + 1, updated=self.stamp())
        self._vault.put(_kind(book), event.id, asdict(stamped))
        there.pop(event.id, None)
        there[event.id] = stamped
        return stamped

    def _keep_list(self, user: str, names: list[str]) -> None:
        self._vault.put(_LISTS, user, {"ids": names})
        self._lists[user] = names


def _kind(book: Book) -> str:
    return f"calendar-event/{book.id}"
