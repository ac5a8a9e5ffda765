"""Delivery reports and answers of SMSC.ru.

Source: smsc.ru, «HTTP/S API», its pages on the handlers of statuses and of incoming messages.
Signed: the formulas of its checksums are not confirmed, so a secret of ours is the last part of
the address. Event id: `id`, `phone`, `status`; an id is unique only together with its phone, so
the message is called `id:phone`.
Retries, order: not documented; any is borne. Times: `time`, in the office's zone.
Calls by GET or POST. Answer: 200.
"""

from collections.abc import Mapping, Sequence

from ingest.channel import Context, Manner
from ingest.chat_event import OK, unknown_event
from ingest.delivery import DELIVERED, FAILED, QUEUED, READ, SENT, receipt, told
from ingest.proof import check_path, with_path
from ingest.telephony import fields, moment, number
from ingest.telephony import notice as blank
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind, Message, Person
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "smsc"
manner = Manner(methods=frozenset({"GET", "POST"}), subpaths=True)
_STATES = {"-1": QUEUED, "0": SENT, "1": DELIVERED, "2": READ, "4": READ}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address does not end with one of the secrets."""
    check_path(call, secrets)


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to SMSC."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one report, or the one message of a client.

    Raises:
        Malformed: neither, or an id or a phone is missing.
    """
    found = fields(call)
    if "mes" in found and "status" not in found:
        return [_message(found, call, context)]
    status = told(found.get("status"))
    if not status:
        raise unknown_event("no status")
    if not status.lstrip("-").isdecimal():
        raise Malformed("the status is no number", code="bad_field", field="status")
    peer = told(found.get("phone"), "phone")
    name_of = f"{told(found.get('id'), 'id')}:{peer}"
    state = _STATES.get(status, FAILED)
    said = f"{status} {told(found.get('err'))}".strip() if state == FAILED else ""
    message = Message(id=name_of, peer=peer, state=state, said=said)
    at = moment(found.get("time", ""), context.zone)
    return [receipt(name, call, context, message, event=f"{name_of}:{status}", at=at)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the acknowledgement."""
    return OK


def _message(found: Mapping[str, str], call: Call, context: Context) -> Inbound:
    """Return an SMS of a client."""
    phone = number(found.get("phone", ""), context.region)
    event = f"in:{told(found.get('id'), 'id')}:{phone}"[:300]
    update = {
        "what": Kind.MESSAGE,
        "why": "",
        "at": moment(found.get("time", ""), context.zone) or context.now,
        "sender": Person(phones=(phone,) if phone.startswith("+") else ()),
        "recipient": found.get("to", ""),
        "text": found["mes"],
    }
    return blank(name, call, context, event).model_copy(update=update)
