"""Calls of an Asterisk of one's own, told by a relay beside it.

Source: our interface, described in `asterisk.md`; the events are those of AMI and ARI.
Signed: header `X-Relay-Signature`, hex HMAC-SHA256 of the raw body. A question of the dialplan
cannot be signed and names the secret in its path.
Event id: `uniqueid` and the event. Legs: every channel; `linkedid` is the same for all of a call.
Retries: the relay repeats until it hears 2xx; any order. Times: seconds since 1970.
Asks: `GET <address>/who/<secret>?num=…` waits for `extension|name`, one line of text.
Answer to the others: 200, `{"ok": true}`.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ingest.channel import Context, Manner
from ingest.plain_text import read_object
from ingest.proof import check_one_of, check_path, with_path
from ingest.telephony import IN, OUT, Told, event, extension, fields, need, seconds, unix
from kartoteka.domain.call_state import LEG, RECORDING
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "asterisk"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
_HEADER = "x-relay-signature"
_WHO = "who"
_WHO_AT = 2
_RING, _ANSWER, _HANGUP, _RECORD = "ring", "answer", "hangup", "record"
_EVENTS = {_RING, _ANSWER, _HANGUP, _RECORD}
_HARMLESS = " .-"  # beside letters and digits; the rest means something to a dialplan
_FAILED = {
    "BUSY": CallStatus.BUSY,
    "NOANSWER": CallStatus.NO_ANSWER,
    "CHANUNAVAIL": CallStatus.NO_ANSWER,
    "CANCEL": CallStatus.CANCELLED,
    "CONGESTION": CallStatus.CANCELLED,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed, and a question that names none."""
    if asks(call):
        check_path(call, secrets, at=_WHO_AT + 1)
        return
    given = call.header(_HEADER).strip().lower().removeprefix("sha256=")
    check_one_of(given, [_signature(call.body, key) for key in secrets if key], _HEADER)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which the relay would send this body."""
    return {_HEADER: _signature(body, secret)}


def sent(call: Call, secret: str) -> Call:
    """Return a question with the secret in its path, an event with its signature."""
    if asks(call):
        return with_path(call, secret, at=_WHO_AT + 1)
    return replace(call, headers={**call.headers, **sign(call.body, secret)})


def asks(call: Call) -> bool:
    """Return whether a dialplan waits to hear whom to ring."""
    return call.method == "GET" and call.path[_WHO_AT : _WHO_AT + 1] == (_WHO,)


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the owner's extension and the client's name, both empty for a stranger."""
    known = directory.ask(fields(call).get("num", ""))
    shown = "".join(mark for mark in known.name if mark.isalnum() or mark in _HARMLESS)
    kind = {"content-type": "text/plain; charset=utf-8"}
    return Reply(200, f"{known.extension}|{shown}".encode(), kind)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the relay."""
    if call.method == "GET":
        raise Malformed("an event is posted", code="unknown_event", field="GET")
    read_object(call.body)
    told = fields(call)
    kind = need(told, "event").lower()
    if kind not in _EVENTS:
        raise Malformed("an event of another kind", code="unknown_event", field=kind[:80])
    return [event(name, call, context, _told(told, context, kind))]


def answer(_call: Call, stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement with the id of the event."""
    return json_reply({"ok": True, "id": stored[0].inbound_id})


def _signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode("utf-8", "replace"), body, hashlib.sha256).hexdigest()


def _told(told: dict[str, str], context: Context, kind: str) -> Told:
    leg = need(told, "uniqueid", "linkedid")
    at = unix(told.get("at", "")) or context.now
    return Told(
        call_id=need(told, "linkedid", "uniqueid"),
        event=f"{leg}:{kind}",
        direction=OUT if told.get("direction", "").lower() == OUT else IN,
        client="" if kind == _RECORD else told.get("number", ""),
        started_at=at,
        answered_at=_answered(told, kind),
        ended_at=at if kind == _HANGUP else None,
        unanswered=_FAILED.get(told.get("dialstatus", "").upper()),
        staff=extension(told.get("extension", "")),
        line=told.get("line", ""),
        recording=told.get("recording", ""),
        piece=RECORDING if kind == _RECORD else LEG,
        leg=leg,
    )


def _answered(told: Mapping[str, str], kind: str) -> datetime | None:
    """Return when the leg was answered: told by its answer, or by the talk that its end sums up."""
    at = unix(told.get("at", ""))
    talk = seconds(told.get("billsec", ""))
    if at is None or kind == _RECORD:
        return None
    if kind == _ANSWER:
        return at
    return at - talk if kind == _HANGUP and talk else None
