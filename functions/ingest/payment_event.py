"""What payment services have in common: the event of a payment, its numbers, who paid."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.channel import Context
from ingest.chat_event import begun
from ingest.plain_text import plain, read_json, received
from kartoteka.domain import identity
from kartoteka.domain.amounts import minor
from kartoteka.domain.errors import Malformed
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.payment import LONGEST, MOST_MINOR, PaymentTold, Receipt
from kartoteka.http import Call

ATTEMPT_FAILED = "payment_attempt_failed"
ON_HOLD = "payment_on_hold"
NOTICE = "payment_notice"
# Under which names shops put their own number into what they send along.
_NUMBERS = (
    *("order_id", "orderid", "order", "order_number", "ordernumber", "orderno"),
    *("deal_id", "dealid", "deal", "invoice", "invoice_id", "invoiceid", "invoice_number"),
)
_LINK = re.compile(r"https?://[!-~]{1,1900}")
_MOST_NUMBERS = 5
_LONGEST_SUM = len(str(MOST_MINOR)) - 1  # digits
_LONGEST_PART = 10_000  # characters of what a shop sends along as JSON in one field


def payment(
    channel: str,
    call: Call,
    context: Context,
    told: PaymentTold,
    *,
    event: str,
    payer: Person | None = None,
    at: datetime | None = None,
) -> Inbound:
    """Return the event of a payment; `event` is the same for a repeated delivery."""
    return _blank(channel, call, context, event).model_copy(
        update={
            "what": Kind.PAYMENT,
            "at": at or context.now,
            "sender": payer or Person(),
            "payment": told,
        }
    )


def notice(channel: str, call: Call, context: Context, *, event: str, why: str) -> list[Inbound]:
    """Return the one event of a call that moves no money, kept with its raw text."""
    return [_blank(channel, call, context, event).model_copy(update={"why": why})]


def amount(value: Any, field: str) -> int:
    """Return an amount in major units as minor ones.

    Raises:
        Malformed: it is no amount.
    """
    found = minor(value)
    if found is None:
        raise Malformed(f"{field} is no amount", code="bad_field", field=field)
    return found


def whole(value: Any, field: str) -> int:
    """Return an amount that is in minor units already.

    Raises:
        Malformed: it is no whole amount.
    """
    text = str(value)
    if (
        isinstance(value, bool)
        or not text.isascii()
        or not text.isdecimal()
        or len(text) > _LONGEST_SUM
    ):
        raise Malformed(f"{field} is no amount", code="bad_field", field=field)
    return int(text)


def receipt_of(
    payment_name: str, document: Any, *, link: Any, kind: Any, told: Any = ""
) -> PaymentTold:
    """Return what a fiscal receipt says of a payment: no money moved, there is a document.

    `document` is what names it once and for all, `told` the number to show if that is another.
    """
    number = _text(document)
    address = link if isinstance(link, str) and _LINK.fullmatch(link) else ""
    back = "return" in _text(kind).lower()
    made = Receipt(
        id=f"{payment_name}:{number}:{'back' if back else 'in'}"[:LONGEST],
        number=_text(told) or number,
        link=address,
        back=back,
    )
    return PaymentTold(id=payment_name, what="receipt", receipt=made)


def numbers(first: Any, along: Any = None) -> tuple[str, ...]:
    """Return the shop's numbers: the field that is meant for one, then what it sent along."""
    told = [first]
    if isinstance(along, Mapping):
        named = {str(name).casefold(): value for name, value in along.items()}
        told += [named.get(name) for name in _NUMBERS]
    texts = (_text(value) for value in told)
    return tuple(dict.fromkeys(filter(None, texts)))[:_MOST_NUMBERS]


def along(text: str) -> Mapping[str, Any]:
    """Return what a shop sent along as JSON in a field; empty when it is anything else."""
    if not 0 < len(text) <= _LONGEST_PART:
        return {}
    try:
        found = read_json(text.encode("utf-8", "replace"))
    except Malformed:
        return {}
    return found if isinstance(found, Mapping) else {}


def payer(context: Context, *, name: Any = "", phone: Any = "", email: Any = "") -> Person:
    """Return who paid, with the number and the address that are ones."""
    number = identity.phone(_text(phone), context.region)
    address = identity.email(_text(email))
    return Person(
        name=_text(name),
        phones=(number,) if number else (),
        emails=(address,) if address else (),
    )


def told_id(value: Any, field: str) -> str:
    """Return the provider's id of something.

    Raises:
        Malformed: there is none.
    """
    text = _text(value)
    if not text:
        raise Malformed(f"{field} is missing", code="bad_field", field=field)
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return plain(" ".join(str(value)[: 2 * LONGEST].split()))[:LONGEST]


def _blank(channel: str, call: Call, context: Context, event: str) -> Inbound:
    return begun(channel, call, context, event).model_copy(update={"raw": received(call)})
