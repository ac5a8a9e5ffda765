"""Calls of Zadarma and of Novofon 1.0, told by the notifications of its PBX.

Source: zadarma.com/ru/support/api, «Уведомления о звонках»; the vendor's user-api-v1.
Signed: header `Signature`, base64 of the hex digits of HMAC-SHA1 over some of the fields joined;
which fields depends on the event. A trial of the address is GET `zd_echo`, answered before any
proof.
Event id: `pbx_call_id`, the event and the extension; of an SMS, which has none, a digest of it
within 300 s. Retries: not documented.
Times: `YYYY-MM-DD HH:MM:SS` in the zone of the PBX, taken for the office's.
Asks: NOTIFY_START and NOTIFY_IVR wait for JSON. Answer to the others: 200, `{}`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from ingest.channel import Context
from ingest.plain_text import read_json
from ingest.proof import check_one_of
from ingest.telephony import IN, OUT, Told, event, fields, moment, need, notice, number, seconds
from kartoteka.domain.call_state import RECORDING, WHOLE
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "zadarma"
_HEADER = "signature"
_TRIAL = "zd_echo"
_LONGEST_TRIAL = 200
_SMS_WINDOW_S = 300
_SMS = "SMS"
_RESULTS = {"SPEECH_RECOGNITION", "NUMBER_LOOKUP", "CALL_TRACKING", "DOCUMENT"}
_RETURN_S = 15  # seconds the owner's telephone rings before the scenario goes on

_IN_FIELDS = ("caller_id", "called_did", "call_start")
_OUT_FIELDS = ("internal", "destination", "call_start")
_ANSWER_FIELDS = ("caller_id", "destination", "call_start")
_RECORD_FIELDS = ("pbx_call_id", "call_id_with_rec")
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "NOTIFY_START": _IN_FIELDS,
    "NOTIFY_INTERNAL": _IN_FIELDS,
    "NOTIFY_END": _IN_FIELDS,
    "NOTIFY_IVR": _IN_FIELDS,
    "NOTIFY_ANSWER": _ANSWER_FIELDS,
    "NOTIFY_OUT_START": _OUT_FIELDS,
    "NOTIFY_OUT_END": _OUT_FIELDS,
    "NOTIFY_RECORD": _RECORD_FIELDS,
}
_EVERY_WAY = (_IN_FIELDS, _ANSWER_FIELDS, _OUT_FIELDS, _RECORD_FIELDS, ("result",))
_QUESTIONS = {"NOTIFY_START", "NOTIFY_IVR"}
_FAILED = {
    "busy": CallStatus.BUSY,
    "no answer": CallStatus.NO_ANSWER,
    "cancel": CallStatus.CANCELLED,
    "unallocated number": CallStatus.NO_NUMBER,
}


def challenge(call: Call, _secrets: Sequence[str]) -> Reply | None:
    """Return the text with which the provider tries the address out."""
    told = call.param(_TRIAL)
    if call.method != "GET" or not told:
        return None
    kind = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
    return Reply(200, told[:_LONGEST_TRIAL].encode("utf-8", "replace"), kind)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose fields none of the secrets signed."""
    told = _fields(call)
    proofs = [_signature(told, way, key) for key in secrets if key for way in _ways(told)]
    check_one_of(call.header(_HEADER).strip(), proofs, _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the provider would send this body."""
    told = _fields(Call("POST", (), body=body))
    return {_HEADER: _signature(told, _ways(told)[0], secret)}


def asks(call: Call) -> bool:
    """Return whether the provider waits to hear what to do with the call."""
    return _fields(call).get("event") in _QUESTIONS


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the client's name and the owner's extension; of a stranger nothing at all."""
    known = directory.ask(_fields(call).get("caller_id", ""))
    told: dict[str, object] = {"caller_name": known.name} if known.name else {}
    if known.extension:
        told |= {"redirect": known.extension, "return_timeout": _RETURN_S}
    return json_reply(told)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the notification."""
    told = fields(call)
    kind = need(told, "event")
    if kind == _SMS:
        return [_written(told, call, context)]
    if kind in _RESULTS:
        return [notice(name, call, context, f"{kind}:{_digest(told)}")]
    event_id = f"{kind}:{told.get('internal', '')}".rstrip(":")
    call_id = need(told, "pbx_call_id")
    if kind == "NOTIFY_RECORD":
        return [event(name, call, context, _record(told, context, event_id))]
    if kind in _SIGNED:
        return [event(name, call, context, _told(told, context, event_id))]
    if kind.startswith("NOTIFY_OUT_") or kind == "NOTIFY_TRANSCRIPT":
        return [notice(name, call, context, f"{call_id}:{event_id}")]
    raise Malformed("an event of another kind", code="unknown_event", field=kind[:80])


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the empty scenario: nothing to be done with the call."""
    return json_reply({})


def _fields(call: Call) -> dict[str, str]:
    try:
        return fields(call)
    except Malformed:
        return {}


def _ways(told: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return which fields are signed; of an event that nobody knows, every way there is."""
    known = _SIGNED.get(told.get("event", ""))
    return (known,) if known else _EVERY_WAY


def _signature(told: Mapping[str, str], way: tuple[str, ...], secret: str) -> str:
    signed = "".join(told.get(field, "") for field in way).encode("utf-8", "replace")
    digest = hmac.new(secret.encode("utf-8", "replace"), signed, hashlib.sha1).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _told(told: Mapping[str, str], context: Context, event_id: str) -> Told:
    kind = told["event"]
    outgoing = kind.startswith("NOTIFY_OUT") or told.get("pbx_call_id", "").startswith("out_")
    started = moment(told.get("call_start", ""), context.zone) or context.now
    over = kind in {"NOTIFY_END", "NOTIFY_OUT_END"}
    talked = told.get("disposition", "").lower() == "answered"
    ended = _ended(told, started, context.now) if over else None
    answered = ended - seconds(told.get("duration", "")) if ended and talked else None
    if kind == "NOTIFY_ANSWER":
        answered = context.now
    return Told(
        call_id=told["pbx_call_id"],
        event=event_id,
        direction=OUT if outgoing else IN,
        client=told.get("destination", "") if outgoing else told.get("caller_id", ""),
        started_at=started,
        answered_at=answered,
        ended_at=ended,
        unanswered=_FAILED.get(told.get("disposition", "").lower()),
        staff=told.get("internal", "") or told.get("last_internal", ""),
        passed_to=told.get("last_internal", "") if over else "",
        line=told.get("caller_id", "") if outgoing else told.get("called_did", ""),
        piece=WHOLE if over else "",
    )


def _written(told: Mapping[str, str], call: Call, context: Context) -> Inbound:
    """Return an SMS that came to a number of ours; the same texts stand in `result` as JSON."""
    inner = _result(told)
    phone = number(told.get("caller_id", "") or inner.get("caller_id", ""), context.region)
    blank = notice(name, call, context, f"{_SMS}:{_digest(told)}")
    update = {
        "what": Kind.MESSAGE,
        "why": "",
        "window_s": _SMS_WINDOW_S,
        "sender": Person(phones=(phone,) if phone.startswith("+") else ()),
        "recipient": told.get("caller_did", "") or inner.get("caller_did", ""),
        "text": told.get("text", "") or inner.get("text", ""),
    }
    return blank.model_copy(update=update)


def _result(told: Mapping[str, str]) -> dict[str, str]:
    try:
        found = read_json(told.get("result", "").encode())
    except Malformed:
        return {}
    parts = found.items() if isinstance(found, dict) else ()
    return {key: str(value) for key, value in parts if isinstance(value, str | int)}


def _digest(told: Mapping[str, str]) -> str:
    said = "\n".join(f"{key}={told[key]}" for key in sorted(told))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def _ended(told: Mapping[str, str], started: datetime, now: datetime) -> datetime:
    """Return when the call ended: now, unless its start and duration say that it was earlier."""
    soonest = started + seconds(told.get("duration", ""))
    return now if soonest <= now <= soonest + seconds("7200") else soonest


def _record(told: Mapping[str, str], context: Context, event_id: str) -> Told:
    record = need(dict(told), "call_id_with_rec")
    return Told(
        call_id=told["pbx_call_id"],
        event=f"{event_id}:{record}",
        direction=IN,
        started_at=context.now,
        recording=f"{name}:{record}",
        piece=RECORDING,
    )
