"""Delivery reports of SMS Aero.

Source: public clients of `gate.smsaero.ru/v2/sms/send`; what its `callbackUrl` hears is not
confirmed. Signed: nothing known; a secret of ours is the last part of the address.
Event id: `id` and `status`. Retries, order: not documented; any is borne. Fields or JSON, by
`callbackFormat`. Times: `dateSend`, seconds since 1970, or a date. Answer: 200.
"""

from collections.abc import Sequence

from ingest.channel import Context, Manner
from ingest.chat_event import OK, unknown_event
from ingest.delivery import DELIVERED, FAILED, QUEUED, SENT, receipt, told
from ingest.proof import check_path, with_path
from ingest.telephony import fields, instant
from kartoteka.domain.inbound import Inbound, Message
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "smsaero"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
# 4, in public clients: sent, and nothing is known of it yet
_STATES = {
    "0": QUEUED,
    "1": DELIVERED,
    "2": FAILED,
    "3": SENT,
    "4": SENT,
    "6": FAILED,
    "8": QUEUED,
}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to SMS Aero."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one report.

    Raises:
        Malformed: a status that nobody has described, or there is no id.
    """
    found = fields(call)
    status = told(found.get("status"))
    if status not in _STATES:
        raise unknown_event(status or "no status")
    message_id = told(found.get("id"), "id")
    state = _STATES[status]
    said = told(found.get("extendStatus")) if state == FAILED else ""
    peer = told(found.get("number") or found.get("phone"))
    message = Message(id=message_id, peer=peer, state=state, said=said)
    at = instant(told(found.get("dateSend")), context.zone)
    return [receipt(name, call, context, message, event=f"{message_id}:{status}", at=at)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return OK
