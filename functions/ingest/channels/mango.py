"""Calls of Mango Office, told by its VPBX API.

Source: MANGO OFFICE VPBX API 1.10 (24.12.2017): «Уведомления», «Подпись запроса».
Signed: the field `sign` is hex SHA-256 of key, the `json` field as received, salt; no HMAC. The
secret of the account is `<vpbx_api_key>:<vpbx_api_salt>`, both from the provider's cabinet.
Paths: the provider adds `/events/<kind>` and `/result/<command>` to the address.
Event id: `entry_id` of a summary, `call_id:seq` of a leg, `recording_id:state` of a recording.
A leg tells no direction: it is by which side has an extension or an address of the exchange, and a
call back or a campaign is the office's whoever is named first.
Retries: not documented. Order: any; only the summary ends a call. Times: seconds since 1970, UTC.
Answer: 200 with an empty body. Asks nothing: it is told by a command whom to ring.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ingest.channel import Context, Manner
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from ingest.telephony import IN, INTERNAL, OUT, Told, event, extension, fields, need, notice, unix
from kartoteka.domain.call_state import RECORDING, WHOLE
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "mango"
manner = Manner(subpaths=True)
_PATH_AT = 2
_DIRECTIONS = {"0": INTERNAL, "1": IN, "2": OUT}
_RECORDED = ("Completed", "1000")
_BY_OFFICE = ("callback_initiator", "task_id")  # a call back, a campaign: the client is rung
_Values = Mapping[str, Any]


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the pairs of key and salt signed."""
    told = _fields(call)
    body = told.get("json", "")
    known = (secret.partition(":") for secret in secrets)
    proofs = [f"{key}:{_sign(key, body, salt)}" for key, _, salt in known if key and salt]
    check_one_of(f"{told.get('vpbx_api_key', '')}:{told.get('sign', '').lower()}", proofs, "sign")


def sent(call: Call, secret: str) -> Call:
    """Return the call with its JSON signed, as the provider would post it."""
    key, _, salt = secret.partition(":")
    whole = call.body.decode("utf-8", "replace")
    body = whole if whole.startswith("{") else _fields(call).get("json", "")
    form = {"vpbx_api_key": key, "sign": _sign(key, body, salt), "json": body}
    return replace(call, body=urlencode(form).encode())


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the body; what it is about stands in the path."""
    kind = "/".join(call.path[_PATH_AT:])
    told = read_object(fields(call).get("json", "").encode("utf-8", "replace"))
    if kind in _READERS:
        return [_READERS[kind](told, call, context)]
    if kind.startswith(_NOTICES):
        digest = hashlib.sha256(call.body).hexdigest()
        return [notice(name, call, context, f"{kind}:{digest}")]
    raise Malformed("an event of another kind", code="unknown_event", field=kind[:80] or "path")


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the empty 200 that Mango wants."""
    return Reply()


def _fields(call: Call) -> dict[str, str]:
    try:
        return fields(call)
    except Malformed:
        return {}


def _sign(key: str, body: str, salt: str) -> str:
    return hashlib.sha256(f"{key}{body}{salt}".encode("utf-8", "replace")).hexdigest()


def _summary(told: _Values, call: Call, context: Context) -> Inbound:
    ends = _texts(told)
    direction = _DIRECTIONS.get(ends.get("call_direction", ""), IN)
    caller, called = _side(told, "from"), _side(told, "to")
    client, ours = (called, caller) if direction == OUT else (caller, called)
    return event(
        name,
        call,
        context,
        Told(
            call_id=need(ends, "entry_id"),
            event="summary",
            direction=direction,
            client=client.get("number", ""),
            started_at=unix(ends.get("create_time", "")) or context.now,
            answered_at=unix(ends.get("talk_time", "")),
            ended_at=unix(ends.get("end_time", "")) or context.now,
            staff=_staff(ours),
            line=ends.get("line_number", ""),
            piece=WHOLE,
        ),
    )


def _leg(told: _Values, call: Call, context: Context) -> Inbound:
    """Return how far one leg is; the call is over with its summary only."""
    leg = _texts(told)
    entry = need(leg, "entry_id", "call_id")
    state = leg.get("call_state", "")
    event_id = f"{need(leg, 'call_id')}:{leg.get('seq') or state}"
    if state not in {"Appeared", "Connected"}:
        return notice(name, call, context, f"{entry}:{event_id}")
    caller, called = _side(told, "from"), _side(told, "to")
    client, ours = (called, caller) if _is_ours(caller) else (caller, called)
    at = unix(leg.get("timestamp", "")) or context.now
    talking = state == "Connected" and leg.get("location") == "abonent"
    return event(
        name,
        call,
        context,
        Told(
            call_id=entry,
            event=event_id,
            direction=_direction(told, caller, called),
            client=client.get("number", ""),
            started_at=at,
            answered_at=at if talking else None,
            staff=_staff(ours),
            line=called.get("line_number", ""),
        ),
    )


def _direction(told: _Values, caller: Mapping[str, str], called: Mapping[str, str]) -> str:
    """Return where a leg goes, as far as its sides tell."""
    if _is_ours(caller):
        return INTERNAL if _is_ours(called) else OUT
    return OUT if any(told.get(mark) for mark in _BY_OFFICE) else IN


def _is_ours(side: Mapping[str, str]) -> bool:
    return bool(side.get("extension")) or side.get("number", "").startswith("sip:")


def _recording(told: _Values, call: Call, context: Context) -> Inbound:
    of = _texts(told)
    record, state = need(of, "recording_id"), of.get("recording_state", "")
    event_id = f"recording:{record}:{state}"
    if (state, of.get("completion_code", "1000")) != _RECORDED:
        return notice(name, call, context, event_id)
    return _recorded(of, event_id, call, context)


def _kept(told: _Values, call: Call, context: Context) -> Inbound:
    """Return that a recording lies in the cloud; where nothing else is told, it is the first."""
    of = _texts(told)
    return _recorded(of, f"record:{need(of, 'recording_id')}:added", call, context)


def _recorded(of: dict[str, str], event_id: str, call: Call, context: Context) -> Inbound:
    made = Told(
        call_id=need(of, "entry_id"),
        event=event_id,
        direction=IN,
        started_at=unix(of.get("timestamp", "")) or context.now,
        recording=f"{name}:{need(of, 'recording_id')}",
        piece=RECORDING,
    )
    return event(name, call, context, made)


_READERS: Mapping[str, Callable[[_Values, Call, Context], Inbound]] = {
    "events/summary": _summary,
    "events/call": _leg,
    "events/recording": _recording,
    "events/record/added": _kept,
}
_NOTICES = ("events/dtmf", "events/sms", "events/record/", "result/")


def _texts(told: _Values) -> dict[str, str]:
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in told.items()
        if isinstance(value, str | int | float)
    }


def _side(told: _Values, side: str) -> dict[str, str]:
    found = told.get(side)
    return _texts(found) if isinstance(found, dict) else {}


def _staff(side: Mapping[str, str]) -> str:
    """Return the person's extension, or the name of their SIP account; never a line of ours."""
    number = side.get("number", "")
    return side.get("extension", "") or (extension(number) if number.startswith("sip:") else "")
