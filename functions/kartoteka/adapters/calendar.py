"""Calendars of one Google account, through the Calendar API.

Source: Calendar API v3 reference (events, calendars, calendarList, acl) and its guides on batches
(50 calls at most), sync tokens and conditional changes. The etag travels in If-Match: a stale one
is a 412. An id stays taken after its event was deleted: 409. Deleted already, or an old sync
token: 410. Nothing is written to guests, so nobody is mailed.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kartoteka.adapters.google_account import GoogleAccount
from kartoteka.adapters.google_errors import error_of, translated
from kartoteka.adapters.google_service import service_of
from kartoteka.calendar_ports import Calendars, EventDraft, EventOutcome, EventPage, EventSeen, Span
from kartoteka.domain.errors import Conflict, KartotekaError, NotFound, ProviderDown
from kartoteka.ports import SyncExpired

_GOOGLE = "https://www.googleapis.com"
_BATCH = "/batch/calendar/v3"
_PAGE = 2500
_MARKED, _SHOWN = "kartoteka", "kartoteka-shown"
_TAKEN, _GONE, _STALE = 409, 410, 412
_Json = dict[str, Any]


def build(account: GoogleAccount, email: str = "") -> Calendars:
    """Return the calendars of a person's account, of the office's own if no `email` is given."""
    return CalendarV3(account, email)


class CalendarV3:
    """The Calendars port over googleapiclient; one HTTP connection per thread."""

    def __init__(self, account: GoogleAccount, email: str = "") -> None:
        self._account = account
        self._email = email
        self._local = threading.local()

    @property
    def _service(self) -> Any:
        service = getattr(self._local, "service", None)
        if service is None:
            service = service_of(self._account, "calendar", "v3", self._email)
            self._local.service = service
        return service

    def find(self, mark: str) -> str | None:
        """Return the id of the account's own calendar with this mark, None when there is none."""
        token: str | None = None
        while True:
            request = self._service.calendarList().list(minAccessRole="owner", pageToken=token)
            answer = _run(request)
            for entry in answer.get("items", []):
                if entry.get("description", "").endswith(f"[{mark}]"):
                    return str(entry["id"])
            token = answer.get("nextPageToken")
            if token is None:
                return None

    def make(self, title: str, mark: str, zone: str) -> str:
        """Return the id of a new calendar; `find` knows its mark."""
        body = {"summary": title, "description": f"[{mark}]", "timeZone": zone}
        return str(_run(self._service.calendars().insert(body=body))["id"])

    def share(self, calendar: str, email: str) -> None:
        """Let a person see and change the events; repeating it is harmless."""
        body = {"role": "writer", "scope": {"type": "user", "value": email}}
        _run(self._service.acl().insert(calendarId=calendar, body=body))

    def unshare(self, calendar: str, email: str) -> None:
        """Take that right away; who has none, or no calendar any more, is no error."""
        with suppress(NotFound):
            _run(self._service.acl().delete(calendarId=calendar, ruleId=f"user:{email}"))

    def page(self, calendar: str, sync_token: str | None, page_token: str | None) -> EventPage:
        """Return a page of all events, or of the changes since the sync token."""
        given = {"syncToken": sync_token, "pageToken": page_token}
        request = self._service.events().list(
            calendarId=calendar,
            maxResults=_PAGE,
            showDeleted=True,
            **{name: value for name, value in given.items() if value is not None},
        )
        try:
            answer = _run(request)
        except NotFound as exc:
            if getattr(getattr(exc.__cause__, "resp", None), "status", 0) == _GONE:
                raise SyncExpired from exc
            raise
        return EventPage(
            events=tuple(_seen(item) for item in answer.get("items", [])),
            next_page=answer.get("nextPageToken"),
            sync_token=answer.get("nextSyncToken"),
        )

    def get(self, calendar: str, ids: Sequence[str]) -> list[EventSeen | None]:
        """Return events as they are now, None for those that never were."""
        events = self._service.events()
        found = self._together([events.get(calendarId=calendar, eventId=name) for name in ids])
        seen: list[EventSeen | None] = []
        for outcome in found:
            if isinstance(outcome, KartotekaError) and not isinstance(outcome, NotFound):
                raise outcome
            seen.append(outcome if isinstance(outcome, EventSeen) else None)
        return seen

    def insert(self, calendar: str, drafts: Sequence[EventDraft]) -> list[EventOutcome]:
        """Return the new events in order, or why one was not made."""
        events = self._service.events()
        bodies = (_filled({"id": draft.id, **_body(draft)}) for draft in drafts)
        return self._together([events.insert(calendarId=calendar, body=body) for body in bodies])

    def update(self, calendar: str, drafts: Sequence[tuple[EventDraft, str]]) -> list[EventOutcome]:
        """Return the events as written, in order, or why one was not."""
        events = self._service.events()
        requests = [
            _of_version(events.patch(calendarId=calendar, eventId=it.id, body=_body(it)), etag)
            for it, etag in drafts
        ]
        return self._together(requests)

    def delete(self, calendar: str, doomed: Sequence[tuple[str, str]]) -> list[EventOutcome]:
        """Return deleted events in order, or why one was not deleted."""
        events = self._service.events()
        requests = [
            _of_version(events.delete(calendarId=calendar, eventId=name), etag)
            for name, etag in doomed
        ]
        outcomes = self._together(requests)
        return [
            it if isinstance(it, KartotekaError) else EventSeen(name, "", deleted=True)
            for it, (name, _) in zip(outcomes, doomed, strict=True)
        ]

    def away(
        self, calendar: str, since: datetime, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Return start and end of what says "out of office" between two instants."""
        found: list[Span] = []
        token: str | None = None
        while True:
            request = self._service.events().list(
                calendarId=calendar or "primary",
                eventTypes=["outOfOffice"],
                singleEvents=True,
                timeMin=_spelled(since),
                timeMax=_spelled(until),
                pageToken=token,
            )
            answer = _run(request)
            found += [_span(item) for item in answer.get("items", [])]
            token = answer.get("nextPageToken")
            if token is None:
                return found

    def _together(self, requests: Sequence[Any]) -> list[EventOutcome]:
        """Return the outcomes of many requests, sent in one call."""
        from googleapiclient.http import BatchHttpRequest

        outcomes: dict[str, EventOutcome] = {}

        def take(name: str, answer: Any, error: Exception | None) -> None:
            outcomes[name] = _failure(error) if error else _seen(answer or {})

        endpoint = (self._account.google_endpoint or _GOOGLE).rstrip("/")
        batch: Any = BatchHttpRequest(batch_uri=endpoint + _BATCH)
        for number, request in enumerate(requests):
            batch.add(request, take, request_id=str(number))
        with translated(), _calendars_own():
            batch.execute()
        return [outcomes[str(number)] for number in range(len(requests))]


def _run(request: Any) -> _Json:
    with translated(), _calendars_own():
        answer: _Json = request.execute(num_retries=0)
    return answer or {}


@contextmanager
def _calendars_own() -> Iterator[None]:
    """Turn refusals that only Calendar has into our errors; the others pass."""
    from googleapiclient.errors import HttpError

    try:
        yield
    except HttpError as exc:
        own = _own_error(exc)
        if own is None:
            raise
        raise own from exc


def _own_error(exc: Any) -> KartotekaError | None:
    status = int(exc.resp.status)
    if status in {_TAKEN, _STALE}:
        return Conflict(f"Google refused ({status})")
    return NotFound("Google has deleted it", code="google_gone") if status == _GONE else None


def _failure(error: Any) -> KartotekaError:
    """Return the refusal of one call of a batch as our error."""
    if not hasattr(error, "content"):
        return ProviderDown("Google answered nonsense")
    own = _own_error(error)
    return own or error_of(int(error.resp.status), error.content, dict(error.resp))


def _of_version(request: Any, etag: str) -> Any:
    request.headers["If-Match"] = etag
    return request


def _body(draft: EventDraft) -> _Json:
    overrides = [{"method": "popup", "minutes": minutes} for minutes in draft.reminders]
    return {
        "summary": draft.title,
        "description": draft.description,
        "start": _place(draft, draft.start),
        "end": _place(draft, draft.start + timedelta(minutes=draft.minutes)),
        "source": {"title": "Kartoteka", "url": draft.link} if draft.link else None,
        "reminders": {"useDefault": False, "overrides": overrides},
        "transparency": "opaque" if draft.busy else "transparent",
        "extendedProperties": {"private": {_MARKED: draft.record, _SHOWN: draft.shown}},
    }


def _place(draft: EventDraft, moment: datetime) -> _Json:
    """Return a start or end; what it is not has to be taken away when an event is changed."""
    if draft.whole_day:
        day = moment.astimezone(ZoneInfo(draft.zone)).date().isoformat()
        return {"date": day, "dateTime": None, "timeZone": None}
    return {"date": None, "dateTime": _spelled(moment), "timeZone": draft.zone}


def _filled(body: Mapping[str, Any]) -> _Json:
    """Return the body of something new, in which nothing has to be taken away."""
    return {
        name: _filled(value) if isinstance(value, dict) else value
        for name, value in body.items()
        if value is not None
    }


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seen(item: _Json) -> EventSeen:
    name, etag = str(item.get("id", "")), str(item.get("etag", ""))
    if item.get("status") == "cancelled" or "start" not in item:
        return EventSeen(name, etag, deleted=True)
    start, end = _span(item)
    return EventSeen(
        id=name,
        etag=etag,
        title=item.get("summary", ""),
        start=start,
        minutes=int((end - start).total_seconds() // 60),
        whole_day="date" in item["start"],
        description=item.get("description", ""),
        shown=item.get("extendedProperties", {}).get("private", {}).get(_SHOWN, ""),
    )


def _span(item: _Json) -> Span:
    return _moment(item["start"]), _moment(item["end"])


def _moment(place: Mapping[str, str]) -> datetime:
    """Return the instant; of a whole day midnight UTC, for its date is what counts."""
    if "date" in place:
        return datetime.fromisoformat(place["date"]).replace(tzinfo=UTC)
    return datetime.fromisoformat(place["dateTime"]).astimezone(UTC)
