"""Delivery reports of SMS that were sent through Twilio.

Source: the vendor's twilio-python, `RequestValidator`; «Track outbound message status».
Signed: as calls are, see `twilio`: `X-Twilio-Signature` over the address and the posted fields.
Event id: `MessageSid` and `MessageStatus`. Retries: few, soon. Order: any. Times: none.
Answer: an empty TwiML document. SMS of clients go to the address of the channel `twilio`.
"""

from collections.abc import Sequence

from ingest.channel import Context
from ingest.channels import twilio
from ingest.chat_event import unknown_event
from ingest.delivery import DELIVERED, FAILED, QUEUED, READ, SENT, receipt, told
from ingest.telephony import fields
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "twilio_sms"
_STATES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), QUEUED),
    **dict.fromkeys(("failed", "undelivered", "canceled"), FAILED),
    "sent": SENT,
    "delivered": DELIVERED,
    "read": READ,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address and fields none of the tokens signed."""
    twilio.verify(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call signed for the address that it has."""
    return twilio.sent(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one report.

    Raises:
        Malformed: no report, or a status that the documents do not name.
    """
    found = fields(call)
    status = told(found.get("MessageStatus") or found.get("SmsStatus")).lower()
    if status not in _STATES:
        raise unknown_event(status or "no status")
    message_id = told(found.get("MessageSid") or found.get("SmsSid"), "MessageSid")
    state = _STATES[status]
    said = told(found.get("ErrorCode")) if state == FAILED else ""
    message = Message(id=message_id, peer=told(found.get("To")), state=state, said=said)
    return [receipt(name, call, context, message, event=f"{message_id}:{status}")]


def answer(call: Call, stored: Sequence[Stored]) -> Reply:
    """Return the TwiML that changes nothing."""
    return twilio.answer(call, stored)
