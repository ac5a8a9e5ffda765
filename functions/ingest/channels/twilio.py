"""Calls and SMS of Twilio.

Source: the vendor's twilio-python, `RequestValidator`; «Status Callbacks», «Recording callbacks».
Signed: header `X-Twilio-Signature`, base64 of HMAC-SHA1 over the whole address as the provider
knows it and the posted fields in the order of their names. The secret is the auth token.
Event id: `CallSid` and `CallStatus`, or the SID of a recording or message. Retries: few, soon.
Legs: a call to one of us is a call of its own that names its `ParentCallSid`; a `<Dial>` tells
its outcome in `DialCallStatus`.
Times: `Timestamp`, RFC 2822; `CallDuration` in seconds. Answer: an empty TwiML document.
Asks: a voice request at `/voice` waits for TwiML; what the query names as `else` comes after it.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.sax.saxutils import escape

from ingest.channel import Context, Manner
from ingest.proof import check_one_of
from ingest.telephony import IN, INTERNAL, OUT, Told, event, fields, need, notice, number, seconds
from kartoteka.domain.call_state import LEG, RECORDING, WHOLE
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import PROGRAM, Inbound, Kind, Person
from kartoteka.domain.model import Attachment, CallStatus
from kartoteka.http import Call, Reply
from kartoteka.services.lookup import Directory
from kartoteka.services.record_inbound import Stored

name = "twilio"
manner = Manner(subpaths=True)
_VOICE = ("voice",)
_RING_S = 15
_LONGEST_URL = 2000
_LONGEST_NAME = 200
_HEADER = "x-twilio-signature"
_PORTS = {"https": ":443", "http": ":80"}
# The numbers that stand for somebody who hides theirs.
_HIDDEN = {"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"}
_WRITTEN_BY = ("whatsapp:", "rcs:")
_LOST = {"absent", "failed"}
_GOING = {"queued", "initiated", "ringing", "in-progress"}
_FAILED = {
    "busy": CallStatus.BUSY,
    "no-answer": CallStatus.NO_ANSWER,
    "failed": CallStatus.CANCELLED,
    "canceled": CallStatus.CANCELLED,
}
_ENDED = {"completed", "answered", *_FAILED}
_DIAL = "dial"  # the leg of which only the outcome is told
_MOST_FILES = 10


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address and fields none of the tokens signed."""
    told = _posted(call)
    proofs = [_signature(url, told, key) for key in secrets if key for url in _addresses(call)]
    check_one_of(call.header(_HEADER).strip(), proofs, _HEADER)


def sent(call: Call, secret: str) -> Call:
    """Return the call signed for the address that it has."""
    signature = _signature(call.base_url + call.target, _posted(call), secret)
    return replace(call, headers={**call.headers, _HEADER: signature})


def asks(call: Call) -> bool:
    """Return whether the call waits to hear what to do."""
    return call.path[2:] == _VOICE


def reply_to(call: Call, directory: Directory) -> Reply:
    """Return the TwiML that rings the owner's own telephone, then goes where `else` says."""
    known = directory.ask(_posted(call).get("From", ""))
    steps = ""
    if known.outside:
        steps = f'<Dial timeout="{_RING_S}"><Number>{escape(known.outside)}</Number></Dial>'
    after = call.param("else")
    if after.startswith("https://") and len(after) <= _LONGEST_URL:
        steps += f"<Redirect>{escape(after)}</Redirect>"
    return _twiml(steps)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event of the request."""
    told = fields(call)
    if "MessageSid" in told or "SmsSid" in told:
        return [_message(told, call, context)]
    sid = need(told, "CallSid")
    if told.get("RecordingStatus", "").lower() in _LOST:
        return [notice(name, call, context, f"{sid}:{_recording_id(told)}")]
    if "RecordingSid" in told:
        return [event(name, call, context, _recording(told, context, sid))]
    dialled = told.get("DialCallStatus", "").lower()
    status = dialled or told.get("CallStatus", "").lower()
    if status not in _GOING | _ENDED:
        raise Malformed("a call in another state", code="unknown_event", field=status[:80])
    leg = _DIAL if dialled else sid
    return [event(name, call, context, _told(told, context, status, leg))]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the TwiML that changes nothing."""
    return _twiml("")


def _twiml(steps: str) -> Reply:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{steps}</Response>'
    return Reply(200, body.encode(), {"content-type": "text/xml; charset=utf-8"})


def _posted(call: Call) -> dict[str, str]:
    try:
        return fields(call) if call.method == "POST" and call.body else {}
    except Malformed:
        return {}


def _addresses(call: Call) -> Iterator[str]:
    """Yield the ways in which the provider may spell this address.

    A front end takes TLS away, and may add the name of the function or the usual port.
    """
    host = call.base_url.partition("://")[2]
    bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    paths = [call.target, f"/ingest{call.target}"]
    for scheme, port in _PORTS.items():
        for server in dict.fromkeys((host, bare, bare + port)):
            for path in paths:
                yield f"{scheme}://{server}{path}"


def _signature(url: str, told: Mapping[str, str], token: str) -> str:
    signed = url + "".join(key + told[key] for key in sorted(told))
    digest = hmac.new(
        token.encode("utf-8", "replace"), signed.encode("utf-8", "replace"), hashlib.sha1
    )
    return base64.b64encode(digest.digest()).decode()


def _told(told: dict[str, str], context: Context, status: str, leg: str) -> Told:
    at = _moment(told.get("Timestamp", "")) or context.now
    talked = status in {"completed", "answered"}
    talk = seconds(told.get("DialCallDuration", "") or told.get("CallDuration", ""))
    over = status in _ENDED
    answered = at - talk if over and talked else at if status == "in-progress" else None
    parent = told.get("ParentCallSid", "")
    by_agent = bool(_program(told, "From") and told.get("To", ""))
    outgoing = by_agent or (told.get("Direction", "").startswith("outbound") and not parent)
    ours, theirs = ("From", "To") if outgoing else ("To", "From")
    return Told(
        call_id=parent or told["CallSid"],
        event=f"{leg}:{status}",
        direction=INTERNAL if by_agent and _program(told, "To") else OUT if outgoing else IN,
        client="anonymous" if told.get(theirs) in _HIDDEN else told.get(theirs, ""),
        name="" if outgoing else _program(told, theirs)[:_LONGEST_NAME],
        started_at=answered or at,
        answered_at=answered if over or parent else None,
        ended_at=at if over else None,
        unanswered=_FAILED.get(status),
        staff=told.get(ours, "") if parent or by_agent else "",
        line="" if parent or by_agent else told.get(ours, ""),
        piece=LEG if parent or leg == _DIAL else WHOLE if over else "",
        leg=leg,
    )


def _program(told: Mapping[str, str], side: str) -> str:
    """Return the name of the program that telephones on this side; empty: it is a telephone."""
    found = told.get(side, "").strip()
    return found.removeprefix(PROGRAM) if found.startswith(PROGRAM) else ""


def _recording(told: dict[str, str], context: Context, sid: str) -> Told:
    return Told(
        call_id=told.get("ParentCallSid", "") or sid,
        event=_recording_id(told),
        direction=IN,
        started_at=context.now,
        recording=told.get("RecordingUrl", ""),
        piece=RECORDING,
    )


def _recording_id(told: Mapping[str, str]) -> str:
    return f"recording:{told.get('RecordingSid', '')}:{told.get('RecordingStatus', '')}"


def _message(told: dict[str, str], call: Call, context: Context) -> Inbound:
    """Return an SMS, or what became of one of ours."""
    sid = need(told, "MessageSid", "SmsSid")
    status = told.get("MessageStatus", "") or told.get("SmsStatus", "")
    blank = notice(name, call, context, f"{sid}:{status}")
    if "Body" not in told or status not in {"", "received"}:
        return blank
    writer = told.get("From", "").strip()
    for prefix in _WRITTEN_BY:
        writer = writer.removeprefix(prefix)
    phone = number(writer, context.region)
    update = {
        "what": Kind.MESSAGE,
        "why": "",
        "sender": Person(
            name=told.get("ProfileName", "").strip(),
            phones=(phone,) if phone.startswith("+") else (),
        ),
        "fields": _place(told),
        "recipient": told.get("To", ""),
        "text": told["Body"],
        "attachments": tuple(_files(told)),
    }
    return blank.model_copy(update=update)


def _place(told: Mapping[str, str]) -> dict[str, str]:
    """Return the place that a client of WhatsApp shares."""
    point = f"{told.get('Latitude', '')}, {told.get('Longitude', '')}"
    stands = ", ".join(filter(None, (told.get("Label", ""), told.get("Address", ""))))
    fields = {"location": point if point.strip(", ") else "", "place": stands}
    return {key: text for key, text in fields.items() if text}


def _files(told: Mapping[str, str]) -> Iterator[Attachment]:
    for place in range(_MOST_FILES):
        url = told.get(f"MediaUrl{place}", "")
        if url:
            media_type = told.get(f"MediaContentType{place}", "application/octet-stream")
            yield Attachment(name=f"{place + 1}", media_type=media_type, size=0, ref=url)


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
