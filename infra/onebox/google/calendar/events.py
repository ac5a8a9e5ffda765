"""What is done with one event: insert, get, patch, update, delete.

Source: calendar.v3, resource Event. Facts that the document does not tell: an id stays taken after
its event was deleted (409), a deleted event is still returned by `get` as cancelled, and changing
one is refused (403); some accounts report that it works, the stand-in takes the stricter way.
"""

import re
import secrets
from dataclasses import replace

from onebox.google.calendar import moments, refusals, repeating
from onebox.google.calendar.agenda import Agenda, Book, Event
from onebox.google.methods import Json
from onebox.google.payload import refuse_unreadable

_ID = re.compile(r"[a-v0-9]{5,1024}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_COMPUTED = frozenset(
    {
        *("kind", "etag", "id", "htmlLink", "created", "updated", "creator", "organizer"),
        *("iCalUID", "sequence"),
    }
)
_TYPES = ("default", "outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail")
_ON_PRIMARY = ("outOfOffice", "focusTime", "workingLocation", "birthday")
_MOST_OVERRIDES = 5
_LONGEST_REMINDER = 40_320
_MOST_PROPERTIES = 300


def insert(agenda: Agenda, book: Book, body: Json, user: str) -> Json:
    """Return the new event; its id is the caller's if they chose one."""
    name = str(body.get("id") or _new_id())
    if not _ID.fullmatch(name):
        raise refusals.invalid("Invalid resource id value.")
    fields = _judged(book, _own(body))
    if name in agenda.events(book):
        raise refusals.duplicate()
    event = Event(name, fields, created=agenda.stamp(), creator=user)
    return shown(book, agenda.save(book, event), user)


def get(agenda: Agenda, book: Book, name: str, user: str) -> Json:
    """Return the event, be it deleted."""
    return shown(book, _there(agenda, book, name), user)


def patch(agenda: Agenda, book: Book, name: str, *, body: Json, user: str, match: str) -> Json:
    """Return the event with these fields changed; what is null goes, lists are replaced."""
    event = _present(agenda, book, name, match)
    return _changed(agenda, book, event, _merged(event.fields, _own(body)), user=user)


def update(agenda: Agenda, book: Book, name: str, *, body: Json, user: str, match: str) -> Json:
    """Return the event with these fields and no others."""
    event = _present(agenda, book, name, match)
    return _changed(agenda, book, event, _own(body), user=user)


def delete(agenda: Agenda, book: Book, name: str, match: str) -> None:
    """Mark the event as cancelled."""
    event = _there(agenda, book, name)
    if event.is_deleted:
        raise refusals.gone()
    _check_version(event, match)
    fields = {**event.fields, "status": "cancelled"}
    agenda.save(book, replace(event, fields=fields, version=event.version + 1))


def etag(event: Event) -> str:
    """Return the version of the event as Calendar spells it."""
    return f'"{event.version:016}"'


def shown(book: Book, event: Event, user: str) -> Json:
    """Return the event as an answer."""
    told = {key: value for key, value in event.fields.items() if key not in {"start", "end"}}
    return {
        "kind": "calendar#event",
        "etag": etag(event),
        "id": event.id,
        "status": "confirmed",
        "htmlLink": f"https://www.google.com/calendar/event?eid={event.id}",
        "created": event.created,
        "updated": event.updated,
        "creator": {"email": event.creator, **_is_self(event.creator, user)},
        "organizer": {"email": book.id, "self": True},
        "start": moments.shown(event.fields["start"], book.zone),
        "end": moments.shown(event.fields["end"], book.zone),
        "iCalUID": f"{event.id}@google.com",
        "sequence": event.sequence,
        "reminders": {"useDefault": True},
        "eventType": "default",
        **told,
    }


def tombstone(event: Event) -> Json:
    """Return all that a listing promises of a deleted event."""
    return {
        "kind": "calendar#event",
        "etag": etag(event),
        "id": event.id,
        "status": "cancelled",
    }


def _is_self(email: str, user: str) -> Json:
    return {"self": True} if email == user else {}


def _new_id() -> str:
    return "".join(secrets.choice("0123456789abcdefghijklmnopqrstuv") for _ in range(26))


def _there(agenda: Agenda, book: Book, name: str) -> Event:
    found = agenda.events(book).get(name)
    if found is None:
        raise refusals.not_found()
    return found


def _present(agenda: Agenda, book: Book, name: str, match: str) -> Event:
    event = _there(agenda, book, name)
    _check_version(event, match)
    if event.is_deleted:
        raise refusals.forbidden()
    return event


def _check_version(event: Event, match: str) -> None:
    if match not in {"", "*", etag(event)}:
        raise refusals.stale()


def _changed(agenda: Agenda, book: Book, event: Event, fields: Json, *, user: str) -> Json:
    before = event.fields.get("eventType", "default")
    if fields.get("eventType", before) != before:
        raise refusals.CalendarError(400, "eventTypeRestriction", "Event type cannot be changed.")
    judged = _judged(book, fields)
    moved = any(judged[name] != event.fields[name] for name in ("start", "end"))
    after = replace(
        event, fields=judged, version=event.version + 1, sequence=event.sequence + moved
    )
    return shown(book, agenda.save(book, after), user)


def _own(body: Json) -> Json:
    """Return what a caller decides; what Calendar computes is left out."""
    refuse_unreadable("calendar", "Event", body)
    return {name: value for name, value in body.items() if name not in _COMPUTED}


def _merged(before: Json, change: Json) -> Json:
    after = dict(before)
    for name, value in change.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, dict):
            old = before.get(name)
            after[name] = _merged(old if isinstance(old, dict) else {}, value)
        else:
            after[name] = value
    return after


def _judged(book: Book, fields: Json) -> Json:
    """Return the fields of a whole event without what is null, or refuse them."""
    kept = {name: value for name, value in fields.items() if value is not None}
    for name in ("start", "end"):
        if not kept.get(name):
            raise refusals.required(f"{name} time")
        kept[name] = {key: value for key, value in kept[name].items() if value is not None}
    moments.checked(kept["start"], kept["end"], book.zone)
    repeating.check(kept, book.zone)
    _check_type(book, kept)
    _check_reminders(kept.get("reminders") or {})
    _check_attendees(kept.get("attendees") or [])
    for scope in (kept.get("extendedProperties") or {}).values():
        if len(scope) > _MOST_PROPERTIES:
            raise refusals.invalid("Too many extended properties.")
    return kept


def _check_type(book: Book, fields: Json) -> None:
    kind = fields.get("eventType", "default")
    if kind not in _TYPES:
        raise refusals.invalid(f"Invalid value for eventType: {kind}")
    if kind in _ON_PRIMARY and not book.is_primary:
        message = "Events of this type can only be created on primary calendars."
        raise refusals.CalendarError(400, "eventTypeRestriction", message)
    if kind == "outOfOffice" and fields["start"].get("date"):
        message = "An out of office event cannot be an all-day event."
        raise refusals.CalendarError(400, "malformedOutOfOfficeEvent", message)


def _check_attendees(attendees: list[Json]) -> None:
    for one in attendees:
        if not _ADDRESS.fullmatch(str(one.get("email") or "")):
            raise refusals.invalid("Invalid attendee email.")


def _check_reminders(reminders: Json) -> None:
    overrides = reminders.get("overrides") or []
    if overrides and reminders.get("useDefault"):
        message = "Cannot specify both default reminders and overrides at the same time."
        raise refusals.CalendarError(400, "cannotUseDefaultRemindersAndSpecifyOverride", message)
    if len(overrides) > _MOST_OVERRIDES:
        raise refusals.invalid("Too many reminder overrides.")
    for item in overrides:
        is_method = item.get("method") in {"email", "popup"}
        if not is_method or not 0 <= item.get("minutes", -1) <= _LONGEST_REMINDER:
            raise refusals.invalid("Invalid reminder.")
