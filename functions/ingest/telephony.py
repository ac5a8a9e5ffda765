"""What all telephone exchanges have in common: fields, numbers, times, and what a call becomes.

Source: the pages of the providers, each named in its channel; E.164; the office's region and zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingest.channel import Context, inbound_id
from ingest.form_body import BLANK, read_form
from ingest.plain_text import plain, read_object, received
from kartoteka.domain import identity
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Call as CallEvent
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.ladder import RING_S
from kartoteka.domain.model import CallFact, CallStatus, Source
from kartoteka.http import Call

IN, OUT, INTERNAL = "in", "out", "internal"
_LONGEST_EXTENSION = 6  # digits; a shorter number is never a client's
_COUNTRY_AND_NUMBER = 11  # digits of a full number that lacks its plus sign
_LONGEST_VALUE = 500  # characters of an id, a number or a name of a line
_LONGEST_URL = 2000
_LONGEST_CALL_S = 86_400
_MOST_LEAVES = 1000
_YEARS = range(2000, 2100)
_SECONDS = range(946_684_800, 4_102_444_800)  # this century
_SCHEME = re.compile(r"^(?:tel|sips?|sip/|pjsip/|local/)[:/]?", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event of one call, in the provider's words made ours."""

    call_id: str
    event: str  # with the call's id it makes the event's
    direction: str
    client: str = ""  # as the provider spells it
    name: str = ""  # of a caller without a number
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    unanswered: CallStatus | None = None  # why an outgoing call failed, if the provider says so
    staff: str = ""
    passed_to: str = ""  # who of us spoke last
    line: str = ""
    recording: str = ""
    piece: str = ""
    leg: str = ""


def fields(call: Call) -> dict[str, str]:
    """Return what the provider told, by name: of a query, a form or the leaves of a JSON object.

    Of a repeated name the first counts. Raises `Malformed` when the body is none of these.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(call):
        found.setdefault(plain(name), plain(value))
    return found


def _pairs(call: Call) -> Iterator[tuple[str, str]]:
    if call.method == "GET":
        yield from call.query
    elif call.body.lstrip(BLANK)[:1] == b"{":
        yield from _leaves(read_object(call.body))
    else:
        yield from read_form(_as_it_is(call)).pairs


def _as_it_is(call: Call) -> Call:
    """Return the call with the boundary that its body shows: some headers name another."""
    if not call.body.startswith(b"--"):
        return call
    boundary = call.body[2:100].splitlines()[:1]
    name = boundary[0].decode("latin-1").strip() if boundary else ""
    media_type = f'multipart/form-data; boundary="{name}"'
    return Call("POST", call.path, body=call.body, headers={"content-type": media_type})


def _leaves(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the plain values of an object by name, those inside other objects too."""
    waiting: list[tuple[str, Any]] = list(body.items())
    for told, (name, value) in enumerate(_walked(waiting)):
        if told >= _MOST_LEAVES:
            raise Malformed("over a thousand fields", code="too_many_fields")
        yield name, value


def _walked(waiting: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    waiting.reverse()
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed(list(value.items())))
        elif isinstance(value, list):
            waiting.extend((name, item) for item in reversed(value))
        elif isinstance(value, bool):
            yield name, "1" if value else "0"
        elif value is not None:
            yield name, str(value)


def need(told: dict[str, str], *names: str) -> str:
    """Return the first of these fields that says something.

    Raises:
        Malformed: none does; names the first of them.
    """
    for name in names:
        value = told.get(name, "").strip()
        if value:
            return value[:_LONGEST_VALUE]
    raise Malformed(f"{names[0]} is missing", code="bad_field", field=names[0])


def number(text: str, region: str) -> str:
    """Return the number in E.164; what is no full number, as it is without its trimmings.

    A name is never searched for digits: `client:anna5551234567` telephones from a program.
    """
    bare = _bare(text)
    if bare[:1].isalpha():
        return bare if _SCHEME.match(text.strip()) else text.strip()[:_LONGEST_VALUE]
    full = identity.phone(bare, region)
    if full is None and bare.isdecimal() and len(bare) >= _COUNTRY_AND_NUMBER:
        full = identity.phone(f"+{bare}", region)
    return full or bare


def _bare(text: str) -> str:
    return _SCHEME.sub("", text.strip()[:_LONGEST_VALUE]).partition("@")[0].strip()


def extension(text: str) -> str:
    """Return the internal number of `3515*101@host`, `SIP/101-0a`, `sip:anna@host` or `101`."""
    bare = _bare(text).rpartition("*")[2]
    channel, dash, _ = bare.partition("-")
    return channel if dash and channel.isdecimal() else bare


def is_internal(text: str) -> bool:
    """Return whether this is a telephone of the office: its number is too short, or has a star."""
    bare = _bare(text)
    return "*" in bare or (bare.isdecimal() and len(bare) <= _LONGEST_EXTENSION)


def unix(text: str, per_second: int = 1) -> datetime | None:
    """Return the moment of a count since 1970; None of zero and of an impossible one."""
    whole = text.strip().partition(".")[0]
    if not _DIGITS.fullmatch(whole) or not whole.isascii() or len(whole) > len("9" * 18):
        return None
    micros = int(whole) * 1_000_000 // per_second
    if micros // 1_000_000 not in _SECONDS:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def moment(text: str, zone: str) -> datetime | None:
    """Return the moment of a date and time; one without a zone is in the office's; else None."""
    try:
        found = datetime.fromisoformat(text.strip()[:40])
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def instant(text: str, zone: str, per_second: int = 1) -> datetime | None:
    """Return the moment that is told by a count since 1970 or by a date; else None."""
    return unix(text, per_second) or moment(text, zone)


def seconds(text: str, per_second: int = 1) -> timedelta:
    """Return a duration; none when it is missing, and never over a day."""
    whole = text.strip().partition(".")[0]
    if not _DIGITS.fullmatch(whole) or not whole.isascii() or len(whole) > len("9" * 18):
        return timedelta()
    return timedelta(microseconds=min(int(whole) / per_second, _LONGEST_CALL_S) * 1_000_000)


def event(channel: str, call: Call, context: Context, told: Told) -> Inbound:
    """Return the event of a call; one between two telephones of the office is ignored."""
    client = number(told.client, context.region)
    fact = _fact(channel, told, client)
    internal = told.direction == INTERNAL or is_internal(told.client)
    full = client.startswith("+") and not internal
    blank = _blank(channel, call, context, f"{told.call_id}:{told.event}")
    return blank.model_copy(
        update={
            "what": Kind.CALL,
            "at": fact.ended_at or fact.answered_at or fact.started_at,
            "sender": Person(name=told.name, phones=(client,) if full else ()),
            "recipient": fact.line,
            "call": CallEvent(
                call_id=told.call_id,
                direction=OUT if told.direction == OUT else IN,
                staff=_own(told.staff, context.region),
                fact=fact,
                piece=told.piece,
                leg=told.leg[:_LONGEST_VALUE],
                passed_to=_own(told.passed_to, context.region),
            ),
            "state": "ignored" if internal else "new",
            "why": "internal_call" if internal else "",
        }
    )


def notice(channel: str, call: Call, context: Context, event_id: str) -> Inbound:
    """Return the event of a message that is nothing for a person, kept with its raw text."""
    blank = _blank(channel, call, context, event_id)
    return blank.model_copy(update={"why": "exchange_notice"})


def _blank(channel: str, call: Call, context: Context, event_id: str) -> Inbound:
    return Inbound(
        id=inbound_id(channel, context, event_id),
        channel=channel,
        account=context.account,
        event_id=event_id,
        what=Kind.SERVICE,
        at=context.now,
        received_at=context.now,
        source=Source(channel=channel, name=context.source),
        raw=received(call),
    )


def _own(staff: str, region: str) -> str:
    """Return who of us it was as people are written down: a full number in E.164, else as it is."""
    told = staff.strip()[:_LONGEST_VALUE]
    return number(told, region) if len(told) > _LONGEST_EXTENSION and told[1:].isdecimal() else told


def _fact(channel: str, told: Told, client: str) -> CallFact:
    """Return the call with its times in order, whatever the exchange's clocks say."""
    answered = told.answered_at
    started = min(told.started_at, answered or told.started_at)
    ended = max(told.ended_at, answered or started) if told.ended_at else None
    fact = CallFact(
        status=CallStatus.RINGING,
        client_number=client,
        line=told.line.strip()[:_LONGEST_VALUE],
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        recording_url=_recording(channel, told.recording.strip()),
    )
    return fact.model_copy(update={"status": _status(fact, told)})


def _recording(channel: str, link: str) -> str:
    """Return a link to the web, or the provider's id of the recording behind the channel's name."""
    fits = len(link) <= _LONGEST_URL and link.startswith(("https://", "http://", f"{channel}:"))
    return link if fits else ""


def _status(fact: CallFact, told: Told) -> CallStatus:
    if fact.ended_at is None:
        return CallStatus.TALKING if fact.answered_at else CallStatus.RINGING
    if fact.answered_at is not None:
        return CallStatus.ANSWERED
    if told.direction != OUT:
        return CallStatus.MISSED
    rang_out = fact.ring_s >= RING_S
    return told.unanswered or (CallStatus.NO_ANSWER if rang_out else CallStatus.CANCELLED)
