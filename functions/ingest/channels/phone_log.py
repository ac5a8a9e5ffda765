"""The call log of an employee's own telephone, sent by an app on it; no exchange is needed.

Source: our interface, described in `phone_log.md`; types and durations as Android's call log has
them (`CallLog.Calls`: 1 incoming, 2 outgoing, 3 missed, 5 rejected, 6 blocked).
Signed: nothing; the secret of the employee's phone comes in `X-Kartoteka-Token`.
Event id: number, direction and start of the call: one that is sent again has the same.
Retries: whoever sends repeats the log as often as it likes. Times: seconds or milliseconds since
1970, or ISO 8601; without a zone it is the phone's time as `X-Kartoteka-Zone` tells it, the
office's otherwise; without a time the call has just ended, and an equal one within two minutes is
a repeat. A clock that is fast names times to come: such a call ended now. Calls with the
employee's private numbers are not kept at all.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.channel import Context, inbound_id, unknown
from ingest.plain_text import raw_text, read_json
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Call as CallEvent
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import CallFact, CallStatus, Source
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "phone_log"
MOST = 500  # calls of one body
OLDEST = timedelta(days=7)  # what is older was worked on without us
_JUST_ENDED_S = 120
_AHEAD = timedelta(days=1)
_LONGEST_TALK = 24 * 60 * 60
_FIRST_YEAR = 2000
_HEADER, _ZONE = "x-kartoteka-token", "x-kartoteka-zone"
_MILLISECONDS = 100_000_000_000  # a larger number cannot be seconds of this century
_IN, _OUT = "in", "out"
_TYPES: Mapping[str, tuple[str, CallStatus]] = {
    word: meaning
    for words, meaning in (
        ("1 in incoming answered входящий", (_IN, CallStatus.MISSED)),
        ("2 out outgoing dialed исходящий", (_OUT, CallStatus.NO_ANSWER)),
        ("3 missed пропущенный", (_IN, CallStatus.MISSED)),
        ("5 6 rejected declined blocked отклонённый", (_IN, CallStatus.REJECTED)),
    )
    for word in words.split()
}


def _either(ours: str, of_termux: str) -> AliasChoices:
    return AliasChoices(ours, of_termux)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    number: str = Field(max_length=200, validation_alias=_either("number", "phone_number"))
    type: str = Field(max_length=40)
    at: str = Field(default="", max_length=60, validation_alias=_either("at", "date"))
    seconds: str = Field(
        default="0", max_length=20, validation_alias=_either("seconds", "duration")
    )
    sim: str = Field(default="", max_length=200, validation_alias=_either("sim", "sim_id"))

    @field_validator("number", "at", "sim", mode="before")
    @classmethod
    def _hidden(cls, told: Any) -> Any:
        """Return no text for null: a caller who hides the number has none."""
        return "" if told is None else told


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a phone that shows none of the secrets."""
    given = call.header(_HEADER).encode("utf-8", "replace")
    fits = [hmac.compare_digest(given, secret.encode()) for secret in secrets if secret]
    if not any(fits):
        raise NotAuthentic(f"{_HEADER} is not the secret of this phone", code="bad_signature")


def sign(_body: bytes, secret: str) -> dict[str, str]:
    """Return the header with which a phone would send this body."""
    return {_HEADER: secret}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the calls of the body, oldest first; one that nobody understands hinders no other.

    Calls with private numbers and those older than a week are left out.
    """
    items = _items(call.body)
    found = [event for item in items for event in _events(item, call, context)]
    return sorted(found, key=lambda event: event.at)


def answer(_call: Call, stored: Sequence[Stored]) -> Reply:
    """Return how many calls of the body are kept."""
    return json_reply({"ok": True, "calls": len(stored)})


def _items(body: bytes) -> list[Any]:
    """Return the calls of a body: `{"calls": [...]}`, a list, or one call."""
    found = read_json(body)
    if isinstance(found, dict):
        found = found.get("calls", [found])
    if not isinstance(found, list):
        raise Malformed("calls is not a list", code="bad_field", field="calls")
    if len(found) > MOST:
        raise Malformed(f"send at most {MOST} calls at once", code="bad_field", field="calls")
    return found


def _events(item: Any, call: Call, context: Context) -> list[Inbound]:
    body = json.dumps(item, ensure_ascii=False).encode("utf-8", "replace")
    try:
        event = _event(_read(item), raw_text(body), context, _zone(call, context))
    except Malformed as exc:
        return [unknown(name, replace(call, body=body), context, exc)]
    is_old = event.at < context.now - OLDEST
    numbers = {event.call.fact.client_number} if event.call else set()
    return [] if is_old or numbers & context.ignored else [event]


def _read(item: Any) -> _Entry:
    try:
        return _Entry.model_validate(item)
    except ValidationError as exc:
        place = exc.errors(include_input=False, include_url=False)[0]["loc"]
        field = str(place[0]) if place else "calls"
        raise Malformed(f"{field} is missing or wrong", code="bad_field", field=field) from exc


def _event(entry: _Entry, raw: str, context: Context, zone: tzinfo) -> Inbound:
    direction, unanswered = _type(entry.type)
    talk = _seconds(entry.seconds)
    ended_now = context.now - talk
    told = _moment(entry.at, context, zone) if entry.at.strip() else ended_now
    started = min(told, ended_now)
    number = identity.phone(entry.number, context.region)
    shown = number or entry.number.strip()
    call_id = f"{shown}:{direction}:{told:%Y%m%dT%H%M%SZ}"
    event_id = call_id if entry.at.strip() else f"{shown}:{direction}:{unanswered}"
    fact = CallFact(
        status=CallStatus.ANSWERED if talk else unanswered,
        client_number=shown,
        line=entry.sim,
        started_at=started,
        answered_at=started if talk else None,
        ended_at=started + talk,
    )
    return Inbound(
        id=inbound_id(name, context, event_id),
        channel=name,
        account=context.account,
        event_id=event_id,
        what=Kind.CALL,
        at=started + talk,
        received_at=context.now,
        window_s=0 if entry.at.strip() else _JUST_ENDED_S,
        sender=Person(phones=(number,) if number else ()),
        recipient=entry.sim,
        call=CallEvent(call_id=call_id, direction=direction, staff=context.staff, fact=fact),
        source=Source(channel=name, name=context.source),
        raw=raw,
    )


def _type(word: str) -> tuple[str, CallStatus]:
    found = _TYPES.get(word.strip().lower())
    if found is None:
        raise Malformed(f"type {word!r} is none of ours", code="unknown_event", field="type")
    return found


def _zone(call: Call, context: Context) -> tzinfo:
    """Return the zone of the phone's own clock: `+0500` or a name, the office's if it is silent.

    Raises:
        Malformed: there is no such zone.
    """
    told = call.header(_ZONE).strip()
    try:
        if told[:1] in {"+", "-"}:
            return datetime.strptime(told, "%z").tzinfo or UTC
        return ZoneInfo(told or context.zone)
    except (ValueError, KeyError, OSError) as exc:
        raise Malformed(f"{_ZONE} is not a zone", code="bad_field", field=_ZONE) from exc


def _moment(text: str, context: Context, zone: tzinfo) -> datetime:
    """Return when the call began.

    Raises:
        Malformed: not a time, or one that a working clock cannot show.
    """
    try:
        moment = _counted(float(text)) if _is_number(text) else datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        found = moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise Malformed("at is not a time", code="bad_time", field="at") from exc
    if found.year < _FIRST_YEAR or found > context.now + _AHEAD:
        raise Malformed("at is not of this time", code="bad_time", field="at")
    return found


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdecimal()


def _counted(number: float) -> datetime:
    seconds = number / 1000 if number >= _MILLISECONDS else number
    return datetime.fromtimestamp(int(seconds), UTC)


def _seconds(text: str) -> timedelta:
    """Return how long they talked: seconds, or minutes and hours before a colon."""
    total, told = 0, text.strip()
    if _is_number(told.replace(",", ".")):
        told = told.replace(",", ".").partition(".")[0] or "0"  # of a count of minutes times 60
    for part in told.split(":"):
        if not part.strip().isdecimal():
            raise Malformed("seconds is not a duration", code="bad_field", field="seconds")
        total = total * 60 + int(part)
    if total > _LONGEST_TALK:
        raise Malformed("seconds is more than a day", code="bad_field", field="seconds")
    return timedelta(seconds=total)
