"""Payments of Stripe.

Source: the vendor's stripe-python, `_webhook.py`.
Signed: header `Stripe-Signature`, `t=<seconds>,v1=<hex>` with one or more v1: HMAC-SHA256 of the
time, a dot and the raw body with the endpoint's `whsec_` secret, used as it is. A signature more
than five minutes from our clock puts the event aside as unknown.
Event id: `id`. Retries: for days. Order: any. Amounts: minor units. Times: seconds since 1970.
Answer: any 2xx. A currency without hundredths (JPY) is told in whole units, one with thousandths
(KWD) in thousandths.

A payment is named by its `payment_intent`, which a session, a charge and an invoice name too.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ingest.channel import Context
from ingest.chat_event import OK, unknown_event
from ingest.payment_event import (
    ATTEMPT_FAILED,
    NOTICE,
    ON_HOLD,
    notice,
    numbers,
    payer,
    payment,
    told_id,
    whole,
)
from ingest.plain_text import read_object
from ingest.telephony import unix
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound, Person
from kartoteka.domain.payment import PaymentTold
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "stripe"
_HEADER = "stripe-signature"
_TOLERANCE_S = 300
_MOST_PROOFS = 10
_WHOLE = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_Object = Mapping[str, Any]
_SILENT = {
    "payment_intent.payment_failed": ATTEMPT_FAILED,
    "charge.failed": ATTEMPT_FAILED,
    "invoice.payment_failed": ATTEMPT_FAILED,
    "checkout.session.async_payment_failed": ATTEMPT_FAILED,
    "checkout.session.expired": NOTICE,
    "payment_intent.amount_capturable_updated": ON_HOLD,
    "payment_intent.created": NOTICE,
    "payment_intent.processing": NOTICE,
    "payment_intent.requires_action": NOTICE,
    "charge.succeeded": NOTICE,
    "charge.updated": NOTICE,
    "invoice.created": NOTICE,
    "invoice.finalized": NOTICE,
}
# What an address set to every event hears besides; a dispute is not among it: somebody must look.
_BESIDE = (
    *("customer.", "payment_method.", "product.", "price.", "plan.", "coupon.", "setup_intent."),
    *("invoice.", "invoiceitem.", "invoice_payment.", "refund.", "charge.refund.", "payout."),
    *("balance.", "mandate.", "payment_link.", "payment_intent.", "charge.captured"),
)


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed; any of the header's proofs will do."""
    stamp, proofs = _proofs(call.header(_HEADER))
    valid = [_signature(stamp, call.body, secret) for secret in secrets if secret and stamp]
    told = [given.encode("utf-8", "replace") for given in proofs]
    fits = [hmac.compare_digest(given, it.encode()) for given in told for it in valid]
    if not any(fits):
        raise NotAuthentic("the signature is not Stripe's", code="bad_signature")


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the header with which Stripe would send this body at the moment it names."""
    try:
        stamp = str(read_object(body).get("created"))
    except Malformed:
        stamp = ""
    return _signed(stamp if _is_moment(stamp) else "0", body, secret)


def sign_at(body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Return the header with which Stripe would send this body at a moment."""
    return _signed(str(int(at.timestamp())), body, secret)


def _signed(stamp: str, body: bytes, secret: str) -> dict[str, str]:
    return {_HEADER: f"t={stamp},v1={_signature(stamp, body, secret)}" if secret else ""}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one event.

    Raises:
        Malformed: of another kind, signed long ago, or a field cannot be.
    """
    found = read_object(call.body)
    _check_age(call, context)
    what, about = str(found.get("type", ""))[:80], _part(found.get("data"), "object")
    key = told_id(found.get("id"), "id")
    if what in _SILENT:
        return notice(name, call, context, event=key, why=_SILENT[what])
    if what not in _KNOWN and what.startswith(_BESIDE):
        return notice(name, call, context, event=key, why=NOTICE)
    if what not in _KNOWN:
        raise unknown_event(what)
    fact = _KNOWN[what](about)
    if fact is None:
        return notice(name, call, context, event=key, why=NOTICE)
    fact = fact.model_copy(update={"test": found.get("livemode") is False})
    at = unix(str(found.get("created", "")))
    who = _payer(about, context)
    return [payment(name, call, context, fact, event=key, payer=who, at=at)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the 200 without which Stripe repeats."""
    return OK


def _proofs(header: str) -> tuple[str, list[str]]:
    """Return the time of a signature header and its proofs of the scheme that is used."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamp = next((value for key, _, value in pairs if key == "t"), "")
    proofs = [value for key, _, value in pairs if key == "v1"][:_MOST_PROOFS]
    return (stamp if _is_moment(stamp) else ""), proofs


def _is_moment(stamp: str) -> bool:
    return stamp.isascii() and stamp.isdecimal()


def _signature(stamp: str, body: bytes, secret: str) -> str:
    signed = stamp.encode("utf-8", "replace") + b"." + body
    return hmac.new(secret.encode("utf-8", "replace"), signed, hashlib.sha256).hexdigest()


def _check_age(call: Call, context: Context) -> None:
    stamp, _ = _proofs(call.header(_HEADER))
    signed_at = unix(stamp)
    if not call.header(_HEADER):
        return
    if signed_at is None or abs((context.now - signed_at).total_seconds()) > _TOLERANCE_S:
        raise Malformed("the signature is old", code="signature_old")


def _part(found: Any, field: str) -> _Object:
    inner = found.get(field) if isinstance(found, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _succeeded(about: _Object, sum_field: str, *more: Any) -> PaymentTold:
    told = numbers(next(filter(None, more), None), about.get("metadata"))
    extra = tuple(it for value in more for it in numbers(value))
    return PaymentTold(
        id=_id(about),
        what="succeeded",
        amount_minor=_hundredths(about, sum_field),
        currency=_currency(about),
        numbers=tuple(dict.fromkeys((*told, *extra))),
    )


def _currency(about: _Object) -> str:
    return str(about.get("currency", ""))[:3].upper()


def _hundredths(about: _Object, field: str) -> int:
    """Return a sum in hundredths, whatever part of the currency Stripe counts in."""
    told, code = whole(about.get(field), field), _currency(about)
    if code in _THOUSANDTHS:
        return (told + 5) // 10
    return told * 100 if code in _WHOLE else told


def _id(about: _Object) -> str:
    """Return the id of the payment that an object is about."""
    intent = about.get("payment_intent")
    named = intent.get("id") if isinstance(intent, Mapping) else intent
    return told_id(named or about.get("id"), "data.object.id")


def _session(about: _Object) -> PaymentTold | None:
    if about.get("payment_status") != "paid":
        return None
    return _succeeded(about, "amount_total", about.get("client_reference_id"))


def _intent(about: _Object) -> PaymentTold:
    return _succeeded(about, "amount_received")


def _invoice(about: _Object) -> PaymentTold:
    return _succeeded(about, "amount_paid", about.get("number"))


def _canceled(about: _Object) -> PaymentTold:
    return PaymentTold(id=_id(about), what="canceled")


def _refunded(about: _Object) -> PaymentTold:
    return PaymentTold(
        id=_id(about),
        what="refunded",
        amount_minor=_hundredths(about, "amount_refunded"),
        currency=_currency(about),
        numbers=numbers(None, about.get("metadata")),
    )


def _payer(about: _Object, context: Context) -> Person:
    details = _part(about, "customer_details") or _part(about, "billing_details")
    email = details.get("email") or about.get("receipt_email") or about.get("customer_email")
    return payer(context, name=details.get("name"), phone=details.get("phone"), email=email)


_KNOWN: Mapping[str, Callable[[_Object], PaymentTold | None]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "payment_intent.succeeded": _intent,
    "payment_intent.canceled": _canceled,
    "charge.refunded": _refunded,
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
}
