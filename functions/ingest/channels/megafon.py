"""Calls of Megafon's virtual exchange, and of the operators on the same platform.

Source: the vendor's «API для интеграции с CRM» as implemented by public receivers of it.
Signed: nothing; the field `crm_token` is the secret that the office typed into the cabinet.
Event id: `callid`, `user` and the event or `history`. Retries: not documented.
Group calls: every telephone that rings tells its own INCOMING and CANCELLED under one `callid`;
only `history` ends a call, and only when nobody else has answered.
Times: `YYYYmmddTHHMMSSZ`, UTC; durations in seconds. An event has no time of its own.
Kcell tells the sides of an event as `from` and `to`, its kind as `status`, and its end by a
`duration`.
Asks: `cmd=contact` waits for JSON. Answer to the others: 200, `{}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from ingest.channel import Context
from ingest.proof import check_one_of
from ingest.telephony import (
    IN,
    OUT,
    Told,
    event,
    fields,
    is_internal,
    moment,
    need,
    notice,
    seconds,
)
from kartoteka.domain.call_state import LEG
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "megafon"
_TOKEN = "crm_token"  # noqa: S105 - the name of a field, not a secret
_RINGS = {"INCOMING", "OUTGOING", "ACCEPTED"}
_OTHERS = {"CANCELLED", "COMPLETED", "TRANSFERRED"}
_ENDS = {"ACCEPTED", "CANCELLED"}
_ALSO = {"callid": "uid", "phone": "client", "link": "record"}  # as the platform's own API says
_FAILED = {
    "busy": CallStatus.BUSY,
    "missed": CallStatus.NO_ANSWER,
    "notavailable": CallStatus.NO_ANSWER,
    "cancel": CallStatus.CANCELLED,
    "notallowed": CallStatus.CANCELLED,
    "notfound": CallStatus.CANCELLED,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call without one of the secrets in `crm_token`."""
    check_one_of(_fields(call).get(_TOKEN, ""), secrets, _TOKEN)


def sent(call: Call, secret: str) -> Call:
    """Return the call with the secret among its fields."""
    told = {key: value for key, value in _fields(call).items() if key != _TOKEN}
    return replace(call, body=urlencode({**told, _TOKEN: secret}).encode())


def asks(call: Call) -> bool:
    """Return whether the exchange waits to hear who calls."""
    return _fields(call).get("cmd") == "contact"


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the client's name and the owner's user of the exchange; of a stranger nothing."""
    known = directory.ask(fields(call).get("phone", ""))
    owner = known.login or known.extension
    told = {"contact_name": known.name} if known.name else {}
    return json_reply({**told, "responsible": owner} if owner else told)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the command."""
    told = _renamed(fields(call))
    command = need(told, "cmd")
    if command == "history":
        return [event(name, call, context, _history(told, context))]
    kind = told.get("type", "").upper()
    who = f"{told.get('user', '')}:{kind}"
    if command == "event" and kind in _ENDS and {"from", "duration"} <= told.keys():
        return [event(name, call, context, _ended(told, context, kind, who))]
    if command == "event" and kind in _RINGS:
        return [event(name, call, context, _ringing(told, context, kind, who))]
    if (command == "event" and kind in _OTHERS) or command in {"rating", "contact"}:
        return [notice(name, call, context, f"{need(told, 'callid')}:{command}:{who}")]
    field = f"{command}:{kind}"[:80]
    raise Malformed("an event of another kind", code="unknown_event", field=field)


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return json_reply({})


def _fields(call: Call) -> dict[str, str]:
    try:
        return fields(call)
    except Malformed:
        return {}


def _renamed(told: dict[str, str]) -> dict[str, str]:
    """Return the fields under the names of Megafon, whichever operator of the platform told them.

    Of two sides the one with an extension is ours.
    """
    also = {mine: told[other] for mine, other in _ALSO.items() if other in told}
    if "phone" in told or not told.get("from") or not told.get("to"):
        return {**also, **told}
    outgoing = is_internal(told["from"])
    ours, theirs = ("from", "to") if outgoing else ("to", "from")
    sides = {"phone": told[theirs], "ext": told[ours], "user": told[ours]}
    return {"type": told.get("status", ""), "direction": OUT if outgoing else IN, **told, **sides}


def _ended(told: dict[str, str], context: Context, kind: str, who: str) -> Told:
    """Return the end of one telephone's part, told by an operator that names its length."""
    talked = kind == "ACCEPTED"
    started = context.now - seconds(told["duration"])
    return Told(
        call_id=need(told, "callid"),
        event=f"end:{who}",
        direction=OUT if told.get("direction", "").lower() == OUT else IN,
        client=told.get("phone", ""),
        started_at=started,
        answered_at=started if talked else None,
        ended_at=context.now,
        staff=_staff(told),
        line=told.get("diversion", ""),
        piece=LEG,
        leg=told.get("user", ""),
    )


def _ringing(told: dict[str, str], context: Context, kind: str, who: str) -> Told:
    accepted = kind == "ACCEPTED"
    outgoing = kind == "OUTGOING" or told.get("direction", "").lower() == OUT
    return Told(
        call_id=need(told, "callid"),
        event=f"event:{who}",
        direction=OUT if outgoing else IN,
        client=told.get("phone", ""),
        started_at=context.now,
        answered_at=context.now if accepted else None,
        staff=_staff(told),
        line=told.get("diversion", ""),
        piece=LEG if accepted else "",
        leg=told.get("user", ""),
    )


def _history(told: dict[str, str], context: Context) -> Told:
    status = told.get("status", "").lower()
    started = moment(told.get("start", ""), "UTC") or context.now
    outgoing = told.get("type", "").lower() == OUT
    return Told(
        call_id=need(told, "callid"),
        event=f"history:{told.get('user', '')}",
        direction=OUT if outgoing else IN,
        client=told.get("phone", ""),
        started_at=started,
        answered_at=started if status == "success" else None,
        ended_at=started + seconds(told.get("duration", "")),
        unanswered=_FAILED.get(status),
        staff=_staff(told),
        line=told.get("diversion", ""),
        recording=told.get("link", ""),
        piece=LEG,
        leg=told.get("user", ""),
    )


def _staff(told: Mapping[str, str]) -> str:
    return next((told[field] for field in ("ext", "user", "telnum") if told.get(field)), "")
