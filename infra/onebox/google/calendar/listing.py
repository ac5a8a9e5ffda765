"""events.list and events.instances: page by page, or what changed since a sync token.

Source: calendar.v3, events.list, events.instances and "Synchronize resources efficiently". Events
come in the order of their last change, so a page token is the number of the last change shown. A
series is returned as it is, or taken apart (`singleEvents`, `instances`), when a page token counts
events. How long a sync token lives Google does not say, nor how far back it knows of changes; here
it is 30 days of office time for both.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from onebox.google.calendar import events, moments, refusals, repeating
from onebox.google.calendar.agenda import Agenda, Book, Event
from onebox.google.methods import Call, Json

TOKEN_LIFE = timedelta(days=30)
_DEFAULT_PAGE, _MAX_PAGE = 250, 2500
_NOT_WITH_TOKEN = (
    *("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty"),
    *("timeMin", "timeMax", "updatedMin"),
)
_WITHOUT_TOKEN = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "updatedMin")
_UNREADABLE = {"syncToken": "Invalid sync token value.", "pageToken": "Invalid page token value."}
_SEARCHED = ("summary", "description", "location")


@dataclass(frozen=True)
class Cursor:
    """What page and sync tokens carry.

    Attributes:
        calendar: whose events.
        epoch: tokens of an older one are expired.
        at: office seconds when the token was made.
        since: every change up to this number was shown before; -1 in a full listing.
        position: last change shown on the pages before.
        shown: how many events the pages before showed, where series are taken apart.
    """

    calendar: str
    epoch: int
    at: float
    since: int = -1
    position: int = -1
    shown: int = 0

    def behind(self, page: list[Event], *, apart: bool) -> "Cursor":
        """Return the cursor of the next page."""
        if apart:
            return replace(self, shown=self.shown + len(page))
        return replace(self, position=page[-1].seq)


def list_events(agenda: Agenda, book: Book, call: Call) -> Json:
    """Return one page of the answer.

    Raises:
        CalendarError: 410 for an expired sync token, 400 for parameters that do not go together.
    """
    _check_order(call)
    _check_times(agenda, call)
    cursor, size = _cursor(agenda, book, call), _size(call)
    wanted = [it for it in agenda.events(book).values() if it.seq > cursor.position]
    fitting = [it for it in wanted if _fits(it, call, is_sync=cursor.since >= 0)]
    found = _in_time(fitting, agenda, book, call)[cursor.shown :]
    page = found[:size]
    answer = _frame(agenda, book, call.user)
    if len(found) > size:
        apart = call.flag("singleEvents")
        answer["nextPageToken"] = _encode(cursor.behind(page, apart=apart))
    elif not any(call.arg(name) for name in _WITHOUT_TOKEN):
        newest = max((it.seq for it in agenda.events(book).values()), default=0)
        now = agenda.now().timestamp()
        answer["nextSyncToken"] = _encode(Cursor(book.id, book.epoch, now, newest, newest))
    answer["items"] = [_shown(book, it, call.user) for it in page]
    return answer


def list_instances(agenda: Agenda, book: Book, call: Call) -> Json:
    """Return one page of the single events of a series, in the order of time.

    Raises:
        CalendarError: 404 for an unknown event, 400 for one that does not repeat.
    """
    _check_times(agenda, call)
    series = agenda.events(book).get(call.params["eventId"])
    if series is None:
        raise refusals.not_found()
    if not series.fields.get("recurrence"):
        raise refusals.CalendarError(400, "badRequest", "Bad Request")
    token, size = call.arg("pageToken"), _size(call)
    begun = Cursor(book.id, book.epoch, agenda.now().timestamp())
    cursor = _decoded(token, book, "pageToken") if token else begun
    parts = () if series.is_deleted else _parts(series, book, _window(agenda, call))
    found = [it for it in parts if _begins(it, book, call.arg("originalStart"))][cursor.shown :]
    answer = _frame(agenda, book, call.user)
    if len(found) > size:
        answer["nextPageToken"] = _encode(cursor.behind(found[:size], apart=True))
    answer["items"] = [_shown(book, it, call.user) for it in found[:size]]
    return answer


def _begins(event: Event, book: Book, origin: str) -> bool:
    """Tell whether an instance has this start: a day, a moment, or "" for any."""
    start = event.fields["start"]
    if not origin or start.get("date") == origin:
        return True
    return "date" not in start and moments.moment(start, book.zone) == moments.bound(
        origin, "originalStart"
    )


def _size(call: Call) -> int:
    size = min(call.number("maxResults", _DEFAULT_PAGE) or _DEFAULT_PAGE, _MAX_PAGE)
    if size < 1:
        raise refusals.invalid(location="maxResults")
    return size


def _window(agenda: Agenda, call: Call) -> repeating.Window:
    first = moments.bound(call.arg("timeMin"), "timeMin")
    last = moments.bound(call.arg("timeMax"), "timeMax")
    return repeating.Window(first, last, agenda.now() + repeating.HORIZON)


def _frame(agenda: Agenda, book: Book, user: str) -> Json:
    return {
        "kind": "calendar#events",
        "etag": f'"p{book.version:016}"',
        "summary": book.fields.get("summary", ""),
        "description": book.fields.get("description", ""),
        "updated": agenda.stamp(),
        "timeZone": book.zone,
        "accessRole": book.role(user),
        "defaultReminders": [],
    }


def _shown(book: Book, event: Event, user: str) -> Json:
    return events.tombstone(event) if event.is_deleted else events.shown(book, event, user)


def _check_order(call: Call) -> None:
    order = call.arg("orderBy")
    if order not in {"", "startTime", "updated"}:
        raise refusals.invalid(location="orderBy")
    if order == "startTime" and not call.flag("singleEvents"):
        message = "The requested ordering is not available for the particular query."
        raise refusals.CalendarError(400, "badRequest", message, location="orderBy")


def _check_times(agenda: Agenda, call: Call) -> None:
    first = moments.bound(call.arg("timeMin"), "timeMin")
    last = moments.bound(call.arg("timeMax"), "timeMax")
    if first and last and last <= first:
        raise refusals.empty_range()
    since = moments.bound(call.arg("updatedMin"), "updatedMin")
    if since and since < agenda.now() - TOKEN_LIFE:
        raise refusals.updated_too_long_ago()


def _cursor(agenda: Agenda, book: Book, call: Call) -> Cursor:
    now = agenda.now().timestamp()
    token, page = call.arg("syncToken"), call.arg("pageToken")
    if token and any(call.arg(name) for name in _NOT_WITH_TOKEN):
        message = "Sync token cannot be used with the given list restrictions."
        raise refusals.CalendarError(400, "badRequest", message, location="syncToken")
    if token and not call.flag("showDeleted", default=True):
        message = "showDeleted cannot be false with a sync token."
        raise refusals.CalendarError(400, "badRequest", message, location="showDeleted")
    if page:
        return _decoded(page, book, "pageToken")
    if not token:
        return Cursor(book.id, book.epoch, now)
    cursor = _decoded(token, book, "syncToken")
    if cursor.epoch != book.epoch or now - cursor.at > TOKEN_LIFE.total_seconds():
        raise refusals.full_sync_required()
    return cursor


def _fits(event: Event, call: Call, *, is_sync: bool) -> bool:
    with_deleted = is_sync or call.arg("updatedMin") or call.flag("showDeleted")
    if event.is_deleted and not with_deleted:
        return False
    types = call.args("eventTypes")
    if types and event.fields.get("eventType", "default") not in types:
        return False
    since = call.arg("updatedMin")
    if since and datetime.fromisoformat(event.updated) < datetime.fromisoformat(since):
        return False
    return _has_words(event, call)


def _in_time(found: list[Event], agenda: Agenda, book: Book, call: Call) -> list[Event]:
    """Return the events between the limits; series taken apart where the call says so."""
    window = _window(agenda, call)
    if not call.flag("singleEvents"):
        whole = window.first is None and window.last is None
        return [it for it in found if whole or any(repeating.instances(it, book.zone, window))]
    parts = [one for it in found for one in _parts(it, book, window)]
    if call.arg("orderBy") == "startTime":
        parts.sort(key=lambda it: moments.moment(it.fields["start"], book.zone))
    return parts


def _parts(event: Event, book: Book, window: repeating.Window) -> Iterator[Event]:
    return iter([event]) if event.is_deleted else repeating.instances(event, book.zone, window)


def _has_words(event: Event, call: Call) -> bool:
    mine = event.fields.get("extendedProperties", {})
    for scope in ("private", "shared"):
        for pair in call.args(f"{scope}ExtendedProperty"):
            name, _, value = pair.partition("=")
            if mine.get(scope, {}).get(name) != value:
                return False
    if call.arg("iCalUID") and call.arg("iCalUID") != f"{event.id}@google.com":
        return False
    words = " ".join(str(event.fields.get(name, "")) for name in _SEARCHED).casefold()
    return all(word in words for word in call.arg("q").casefold().split())


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(asdict(cursor)).encode()).decode()


def _decoded(token: str, book: Book, location: str) -> Cursor:
    try:
        cursor = Cursor(**json.loads(base64.urlsafe_b64decode(token)))
    except (binascii.Error, ValueError, TypeError):
        raise refusals.invalid(_UNREADABLE[location], location) from None
    if cursor.calendar != book.id:
        raise refusals.invalid(_UNREADABLE[location], location)
    return cursor
