"""Calls of Telphin (Телфин.Офис), told extension by extension.

Source: the vendor's list of fields of «События API»; connectors that its customers published.
Signed: nothing; a secret of ours is the last part of the address.
Event id: `CallID`, `SubCallID` and the event. Retries: not documented.
Legs: every telephone that rings tells its own hang-up; `CallID` stays the same over transfers.
Times: MICROseconds since 1970, UTC; durations in microseconds.
Asks: `EventType=call_interactive` waits for XML. Answer to the others: 200 with an empty body.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from ingest.channel import Context, Manner
from ingest.proof import check_path, with_path
from ingest.telephony import (
    IN,
    OUT,
    Told,
    event,
    extension,
    fields,
    is_internal,
    need,
    notice,
    seconds,
    unix,
)
from kartoteka.domain.call_state import LEG
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "telphin"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
_MICRO = 1_000_000
_QUESTION = "call_interactive"
_CALLS = {"dial-in", "dial-out", "answer", "hangup"}
_OTHERS = {"message-in", "message-out", "voicemail"}
_FAILED = {
    "BUSY": CallStatus.BUSY,
    "NOANSWER": CallStatus.NO_ANSWER,
    "CHANUNAVAIL": CallStatus.NO_ANSWER,
    "CANCEL": CallStatus.CANCELLED,
    "CONGESTION": CallStatus.CANCELLED,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to the provider."""
    return with_path(call, secret)


def asks(call: Call) -> bool:
    """Return whether a step of the voice menu waits to hear whom to ring."""
    try:
        return fields(call).get("EventType") == _QUESTION
    except Malformed:
        return False


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the owner's extension as the variable `number`, and the client's name to show."""
    known = directory.ask(fields(call).get("CallerIDNum", ""))
    steps = f'<SetVar name="number">{known.extension}</SetVar>' if known.extension else ""
    if known.name:
        steps += f"<SetCaller name={quoteattr(_printable(known.name))}/>"
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{steps}</Response>'
    return Reply(200, body.encode(), {"content-type": "text/xml; charset=utf-8"})


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of one extension."""
    told = fields(call)
    kind = need(told, "EventType")
    event_id = f"{told.get('SubCallID', '')}:{kind}"
    if kind in _CALLS:
        return [event(name, call, context, _told(told, context, event_id))]
    if kind in _OTHERS or kind == _QUESTION:
        return [notice(name, call, context, f"{need(told, 'CallID')}:{event_id}")]
    raise Malformed("an event of another kind", code="unknown_event", field=kind[:80])


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the empty 200 that Telphin wants."""
    return Reply()


def _told(told: Mapping[str, str], context: Context, event_id: str) -> Told:
    kind = told["EventType"]
    flow = told.get("CallFlow", "").lower()
    outgoing = flow == OUT if flow else kind == "dial-out"
    at = unix(told.get("EventTime", ""), _MICRO) or context.now
    took = seconds(told.get("Duration", ""), _MICRO)
    ended = at if kind == "hangup" else None
    by_machine = told.get("Bridged", "").lower() == "no"  # a menu or a queue took it, no person
    talked = told.get("CallStatus", "").upper() == "ANSWER" and not by_machine
    answered = at if kind == "answer" and not by_machine else None
    if ended and talked:
        answered = ended - took
    ring = at - took if ended and not talked else at
    return Told(
        call_id=need(dict(told), "CallID"),
        event=event_id,
        direction=OUT if outgoing else IN,
        client=_client(told, outgoing=outgoing),
        started_at=answered or ring,
        answered_at=answered,
        ended_at=ended,
        unanswered=_FAILED.get(told.get("CallStatus", "").upper()),
        staff="" if told.get("Bridged") else _staff(told, outgoing=outgoing),  # a queue is nobody
        line=told.get("CalledDID", ""),
        recording=f"{name}:{told['RecID']}" if told.get("RecID") else "",
        piece=LEG,
        leg=told.get("SubCallID", "") or _staff(told, outgoing=outgoing),
    )


def _client(told: Mapping[str, str], *, outgoing: bool) -> str:
    """Return the client's number; an answer may name an extension of ours in its place."""
    given = told.get("CalledNumber" if outgoing else "CallerIDNum", "")
    return "" if is_internal(given) and told["EventType"] == "answer" else given


def _staff(told: Mapping[str, str], *, outgoing: bool) -> str:
    ours = ("CallerExtension", "CallerIDNum") if outgoing else ("CalledExtension", "CalledNumber")
    given = next((told[field] for field in ours if told.get(field)), "")
    return extension(given)


def _printable(text: str) -> str:
    """Return the text without what XML cannot carry."""
    return "".join(letter for letter in text if letter.isprintable())
