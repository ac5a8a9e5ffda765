"""A Google account's calendars in memory, as strict as Google: ids for ever, etags, sync tokens.

`part` breaks a batch in the middle: the calls behind that place are not done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

from tests.mirrored_office import Account

from kartoteka.calendar_ports import EventDraft, EventOutcome, EventPage, EventSeen, Span
from kartoteka.domain.errors import (
    Conflict,
    KartotekaError,
    NotAllowed,
    NotFound,
    RateLimited,
)
from kartoteka.ports import SyncExpired


@dataclass
class Book:
    title: str
    mark: str
    zone: str
    events: dict[str, EventSeen] = field(default_factory=dict)
    drafts: dict[str, EventDraft] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    expired: bool = False


class FakeCalendars(Account):
    def __init__(self) -> None:
        super().__init__()
        self.books: dict[str, Book] = {}
        self.spans: dict[str, list[Span]] = {}
        self.part = 0
        self._numbers = count(1)

    def find(self, mark: str) -> str | None:
        def work() -> str | None:
            return next((name for name, it in self.books.items() if it.mark == mark), None)

        return self._called("find", work)

    def make(self, title: str, mark: str, zone: str) -> str:
        def work() -> str:
            name = f"c_{next(self._numbers)}"
            self.books[name] = Book(title, mark, zone)
            return name

        return self._called("make", work)

    def share(self, calendar: str, email: str) -> None:
        self._called("share", lambda: self._book(calendar).shared.add(email))

    def unshare(self, calendar: str, email: str) -> None:
        def work() -> None:
            if calendar in self.books:
                self.books[calendar].shared.discard(email)

        self._called("unshare", work)

    def page(self, calendar: str, sync_token: str | None, page_token: str | None) -> EventPage:
        assert page_token is None

        def work() -> EventPage:
            book = self._book(calendar)
            if sync_token is None:
                book.expired = False
                there = (it for it in book.events.values() if not it.deleted)
                return EventPage(tuple(there), None, str(len(book.log)))
            if book.expired:
                raise SyncExpired
            names = dict.fromkeys(book.log[int(sync_token) :])
            seen = tuple(_listed(book.events[name]) for name in names)
            return EventPage(seen, None, str(len(book.log)))

        return self._called("page", work)

    def get(self, calendar: str, ids: Sequence[str]) -> list[EventSeen | None]:
        assert 0 < len(ids) <= 50
        there = self.books[calendar].events if calendar in self.books else {}
        return self._called("get", lambda: [there.get(name) for name in ids])

    def insert(self, calendar: str, drafts: Sequence[EventDraft]) -> list[EventOutcome]:
        def one(draft: EventDraft) -> EventSeen:
            book = self._book(calendar)
            if draft.id in book.events:
                raise Conflict("The requested identifier already exists.")
            return self._keep(book, draft)

        return self._batch("insert", [partial(one, it) for it in drafts])

    def update(self, calendar: str, drafts: Sequence[tuple[EventDraft, str]]) -> list[EventOutcome]:
        def one(draft: EventDraft, etag: str) -> EventSeen:
            book = self._book(calendar)
            self._check(book, draft.id, etag)
            if book.events[draft.id].deleted:
                raise NotAllowed("Forbidden")
            return self._keep(book, draft)

        return self._batch("update", [partial(one, *it) for it in drafts])

    def delete(self, calendar: str, doomed: Sequence[tuple[str, str]]) -> list[EventOutcome]:
        def one(name: str, etag: str) -> EventSeen:
            book = self._book(calendar)
            if name in book.events and book.events[name].deleted:
                raise NotFound("Resource has been deleted")
            self._check(book, name, etag)
            self._mark(book, replace(book.events[name], deleted=True))
            return EventSeen(name, "", deleted=True)

        return self._batch("delete", [partial(one, *it) for it in doomed])

    def away(self, calendar: str, since: datetime, until: datetime) -> list[Span]:
        def work() -> list[Span]:
            if calendar and calendar not in self.spans:
                raise NotFound("Not Found")
            spans = self.spans.get(calendar, [])
            return [(start, end) for start, end in spans if end > since and start < until]

        return self._called("away", work)

    # What a person does in the calendar.

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call not in {"page", "get", "away", "find"}]

    @property
    def living(self) -> list[tuple[str, EventSeen]]:
        return [
            (name, seen)
            for name, book in self.books.items()
            for seen in book.events.values()
            if not seen.deleted
        ]

    def edited(self, seen: EventSeen, **fields: object) -> None:
        book = self._of(seen)
        self._mark(book, replace(book.events[seen.id], **fields))  # type: ignore[arg-type]

    def moved(self, seen: EventSeen, hours: float) -> None:
        assert seen.start is not None
        self.edited(seen, start=seen.start + timedelta(hours=hours))

    def taken_away(self, seen: EventSeen) -> None:
        self.edited(seen, deleted=True)

    def brought_back(self, seen: EventSeen) -> None:
        self.edited(seen, deleted=False)

    def _of(self, seen: EventSeen) -> Book:
        return next(book for book in self.books.values() if seen.id in book.events)

    def _book(self, calendar: str) -> Book:
        if calendar not in self.books:
            raise NotFound("Not Found")
        return self.books[calendar]

    def _check(self, book: Book, name: str, etag: str) -> None:
        if name not in book.events:
            raise NotFound("Not Found")
        if book.events[name].etag != etag:
            raise Conflict("Precondition Failed")

    def _keep(self, book: Book, draft: EventDraft) -> EventSeen:
        start = draft.start.astimezone(UTC).replace(microsecond=0)
        if draft.whole_day:
            day = draft.start.astimezone(ZoneInfo(draft.zone)).date()
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        book.drafts[draft.id] = draft
        return self._mark(
            book,
            EventSeen(
                draft.id,
                "",
                draft.title,
                start,
                draft.minutes,
                draft.whole_day,
                draft.description,
                shown=draft.shown,
            ),
        )

    def _mark(self, book: Book, seen: EventSeen) -> EventSeen:
        book.events.pop(seen.id, None)
        book.events[seen.id] = replace(seen, etag=f"e{next(self._numbers)}")
        book.log.append(seen.id)
        return book.events[seen.id]

    def _batch(self, name: str, acts: Sequence[Callable[[], EventSeen]]) -> list[EventOutcome]:
        assert 0 < len(acts) <= 50
        broken, self.part = self.part, 0

        def work() -> list[EventOutcome]:
            done: list[EventOutcome] = []
            for number, act in enumerate(acts, 1):
                if broken and number >= broken:
                    done.append(RateLimited("slow down"))
                    continue
                try:
                    done.append(act())
                except KartotekaError as refusal:
                    done.append(refusal)
            return done

        return self._called(name, work)


def _listed(seen: EventSeen) -> EventSeen:
    """Of a deleted event a listing tells the id only."""
    return EventSeen(seen.id, seen.etag, deleted=True) if seen.deleted else seen
