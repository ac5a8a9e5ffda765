"""What all open pages share: one look at the book, the log and the contacts per change.

The stand-in's listeners only count; looking happens when a page asks, so that nobody pays while
nobody watches.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from kartoteka.domain.change import Change, Part
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.ports import Query
from kartoteka.services.unit import LOG
from onebox.edits import Editor
from onebox.machine import Machine
from onebox.reading import books
from onebox.web.book import Tab
from onebox.web.feed import Line, Teller
from onebox.web.phonebook import Phones
from onebox.web.snapshot import tabs

FEED = 60  # lines kept
_PAGE = 500
_LONG_LOG = 20_000  # changes
_REST = 5  # times as long as a look took


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as it is now.

    `shown` is the sheet id of the tab that has its rows; `others` are titles by id of all books
    that this person may open.
    """

    id: str
    title: str
    shown: int
    tabs: tuple[Tab, ...]
    others: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page shows: the books of this person, one of them, one of its tabs (0: the first)."""

    user: str
    book: str = ""
    tab: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the book: after which change it was taken, and until when it is good enough.

    `book` is None before there is one.
    """

    book: Book | None
    seen: int
    rest_until: float


class Hub:
    """Looks once for everybody. Every method may be called from any thread."""

    def __init__(self, machine: Machine, editor: Editor | None) -> None:
        self.machine = machine
        self.editor = editor
        self.phones = Phones(machine, self._last_number)
        self._lock = threading.Lock()  # of the looks at the book
        self._log_lock = threading.Lock()
        self._looks: dict[Wanted, Look] = {}
        self.changed = 0  # grows with each change of the book or the contacts
        self._position: str | None = None
        self._changes: deque[Change] = deque(maxlen=FEED * 2)
        if machine.google is not None:
            machine.google.listeners.append(self._heard)

    def look_again(self) -> None:
        """Take everything as changed."""
        self.changed += 1

    def _heard(self, _kind: str, _name: str) -> None:
        self.changed += 1

    def look(self, wanted: Wanted) -> Look:
        """Return a workbook with the rows of one tab.

        Looked at again only after a change, and seldom when looking takes long.
        """
        with self._lock:
            now = time.monotonic()
            kept = self._looks.get(wanted)
            if kept is not None and (kept.seen == self.changed or now < kept.rest_until):
                return kept
            seen = self.changed
            book = self._book(wanted)
            rest = _REST * (time.monotonic() - now)
            taken = self._looks[wanted] = Look(book, seen, now + rest)
            return taken

    def real_books(self) -> list[dict[str, Any]]:
        """Return title and url of each workbook at Google itself."""
        return books(self.machine.app.store)

    def feed(self, locale: str) -> list[Line]:
        """Return the newest lines, newest first."""
        with self._log_lock:
            self._follow()
            changes = list(self._changes)
        app = self.machine.app
        teller = Teller(app.desk.settings(), locale, app.store.get)
        lines = [line for change in changes for line in teller.lines(change)]
        return lines[::-1][:FEED]

    def position(self) -> str | None:
        """Return how far the log is read: it changes with every commit."""
        with self._log_lock:
            self._follow()
            return self._position

    def _book(self, wanted: Wanted) -> Book | None:
        google = self.machine.google
        found = [row for row in books(self.machine.app.store) if row["spreadsheet_id"]]
        theirs = {
            row["spreadsheet_id"]: row["title"] for row in found if wanted.user in row["people"]
        }
        if google is None or not theirs:
            return None
        chosen = wanted.book if wanted.book in theirs else next(iter(theirs))
        sheets = google.sheets.readable(self.machine.settings.google_account, chosen).sheets
        known = {sheet.id for sheet in sheets}
        shown = wanted.tab if wanted.tab in known else sheets[0].id
        snapshot = google.sheets.snapshot(chosen, wanted.user, shown)
        return Book(chosen, theirs[chosen], shown, tabs(snapshot), theirs)

    def _follow(self) -> None:
        """Read what the log got since the last look; a long log is joined at its end."""
        store = self.machine.app.store
        if self._position is None and store.count(Query(LOG)) > _LONG_LOG:
            self._position = store.log_head(LOG)
        while entries := store.read_log(LOG, self._position, _PAGE):
            self._changes.extend(Change.model_validate(entry.doc) for entry in entries)
            self._position = entries[-1].position

    def _last_number(self) -> str:
        """Return the number of the newest incoming call, empty when there was none."""
        with self._log_lock:
            self._follow()
            changes = list(self._changes)
        for change in reversed(changes):
            for part in change.parts:
                number = self._calling(part)
                if number:
                    return number
        return ""

    def _calling(self, part: Part) -> str:
        if part.entity != Inbound.kind or (part.after or {}).get("what") != Kind.CALL:
            return ""
        doc = self.machine.app.store.get(Inbound.collection, part.id)
        call = Inbound.model_validate(doc).call if doc else None
        return call.fact.client_number if call and call.direction == "in" else ""
