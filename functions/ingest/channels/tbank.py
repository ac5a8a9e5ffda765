"""Payments of T-Bank's internet acquiring.

Source: developer.tbank.ru, «Токен», «Уведомления об операциях».
Signed: `Token` in the body, SHA-256 of the values of all plain fields of the root and of the
terminal's password, in the order of their names; `true` and `false` are spelled so. The secret is
that password.
Event id: `PaymentId`, `Status`, `Amount`. Retries: hourly for 24 hours. Order: any; AUTHORIZED and
CONFIRMED come at once. Amounts: kopecks. Times: none. Answer: exactly `OK`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.channel import Context
from ingest.chat_event import unknown_event
from ingest.payment_event import (
    ATTEMPT_FAILED,
    NOTICE,
    ON_HOLD,
    notice,
    numbers,
    payer,
    payment,
    receipt_of,
    told_id,
    whole,
)
from ingest.plain_text import read_object
from ingest.proof import check_one_of
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.payment import PaymentTold
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "tbank"
_PROOF, _KEY = "Token", "Password"
_HOLDS = frozenset({"AUTHORIZED", "PARTIAL_REVERSED"})
_FAILED = frozenset({"REJECTED", "AUTH_FAIL", "DEADLINE_EXPIRED", "ATTEMPTS_EXPIRED"})
_GONE = frozenset({"REVERSED", "CANCELED"})
_SILENT = frozenset(
    {
        *("RECEIPT", "COMPLETED", "NEW", "FORM_SHOWED", "AUTHORIZING", "CONFIRMING", "CHECKING"),
        *("CHECKED", "3DS_CHECKING", "3DS_CHECKED", "COMPLETING", "PROCESSING", "PREAUTHORIZING"),
        *("REVERSING", "REFUNDING", "ASYNC_REFUNDING", "CANCELREFUNDED"),
    }
)
_KNOWN = _HOLDS | _FAILED | _GONE | {"CONFIRMED", "REFUNDED", "PARTIAL_REFUNDED"}
_WORDS = {True: "true", False: "false"}


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body whose token none of the passwords makes."""
    try:
        found = _spelled(call.body)
    except (Malformed, ValueError, RecursionError) as exc:
        raise NotAuthentic("there is no token", code="bad_signature") from exc
    given = found.pop(_PROOF, "")
    valid = [_token(found, secret) for secret in secrets if secret]
    check_one_of(given.lower() if isinstance(given, str) else "", valid, _PROOF)


def sent(call: Call, secret: str) -> Call:
    """Return the call with the token that T-Bank would put into it; of no object, as it is."""
    try:
        body = read_object(call.body)
    except Malformed:
        return call
    found = _spelled(call.body)
    found.pop(_PROOF, None)
    whole_body = {**body, _PROOF: _token(found, secret)}
    return replace(call, body=json.dumps(whole_body, ensure_ascii=False).encode())


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one operation.

    Raises:
        Malformed: a status that the documents do not name, or a field that cannot be.
    """
    found = read_object(call.body)
    status = str(found.get("Status", ""))[:80].upper()
    key = ":".join(str(found.get(field, ""))[:80] for field in ("PaymentId", "Status", "Amount"))
    if status == "RECEIPT" and found.get("Success") is not False and found.get("PaymentId"):
        return [payment(name, call, context, _receipt(found), event=_distinct(key, call))]
    if status in _SILENT or found.get("NotificationType") == "LINKACCOUNT":
        return notice(name, call, context, event=_distinct(key, call), why=NOTICE)
    if status not in _KNOWN:
        raise unknown_event(status)
    if status in _HOLDS:
        return notice(name, call, context, event=key, why=ON_HOLD)
    if status in _FAILED or found.get("Success") is False:
        return notice(name, call, context, event=key, why=ATTEMPT_FAILED)
    extra = found.get("DATA") or found.get("Data")
    parts = extra if isinstance(extra, Mapping) else {}
    data = {str(field).casefold(): value for field, value in parts.items()}
    who = payer(context, name=data.get("name"), phone=data.get("phone"), email=data.get("email"))
    return [payment(name, call, context, _told(found, status, data), event=key, payer=who)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the two letters without which T-Bank repeats."""
    return Reply(200, b"OK", {"content-type": "text/plain"})


def _told(found: Mapping[str, Any], status: str, data: Mapping[str, Any]) -> PaymentTold:
    number = told_id(found.get("PaymentId"), "PaymentId")
    sum_minor = whole(found.get("Amount"), "Amount")
    blank = PaymentTold(
        id=number,
        what="succeeded",
        amount_minor=sum_minor,
        currency="RUB",
        numbers=numbers(found.get("OrderId"), data),
    )
    if status in _GONE:
        return blank.model_copy(update={"what": "canceled"})
    if status == "REFUNDED":
        return blank.model_copy(update={"what": "refunded", "amount_minor": None})
    if status == "PARTIAL_REFUNDED":
        return blank.model_copy(update={"what": "refunded", "refund": f"{number}:{sum_minor}"})
    return blank


def _receipt(found: Mapping[str, Any]) -> PaymentTold:
    """Return the fiscal receipt; one without any number is known by its page or moment."""
    told = receipt_of(
        told_id(found.get("PaymentId"), "PaymentId"),
        _first(found, "FiscalDocumentNumber", "FiscalNumber", "Url", "ReceiptDatetime"),
        told=_first(found, "FiscalDocumentNumber", "FiscalNumber"),
        link=found.get("Url"),
        kind=found.get("Type"),
    )
    return told.model_copy(update={"numbers": numbers(found.get("OrderId"))})


def _first(found: Mapping[str, Any], *names: str) -> Any:
    return next((found[field] for field in names if found.get(field)), "")


def _distinct(key: str, call: Call) -> str:
    """Return a name for what has no id of its own, such as a fiscal receipt."""
    return f"{key}:{hashlib.sha256(call.body).hexdigest()[:32]}"


def _spelled(body: bytes) -> dict[str, Any]:
    """Return the object of a body with its numbers spelled as they came.

    Raises:
        Malformed, ValueError, RecursionError: there is none.
    """
    found = json.loads(body, parse_int=str, parse_float=str, strict=False)
    if not isinstance(found, dict):
        raise Malformed("the body is not an object", code="not_an_object")
    return found


def _token(found: Mapping[str, Any], password: str) -> str:
    plain = {key: value for key, value in found.items() if isinstance(value, str | bool)}
    signed = {**plain, _KEY: password}
    values = (signed[key] for key in sorted(signed))
    text = "".join(_WORDS[it] if isinstance(it, bool) else it for it in values)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
