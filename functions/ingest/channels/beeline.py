"""Calls of Beeline's cloud exchange (Облачная АТС), told by its XSI events.

Source: public receivers of `cloudpbx.beeline.ru/apis/portal/subscription`; BroadSoft XSI.
Signed: nothing, and no header can be set; a secret of ours is the last part of the address.
Event id: `eventID`. Legs: each subscribed telephone (`targetId`) tells its own part of a call.
Retries: not documented. Times: milliseconds since 1970 or ISO 8601; of what has none, the receipt.
The subscription ends after a week at most and is made anew by a schedule; see `beeline.md`.
Asks nothing. Answer: 200 with an empty body.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from ingest.channel import Context, Manner
from ingest.proof import check_path, with_path
from ingest.telephony import IN, INTERNAL, OUT, Told, event, extension, instant, need, notice
from ingest.xml_leaves import Leaves, read_leaves
from kartoteka.domain.call_state import LEG
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import CallStatus
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "beeline"
manner = Manner(subpaths=True)
_MILLI = 1000
_RINGS, _ANSWERED, _RELEASED = "rings", "answered", "released"
_EVENTS = {
    "CallOriginatedEvent": _RINGS,
    "CallReceivedEvent": _RINGS,
    "CallAnsweredEvent": _ANSWERED,
    "CallReleasedEvent": _RELEASED,
}
_FAILED = {
    "busy": CallStatus.BUSY,
    "noanswer": CallStatus.NO_ANSWER,
    "temporarilyunavailable": CallStatus.NO_ANSWER,
    "forbidden": CallStatus.CANCELLED,
}
_COLLEAGUES = {"group", "enterprise"}  # kinds of the other side that are telephones of ours
_OURS = ("originator", "click-to-dial")  # parts of whoever calls; the latter from a program
_NOTICES = (
    *("ACD", "Agent", "Call", "Channel", "DoNotDisturb", "HookStatus", "MessageWaiting"),
    *("Subscription", "VoiceMail"),
)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the subscription names."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the document."""
    told = read_leaves(call.body)
    kind = told.types.get("eventData", "")
    event_id = told.texts.get("eventID", "") or hashlib.sha256(call.body).hexdigest()
    if kind in _EVENTS:
        return [event(name, call, context, _told(told, context, _EVENTS[kind], event_id))]
    if kind.startswith(_NOTICES):
        return [notice(name, call, context, event_id)]
    raise Malformed("an event of another kind", code="unknown_event", field=kind[:80] or "type")


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the empty 200 that the exchange wants."""
    return Reply()


def _told(found: Leaves, context: Context, stage: str, event_id: str) -> Told:
    told, within = dict(found.texts), found.within
    outgoing = told.get("personality", "").lower().endswith(_OURS)
    answered = _at(told, "answerTime")
    if stage == _ANSWERED:
        answered = answered or context.now
    started = _at(told, "startTime") or answered or context.now
    ended = _at(told, "releaseTime", "detachedTime") or context.now
    return Told(
        call_id=need(told, "extTrackingId", "networkCallId", "callId"),
        event=event_id,
        direction=INTERNAL if _is_colleague(within) else OUT if outgoing else IN,
        client=within.get("remoteParty/address", "") or told.get("address", ""),
        started_at=started,
        answered_at=answered if stage != _RINGS else None,
        ended_at=ended if stage == _RELEASED else None,
        unanswered=_FAILED.get(told.get("internalReleaseCause", "").replace(" ", "").lower()),
        staff=extension(told.get("targetId", "")),
        line=_bare(within.get("party/address", "")),  # which of our numbers was called at first
        piece=LEG,
        leg=told.get("targetId", "") or told.get("callId", ""),
    )


def _is_colleague(within: Mapping[str, str]) -> bool:
    return within.get("remoteParty/callType", "").lower() in _COLLEAGUES


def _bare(address: str) -> str:
    return address.removeprefix("tel:").removeprefix("sip:").partition("@")[0]


def _at(told: Mapping[str, str], *names: str) -> datetime | None:
    for field in names:
        text = told.get(field, "")
        found = instant(text, "UTC", _MILLI)
        if found is not None:
            return found
    return None
