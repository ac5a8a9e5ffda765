"""Calls of MTT Exolve, as far as they are known.

Source: none for the format of its events; the spellings below are those of comparable exchanges.
Whatever is not understood is kept whole, so that it can be read again later.
Signed: nothing known; a secret of ours is the last part of the address.
Event id: the call's id and the event. Retries, order: not documented; any is borne.
Times: seconds or milliseconds since 1970, or ISO 8601, in the office's zone when it names none.
Asks: nothing known. Answer: 200, `{"ok": true}`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ingest.channel import Context, Manner
from ingest.proof import check_path, with_path
from ingest.telephony import IN, OUT, Told, event, fields, instant, need, seconds
from kartoteka.domain.call_state import LEG, RECORDING
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "exolve"
manner = Manner(subpaths=True)
_MILLI = 1000
_LONGEST_SECONDS = 10  # digits; more are milliseconds
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("call_id", "callid", "call_sid", "callsid", "uuid", "id"),
    "event": ("event", "event_type", "eventtype", "status", "call_status", "state"),
    "from": ("from", "caller", "caller_number", "number_a", "a_number", "src", "cli"),
    "to": ("to", "called", "called_number", "number_b", "b_number", "dst"),
    "direction": ("direction", "call_type", "type"),
    "line": ("line", "did", "number", "display_number"),
    "staff": ("extension", "employee", "operator"),
    "started": ("start_time", "started_at", "start", "date_start", "time"),
    "answered": ("answer_time", "answered_at", "connect_time"),
    "ended": ("end_time", "ended_at", "date_end", "timestamp"),
    "talk": ("talk_time", "billsec", "duration", "call_duration"),
    "record": ("record_url", "recording_url", "record_link", "recording"),
}
_UNANSWERED = ("busy", "no_answer", "noanswer", "no-answer", "not_answered")
_STAGES: Mapping[str, tuple[str, ...]] = {
    "record": ("record",),
    "end": ("end", "hang", "complete", "finish", "miss", "disconnect", "release", "cancel", "fail"),
    "answer": ("connected", "in_call", "talk"),
    "ring": ("ring", "start", "init", "incoming", "outgoing", "appeared", "calling", "progress"),
}
_FAILED = (("busy", CallStatus.BUSY), ("answer", CallStatus.NO_ANSWER))


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to the provider."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the body."""
    found = {key.lower(): value for key, value in fields(call).items()}
    told = {mine: _first(found, theirs) for mine, theirs in _SPELLINGS.items()}
    stage = _stage(told["event"].lower())
    if not stage:
        kind = told["event"][:80] or "event"
        raise Malformed("an event of another kind", code="unknown_event", field=kind)
    return [event(name, call, context, _told(told, context, stage))]


def answer(_call: Call, stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement with the id of the event."""
    return json_reply({"ok": True, "id": stored[0].inbound_id})


def _first(found: Mapping[str, str], names: Sequence[str]) -> str:
    return next((found[key] for key in names if found.get(key)), "")


def _stage(kind: str) -> str:
    """Return how far the call is by the event's word; `answered` is an answer, `no_answer` none."""
    if any(word in kind for word in _UNANSWERED):
        return "end"
    if kind.startswith("answer") or kind.endswith("answered"):
        return "answer"
    found = (stage for stage, words in _STAGES.items() if any(word in kind for word in words))
    return next(found, "")


def _told(told: dict[str, str], context: Context, stage: str) -> Told:
    outgoing = told["direction"].lower().startswith(OUT)
    ended = _at(told["ended"], context) or context.now if stage == "end" else None
    answered = _answered(told, context, stage, ended)
    failed = (status for word, status in _FAILED if word in told["event"].lower())
    return Told(
        call_id=need(told, "id"),
        event=told["event"].lower(),
        direction=OUT if outgoing else IN,
        client="" if stage == "record" else told["to" if outgoing else "from"],
        started_at=_at(told["started"], context) or answered or ended or context.now,
        answered_at=answered,
        ended_at=ended,
        unanswered=next(failed, None),
        staff=told["staff"],
        line=told["line"] or told["from" if outgoing else "to"],
        recording=told["record"],
        piece=RECORDING if stage == "record" else LEG,
    )


def _answered(
    told: Mapping[str, str], context: Context, stage: str, ended: datetime | None
) -> datetime | None:
    answered = _at(told["answered"], context)
    if stage == "answer":
        return answered or context.now
    if ended is None or any(word in told["event"].lower() for word in (*_UNANSWERED, "miss")):
        return None
    talk = seconds(told["talk"])
    return answered or (ended - talk if talk else None)


def _at(text: str, context: Context) -> datetime | None:
    whole = text.partition(".")[0]
    per_second = _MILLI if whole.isdecimal() and len(whole) > _LONGEST_SECONDS else 1
    return instant(text, context.zone, per_second)
