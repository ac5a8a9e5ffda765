"""Payments of YooKassa.

Source: the vendor's yookassa-sdk-python, `SecurityHelper` and its notifications; yookassa.ru,
«Входящие уведомления».
Signed: nothing. A secret of ours is the last part of the address, and nothing of the body is
believed: the payment is read from YooKassa itself, by the account's `shop_id` and `secret_key`.
A call that comes straight from an address of the internet must come from one of YooKassa's; behind
a front end the caller's address is the front end's, and `X-Forwarded-For` is anybody's word.
Event id: event and id of the object. Retries: for 24 hours until 200. Answer: 200.
"""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from ingest.channel import Context, Manner
from ingest.chat_event import OK, unknown_event
from ingest.payment_event import NOTICE, notice, payment, told_id
from ingest.plain_text import read_object
from ingest.proof import check_path, with_path
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.payment import PaymentTold
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "yookassa"
manner = Manner(subpaths=True)
_SILENT = ("payout.", "deal.", "payment_method.")
_PLACES = tuple(
    ip_network(place)
    for place in (
        *("185.71.76.0/27", "185.71.77.0/27", "77.75.153.0/25", "77.75.154.128/25"),
        *("77.75.156.11/32", "77.75.156.35/32", "2a02:5180::/32"),
    )
)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose address lacks the secret, or that comes from elsewhere."""
    check_path(call, secrets)
    if _is_elsewhere(call.remote):
        raise NotAuthentic("the call comes from no address of YooKassa", code="bad_signature")


def sent(call: Call, secret: str) -> Call:
    """Return the call at the address that the office gave to YooKassa."""
    return with_path(call, secret)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return that YooKassa has to be asked about a payment.

    Raises:
        Malformed: no notification, or one of another kind.
    """
    found = read_object(call.body)
    event, about = found.get("event"), found.get("object")
    if not isinstance(event, str) or not isinstance(about, dict):
        raise Malformed("no notification", code="bad_field", field="event")
    key = f"{event[:100]}:{told_id(about.get('id'), 'object.id')}"
    if event.startswith(_SILENT):
        return notice(name, call, context, event=key, why=NOTICE)
    if event.startswith("payment."):
        told = told_id(about.get("id"), "object.id")
    elif event.startswith("refund."):
        told = told_id(about.get("payment_id"), "object.payment_id")
    else:
        raise unknown_event(event)
    return [payment(name, call, context, PaymentTold(id=told, what="asked"), event=key)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which YooKassa repeats."""
    return OK


def _is_elsewhere(remote: str) -> bool:
    try:
        address = ip_address(remote)
    except ValueError:
        return False
    return address.is_global and not any(address in place for place in _PLACES)
