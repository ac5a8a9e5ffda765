"""Payments of CloudPayments.

Source: docs.modx.pro, msp3CloudPayments; public receivers of `X-Content-HMAC`.
Signed: header `X-Content-HMAC`, base64 of HMAC-SHA256 of the raw body with the API secret;
`Content-HMAC` is the same of the body without URL encoding. Which of the two is which is told both
ways, so either header proves either spelling.
Event id: kind and `TransactionId`. Which of the six notifications it is stands in the path behind
the address: check, pay, confirm, refund, cancel, fail; without it the fields decide.
Retries: not documented. Order: any. Amounts: roubles. Times: `DateTime`, UTC.
Answer: `{"code": 0}`; a check gets the same, as another number declines the client's payment.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from ingest.channel import Context, Manner
from ingest.chat_event import unknown_event
from ingest.payment_event import (
    ATTEMPT_FAILED,
    NOTICE,
    ON_HOLD,
    along,
    amount,
    notice,
    numbers,
    payer,
    payment,
    receipt_of,
    told_id,
)
from ingest.proof import check_one_of
from ingest.telephony import fields, moment
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.payment import PaymentTold
from kartoteka.http import Call, Reply, json_reply
from kartoteka.services.record_inbound import Stored

name = "cloudpayments"
manner = Manner(subpaths=True)
_HEADER, _DECODED = "x-content-hmac", "content-hmac"
_KIND_AT = 2  # place in the path: channel, token, kind
_SILENT = {"check": NOTICE, "fail": ATTEMPT_FAILED}
_BY_STATUS = {"completed": "pay", "authorized": "pay", "declined": "fail", "cancelled": "cancel"}
_STATE = ("Status", "SuccessfulTransactionsNumber", "FailedTransactionsNumber")
_TRUE = frozenset({"1", "true"})


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a body that none of the secrets signed."""
    header = _HEADER if call.header(_HEADER) else _DECODED
    bodies = (call.body, unquote_to_bytes(call.body.replace(b"+", b" ")))
    valid = [_signature(body, secret) for secret in secrets if secret for body in bodies]
    check_one_of(call.header(header).strip(), valid, header)


def sign(body: bytes, secret: str) -> dict[str, str]:
    """Return the header with which CloudPayments would send this body."""
    return {_HEADER: _signature(body, secret) if secret else ""}


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one operation.

    Raises:
        Malformed: a notification of another kind, or a field that cannot be.
    """
    told = fields(call)
    kind = _kind(call, told)
    if kind == "receipt":
        return _receipt(told, call, context)
    if kind == "recurrent":
        return _subscription(told, call, context)
    number = told_id(told.get("TransactionId"), "TransactionId")
    key = f"{kind}:{number}"
    if kind in _SILENT:
        return notice(name, call, context, event=key, why=_SILENT[kind])
    if kind == "pay" and told.get("Status", "").lower() == "authorized":
        return notice(name, call, context, event=key, why=ON_HOLD)
    at = moment(told.get("DateTime", ""), "UTC")
    who = payer(context, email=told.get("Email", ""), phone=told.get("Phone", ""))
    fact = _told(told, kind, number)
    return [payment(name, call, context, fact, event=key, payer=who, at=at)]


def answer(_call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the code that accepts; any other would decline the client's payment."""
    return json_reply({"code": 0})


def _kind(call: Call, told: Mapping[str, str]) -> str:
    kind = call.path[_KIND_AT].lower() if len(call.path) > _KIND_AT else ""
    if not kind:
        status = told.get("Status", "").lower()
        kind = "refund" if told.get("PaymentTransactionId") else _BY_STATUS.get(status, "")
    if kind not in {*_SILENT, "receipt", "recurrent", "pay", "confirm", "refund", "cancel"}:
        raise unknown_event(kind or told.get("Status", ""))
    return kind


def _subscription(told: Mapping[str, str], call: Call, context: Context) -> list[Inbound]:
    """Return that a subscription changed; its payments are told by calls of their own."""
    number = told_id(told.get("Id") or told.get("TransactionId"), "Id")
    parts = (number, *(told.get(field, "")[:40] for field in _STATE))
    return notice(name, call, context, event=":".join(("recurrent", *parts)), why=NOTICE)


def _receipt(told: Mapping[str, str], call: Call, context: Context) -> list[Inbound]:
    """Return the fiscal receipt of a payment; of one made without any, only that it came."""
    document = told_id(told.get("Id") or told.get("DocumentNumber"), "Id")
    number = told.get("TransactionId", "").strip()
    if not number:
        return notice(name, call, context, event=f"receipt:{document}", why=NOTICE)
    fact = receipt_of(
        told_id(number, "TransactionId"),
        document,
        told=told.get("DocumentNumber", ""),
        link=told.get("Url", ""),
        kind=told.get("Type", ""),
    )
    fact = fact.model_copy(update={"numbers": numbers(told.get("InvoiceId"))})
    return [payment(name, call, context, fact, event=f"receipt:{document}")]


def _told(told: Mapping[str, str], kind: str, number: str) -> PaymentTold:
    sum_minor = amount(told.get("Amount", ""), "Amount")
    blank = PaymentTold(
        id=number,
        what="succeeded",
        amount_minor=sum_minor,
        currency=told.get("Currency", "RUB").strip()[:3].upper(),
        numbers=numbers(told.get("InvoiceId"), {**told, **along(told.get("Data", ""))}),
        test=told.get("TestMode", "").lower() in _TRUE,
    )
    if kind == "cancel":
        return blank.model_copy(update={"what": "canceled"})
    if kind != "refund":
        return blank
    original = told_id(told.get("PaymentTransactionId") or number, "PaymentTransactionId")
    return blank.model_copy(update={"what": "refunded", "id": original, "refund": number})


def _signature(body: bytes, secret: str) -> str:
    digest = hmac.new(secret.encode("utf-8", "replace"), body, hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()
