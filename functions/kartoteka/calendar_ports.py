"""Calendars of the office as the core needs them; `adapters.calendar` provides them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kartoteka.domain.errors import KartotekaError


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event as we write it.

    Attributes:
        id: chosen by us: 5 to 1,024 of 0-9 and a-v. One that was used once is taken for ever.
        record: our id of what it shows.
        title: one line.
        start: aware; in `zone` on that day when `whole_day`.
        minutes: how long.
        zone: name of the time zone people see it in.
        whole_day: it has a day and no hour.
        description: HTML; what people typed is escaped in it.
        link: https address that opens the office, or nothing.
        reminders: minutes before the start, five at most.
        busy: whether the time counts as taken.
        shown: what the event carries along unseen, to be read back: 1,000 characters at most.
    """

    id: str
    record: str
    title: str
    start: datetime
    minutes: int
    zone: str
    whole_day: bool = False
    description: str = ""
    link: str = ""
    reminders: tuple[int, ...] = ()
    busy: bool = True
    shown: str = ""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event as Google holds it; of a deleted one only id and etag are known.

    The start of a whole day is midnight UTC: its date is what counts. `shown` is that of the last
    draft, whatever people made of the event since.
    """

    id: str
    etag: str
    title: str = ""
    start: datetime | None = None
    minutes: int = 0
    whole_day: bool = False
    description: str = ""
    deleted: bool = False
    shown: str = ""


EventOutcome = EventSeen | KartotekaError
Span = tuple[datetime, datetime]  # start and end


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of a listing; `sync_token` only on the last page."""

    events: tuple[EventSeen, ...]
    next_page: str | None
    sync_token: str | None


class Calendars(Protocol):
    """Calendars of one Google account; each method is one call, of 50 events at most.

    Outcomes of single events stand in the answer: `Conflict` for an id that is taken or a stale
    etag, `NotFound` for what is gone, `NotAllowed` for what Google lets nobody change.

    Raises:
        RateLimited, ProviderDown: the queue repeats. NotFound: there is no such calendar.
        NotAllowed, ConfigError: the account is not connected, or without the right.
    """

    def find(self, mark: str) -> str | None:
        """Return the id of the account's own calendar with this mark, None when there is none."""

    def make(self, title: str, mark: str, zone: str) -> str:
        """Return the id of a new calendar; `find` knows its mark."""

    def share(self, calendar: str, email: str) -> None:
        """Let a person see and change the events; repeating it is harmless."""

    def unshare(self, calendar: str, email: str) -> None:
        """Take that right away; who has none, or no calendar any more, is no error."""

    def page(self, calendar: str, sync_token: str | None, page_token: str | None) -> EventPage:
        """Return a page of all events, or of the changes; `SyncExpired` for an old token."""

    def get(self, calendar: str, ids: Sequence[str]) -> list[EventSeen | None]:
        """Return events as they are now, None for those that never were."""

    def insert(self, calendar: str, drafts: Sequence[EventDraft]) -> list[EventOutcome]: ...
    def update(self, calendar: str, drafts: Sequence[tuple[EventDraft, str]]) -> list[EventOutcome]:
        """Write these fields of events of these etags; whatever else people added stays."""

    def delete(self, calendar: str, doomed: Sequence[tuple[str, str]]) -> list[EventOutcome]:
        """Delete events by id and etag."""

    def away(
        self, calendar: str, since: datetime, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return start and end of what says "out of office"; an empty name: the account's own."""


CalendarsOf = Callable[[str], Calendars]  # by e-mail address of the account; "": the office's own
