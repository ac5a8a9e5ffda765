"""Telephone calls of any exchange, told in Kartoteka's own JSON.

Source: our interface, described in `call.md`; no vendor.
Signed: the raw body, HMAC-SHA256, in `X-Kartoteka-Signature: sha256=<hex>`.
Event id: `id` of the call, a colon, the event; a repeated delivery has the same.
Retries: the sender repeats until it hears 2xx; events may come in any order.
Times: ISO 8601 with a zone. Answer: 200, `{"ok": true, "id": ...}`.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.channel import Context, inbound_id
from ingest.plain_text import plain, raw_text, read_object
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Call as CallEvent
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.ladder import RING_S
from kartoteka.domain.model import CallFact, CallStatus, Source
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "call"
_HEADER = "x-kartoteka-signature"
_SCHEME = "sha256="
_YEARS = range(2000, 2100)


class _Event(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    MISSED = "missed"


class _Direction(StrEnum):
    IN = "in"
    OUT = "out"


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    id: str = Field(min_length=1, max_length=200)
    event: _Event
    direction: _Direction
    client: str | None = Field(default=None, max_length=200)
    line: str | None = Field(default=None, max_length=200)
    staff: str | None = Field(default=None, max_length=200)
    passed_to: str | None = Field(default=None, max_length=200)
    started_at: str
    answered_at: str | None = None
    ended_at: str | None = None
    recording_url: str | None = Field(default=None, max_length=2000)
    result: str | None = Field(default=None, max_length=500)
    robot: bool = False
    no_number: bool = False


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    given = call.header(_HEADER).strip().lower().encode("utf-8", "replace")
    signatures = [_signature(call.body, secret).encode() for secret in secrets if secret]
    fits = [hmac.compare_digest(given, signature) for signature in signatures]
    if not any(fits):
        raise NotAuthentic(f"{_HEADER} does not sign this body", code="bad_signature")


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which an exchange would send this body."""
    return {_HEADER: _signature(body, secret)}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the body."""
    body = _read(call.body)
    fact = _fact(body, context)
    number = identity.phone(fact.client_number, context.region)
    event_id = f"{body.id}:{body.event}"
    event = Inbound(
        id=inbound_id(name, context, event_id),
        channel=name,
        account=context.account,
        event_id=event_id,
        what=Kind.CALL,
        at=fact.ended_at or fact.answered_at or fact.started_at,
        received_at=context.now,
        sender=Person(phones=(number,) if number else ()),
        recipient=fact.line,
        text=plain((body.result or "").strip()),
        call=CallEvent(
            call_id=body.id,
            direction=body.direction,
            staff=(body.staff or "").strip(),
            passed_to=(body.passed_to or "").strip(),
            fact=fact,
        ),
        source=Source(channel=name, name=context.source),
        raw=raw_text(call.body),
    )
    return [event]


def answer(_call: Call, stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement with the id of the event."""
    return json_reply({"ok": True, "id": stored[0].inbound_id})


def _signature(body: bytes, secret: str) -> str:
    return _SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _read(body: bytes) -> _Body:
    found = read_object(body)
    try:
        return _Body.model_validate(found)
    except ValidationError as exc:
        field = str(exc.errors(include_input=False, include_url=False)[0]["loc"][0])
        code = "unknown_event" if field == "event" else "bad_field"
        raise Malformed(f"{field} is missing or impossible", code=code, field=field) from exc


def _fact(body: _Body, context: Context) -> CallFact:
    started = _moment(body.started_at, "started_at")
    answered = _moment(body.answered_at, "answered_at") if body.answered_at else None
    ended = _moment(body.ended_at, "ended_at") if body.ended_at else None
    if body.event in {_Event.RINGING, _Event.ANSWERED}:
        ended = None
    elif ended is None and body.event is _Event.MISSED:
        ended = max(context.now, started)
    _check_times(body.event, started, answered, ended)
    client = body.client or ""
    fact = CallFact(
        status=_status(body, answered),
        client_number=identity.phone(client, context.region) or client,
        line=body.line or "",
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        recording_url=body.recording_url or "",
        robot=body.robot,
    )
    return _weighed(fact)


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Malformed(f"{field} is not ISO 8601", code="bad_time", field=field) from exc
    if moment.tzinfo is None or moment.year not in _YEARS:
        raise Malformed(f"{field} has no zone or century", code="bad_time", field=field)
    return moment.astimezone(UTC)


def _check_times(
    event: _Event, started: datetime, answered: datetime | None, ended: datetime | None
) -> None:
    if event is _Event.ENDED and ended is None:
        raise Malformed("an ended call has ended_at", code="bad_time", field="ended_at")
    if event is _Event.MISSED and answered is not None:
        raise Malformed("a missed call has no answered_at", code="bad_time", field="answered_at")
    known = [moment for moment in (started, answered, ended) if moment is not None]
    if known != sorted(known):
        raise Malformed("started_at, answered_at, ended_at are out of order", code="time_order")


def _status(body: _Body, answered: datetime | None) -> CallStatus:
    if body.event is _Event.RINGING:
        return CallStatus.RINGING
    if body.event is _Event.ANSWERED:
        return CallStatus.TALKING
    if answered is not None:
        return CallStatus.ANSWERED
    if body.direction is _Direction.IN:
        return CallStatus.MISSED
    return CallStatus.NO_NUMBER if body.no_number else CallStatus.NO_ANSWER


def _weighed(fact: CallFact) -> CallFact:
    """Return the call; one that the office itself broke off early did not go unanswered."""
    if fact.status is CallStatus.NO_ANSWER and fact.ring_s < RING_S:
        return fact.model_copy(update={"status": CallStatus.CANCELLED})
    return fact
