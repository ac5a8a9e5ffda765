"""Calls of UIS, CoMagic and Novofon 2.0: one platform, whose messages the office words itself.

Source: the vendor's templates of HTTP notifications; «Интерактивная обработка вызова» (ИОВ).
The template to paste is in `uis.md`; other spellings of the same variables are read as well, in
JSON (nested or not), in a form or in a query.
Signed: nothing; the constant `integration_key` of the template, or the last part of the address,
is the secret.
Event id: `call_session_id` and the event. Retries: not documented.
Times: `notification_time`, in the office's zone when it names none; durations in seconds.
Asks: ИОВ brings `numa` and `numb` and waits for JSON. Answer to the others: 200, `{}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ingest.channel import Context, Manner
from ingest.plain_text import read_object
from ingest.proof import SECRET_AT, check_one_of, with_path
from ingest.telephony import (
    IN,
    INTERNAL,
    OUT,
    Told,
    event,
    fields,
    moment,
    need,
    notice,
    seconds,
    unix,
)
from kartoteka.domain.call_state import RECORDING, WHOLE
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "uis"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
_KEY = "integration_key"
_STRANGER = "stranger"  # the branch of the scenario for who is not known, or whose owner is away

_RING, _ANSWERED, _ENDED, _RECORDED = "ring", "answered", "ended", "recorded"
_KIND = ("event", "notification_mnemonic", "notification_name")
_OUTGOING = ("out_", "outbound", "исходящий")
# What the vendor calls its notifications in Russian and in English, without spaces.
_NAMED: Mapping[str, str] = {
    "входящийзвонок": _RING,
    "входящийзвонокнавиртуальныйномер": _RING,
    "исходящийзвонок": _RING,
    "ожиданиеответа": _RING,
    "началоразговора": _ANSWERED,
    "завершениезвонка": _ENDED,
    "потерянныйзвонок": _ENDED,
    "записанныйразговор": _RECORDED,
    "inboundcall": _RING,
    "inboundcallonavirtualphonenumber": _RING,
    "outboundcall": _RING,
    "waitingfortheanswer": _RING,
    "talkstarted": _ANSWERED,
    "callfinished": _ENDED,
    "lostcall": _ENDED,
    "callrecordingcompleted": _RECORDED,
}
_EVENTS: Mapping[str, str] = {
    "IN_CALL_SESSION": _RING,
    "OUT_CALL_SESSION": _RING,
    "CALL_CONNECTED": _ANSWERED,
    "CALL_SESSION_FINISHED": _ENDED,
    "RECORD_CALL": _RECORDED,
    "CALL_START": _RING,
    "IN_CALL": _RING,
    "OUT_CALL": _RING,
    "CALL_ANSWER": _ANSWERED,
    "CALL_ACCEPTED": _ANSWERED,
    "CALL_END": _ENDED,
    "CALL_LOST": _ENDED,
    "LOST_CALL": _ENDED,
    "CALL_RECORD": _RECORDED,
    "RECORDED_CALL": _RECORDED,
}
_FAILED = {"busy": CallStatus.BUSY, "not_answered": CallStatus.NO_ANSWER}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call that names none of the secrets, neither in its body nor in its path."""
    in_path = call.path[SECRET_AT] if len(call.path) > SECRET_AT else ""
    check_one_of(in_path or _fields(call).get(_KEY, ""), secrets, _KEY)


def sent(call: Call, secret: str) -> Call:
    """Return the call with the secret in its JSON; where there is none, in its address."""
    try:
        told = {**read_object(call.body), _KEY: secret}
    except Malformed:
        return with_path(call, secret)
    return replace(call, body=json.dumps(told).encode())


def asks(call: Call) -> bool:
    """Return whether a step of the scenario waits to hear whom to ring."""
    told = _fields(call)
    return "numa" in told and told.keys().isdisjoint(_KIND)


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the owner's extension; of a stranger the name of the branch that rings everybody."""
    known = directory.ask(_fields(call).get("numa", ""))
    if known.extension:
        return json_reply({"phones": [known.extension]})
    return json_reply({"returned_code": _STRANGER})


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the notification."""
    told = fields(call)
    kind, stage = _kind(told)
    if stage is None and "leg_ids" in told:
        return [notice(name, call, context, f"{need(told, 'call_session_id')}:{kind}")]
    if stage is None:
        raise Malformed("an event of another kind", code="unknown_event", field=kind[:80])
    return [event(name, call, context, _told(told, context, (kind, stage)))]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return json_reply({})


def _fields(call: Call) -> dict[str, str]:
    try:
        return fields(call)
    except Malformed:
        return {}


def _kind(told: dict[str, str]) -> tuple[str, str | None]:
    """Return what the notification is called, and how far the call is; None: it does not say.

    An office may give a notification any name: then its fields tell.
    """
    names = [told.get(field, "").strip().upper() for field in _KIND]
    known = [name for name in names if _stage(name)]
    kind = next(iter(known), "") or need(told, *_KIND).upper()
    if known or "event" in told:
        return kind, _stage(kind)
    if told.get("file_link"):
        return kind, _RECORDED
    return kind, _ENDED if told.get("total_time_duration") else None


def _stage(kind: str) -> str | None:
    return _EVENTS.get(kind) or _NAMED.get("".join(kind.split()).casefold())


def _told(told: dict[str, str], context: Context, event_is: tuple[str, str]) -> Told:
    kind, stage = event_is
    at = _moment(told, context)
    talk = seconds(told.get("talk_time_duration", ""))
    wait = seconds(told.get("wait_time_duration", ""))
    total = seconds(told.get("total_time_duration", "")) or talk + wait
    over = stage == _ENDED
    answered = at - talk if over and talk else at if stage == _ANSWERED else None
    direction = told.get("direction", "").lower() or _way(kind)
    if told.get("is_internal", "").lower() in {"1", "true"}:
        direction = INTERNAL
    return Told(
        call_id=need(told, "call_session_id"),
        event=kind,
        direction=direction if direction in {OUT, INTERNAL} else IN,
        client="" if stage == _RECORDED else need(told, "contact_phone_number"),
        started_at=at - max(total, talk) if over else at,
        answered_at=answered,
        ended_at=at if over else None,
        unanswered=_FAILED.get(told.get("call_status", "").lower()),
        staff=told.get("extension_phone_number", "") or told.get("employee_phone_number", ""),
        line=told.get("virtual_phone_number", ""),
        recording=told.get("file_link", ""),
        piece=RECORDING if stage == _RECORDED else WHOLE if over else "",
    )


def _way(kind: str) -> str:
    """Return where a call goes by the name of its notification alone."""
    return OUT if kind.casefold().startswith(_OUTGOING) else IN


def _moment(told: dict[str, str], context: Context) -> datetime:
    named = moment(told.get("notification_time", ""), context.zone)
    return named or unix(told.get("notification_timestamp", "")) or context.now
