"""The Calendar API of every account: one entry that knows which method does what."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from onebox.google.calendar import events, refusals
from onebox.google.calendar.agenda import Agenda, Book
from onebox.google.calendar.listing import list_events, list_instances
from onebox.google.calendar.moments import zone_of
from onebox.google.fields import UnknownFieldsError, answer_fields
from onebox.google.methods import Call, Json
from onebox.google.payload import refuse_unreadable
from onebox.google.sheets.masks import project
from onebox.google.storage import Vault

_TOLD = ("summary", "description", "timeZone")
_ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")


class CalendarService:
    """Calendars of every account; a primary one exists as soon as somebody asks for it.

    Args:
        vault: where calendars and events are kept.
        now: the office clock; it stamps changes and ages sync tokens.
        on_change: called with the id of a calendar after each change.
    """

    def __init__(
        self, vault: Vault, now: Callable[[], datetime], on_change: Callable[[str], None]
    ) -> None:
        self.agenda = Agenda(vault, now)
        self._on_change = on_change

    def handle(self, call: Call, headers: Mapping[str, str]) -> Json | None:
        """Return the answer to a recognised request, None when it has no content.

        Raises:
            CalendarError: the refusal; 501 for methods that the stand-in does not have.
        """
        kind, _, act = call.method.name.rpartition(".")
        known = {"events": self._events, "calendars": self._calendars, "acl": self._acl}
        with self.agenda.lock:
            if kind in known:
                answer = known[kind](act, call, headers.get("if-match", ""))
            elif kind == "calendarList":
                answer = self._list(act, call)
            else:
                raise refusals.not_here(f"Method {call.method.id}")
        if call.method.writes:
            self._on_change(call.params.get("calendarId", call.user))
        return None if answer is None else _chosen(call, answer)

    def _events(self, act: str, call: Call, match: str) -> Json | None:
        role = "writer" if call.method.writes else "reader"
        book = self.agenda.book(call.params["calendarId"], call.user, role)
        if act == "list":
            return list_events(self.agenda, book, call)
        if act == "instances":
            return list_instances(self.agenda, book, call)
        if act == "insert":
            return events.insert(self.agenda, book, call.body, call.user)
        if act not in {"get", "patch", "update", "delete"}:
            raise refusals.not_here(f"Method {call.method.id}")
        name = call.params["eventId"]
        if act == "get":
            return events.get(self.agenda, book, name, call.user)
        if act == "delete":
            events.delete(self.agenda, book, name, match)
            return None
        change = events.patch if act == "patch" else events.update
        return change(self.agenda, book, name, body=call.body, user=call.user, match=match)

    def _calendars(self, act: str, call: Call, _match: str) -> Json | None:
        if act == "insert":
            return _calendar(self.agenda.new(call.user, _fields(call.body, {})))
        role = "owner" if call.method.writes else "reader"
        book = self.agenda.book(call.params["calendarId"], call.user, role)
        if act == "get":
            return _calendar(book)
        if act in {"patch", "update"}:
            fields = _fields(call.body, book.fields if act == "patch" else {})
            return _calendar(
                self.agenda.keep(replace(book, fields=fields, version=book.version + 1))
            )
        if act != "delete":
            raise refusals.not_here(f"Method {call.method.id}")
        if book.is_primary:
            raise refusals.CalendarError(403, "cannotDeletePrimaryCalendar", "Forbidden")
        self.agenda.remove(book)
        return None

    def _acl(self, act: str, call: Call, _match: str) -> Json | None:
        book = self.agenda.book(call.params["calendarId"], call.user, "owner")
        if act == "insert":
            return self._shared(book, call.body)
        if act == "list":
            items = [_rule(book, email) for email in (book.owner, *book.rules)]
            return {"kind": "calendar#acl", "etag": f'"p{book.version:016}"', "items": items}
        email = call.params["ruleId"].partition(":")[2].lower()
        if email not in book.rules:
            raise refusals.not_found()
        if act == "get":
            return _rule(book, email)
        if act != "delete":
            raise refusals.not_here(f"Method {call.method.id}")
        rules = {name: role for name, role in book.rules.items() if name != email}
        self.agenda.keep(replace(book, rules=rules, version=book.version + 1))
        return None

    def _shared(self, book: Book, body: Json) -> Json:
        refuse_unreadable("calendar", "AclRule", body)
        scope, role = body.get("scope") or {}, body.get("role")
        if role not in _ROLES:
            raise refusals.required("role") if not role else refusals.invalid()
        if scope.get("type") != "user":
            raise refusals.not_here("A rule for others than one user")
        email = str(scope.get("value") or "").lower()
        if "@" not in email:
            raise refusals.invalid("Invalid scope value.")
        rules = {**book.rules, email: role}
        return _rule(self.agenda.keep(replace(book, rules=rules, version=book.version + 1)), email)

    def _list(self, act: str, call: Call) -> Json | None:
        if act == "list":
            if call.arg("syncToken"):
                raise refusals.not_here("A sync token of the list of calendars")
            items = [_entry(book, call.user) for book in self.agenda.in_list(call.user)]
            return {"kind": "calendar#calendarList", "etag": '"p0"', "items": items}
        name = str(call.body.get("id") or "") if act == "insert" else call.params["calendarId"]
        book = self.agenda.book(name, call.user, "freeBusyReader")
        if act == "insert":
            self.agenda.listed(call.user, book.id)
        elif book not in self.agenda.in_list(call.user):
            raise refusals.not_found()
        elif act == "delete":
            self.agenda.unlisted(call.user, book.id)
            return None
        elif act != "get":
            raise refusals.not_here(f"Method {call.method.id}")
        return _entry(book, call.user)


def _chosen(call: Call, answer: Json) -> Json:
    try:
        mask = answer_fields(call.arg("fields"), "calendar", call.method.response)
    except UnknownFieldsError as unknown:
        message = f"Invalid field selection {unknown.path}"
        raise refusals.CalendarError(
            400, "invalidParameter", message, location="fields"
        ) from unknown
    found: Json = project(answer, mask)
    return found


def _fields(body: Json, before: Mapping[str, str]) -> dict[str, str]:
    refuse_unreadable("calendar", "Calendar", body)
    told = {name: str(body[name]) for name in _TOLD if name in body}
    fields: dict[str, str] = {"timeZone": "UTC", **before, **told}
    if not fields.get("summary"):
        raise refusals.required("title")
    zone_of(fields["timeZone"])
    return fields


def _calendar(book: Book) -> Json:
    told = {name: value for name, value in book.fields.items() if value}
    own = {} if book.is_primary else {"dataOwner": book.owner}
    return {
        "kind": "calendar#calendar",
        "etag": f'"{book.version:016}"',
        "id": book.id,
        **own,
        **told,
    }


def _entry(book: Book, user: str) -> Json:
    primary = {"primary": True} if book.id == user else {}
    return {
        **_calendar(book),
        "kind": "calendar#calendarListEntry",
        "accessRole": book.role(user),
        "defaultReminders": [],
        "selected": True,
        **primary,
    }


def _rule(book: Book, email: str) -> Json:
    return {
        "kind": "calendar#aclRule",
        "etag": f'"{book.version:016}"',
        "id": f"user:{email}",
        "scope": {"type": "user", "value": email},
        "role": book.role(email),
    }
