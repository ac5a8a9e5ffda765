"""Payments of Robokassa.

Source: docs.robokassa.ru, «Уведомления и переадресация».
Signed: `SignatureValue`, the hash of `OutSum:InvId:password no. 2` and of all `Shp_` fields in the
order of their names, in capitals first or not; the sum exactly as it came. Which hash the shop uses
shows by its length. The secret is password no. 2; no. 1 proves nothing here.
Event id: `InvId`, which the shop must number itself. Retries: not documented. Times: none.
Answer: `OK` and the `InvId`. Calls by GET or POST.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode

from ingest.channel import Context, Manner
from ingest.payment_event import amount, numbers, payer, payment
from ingest.proof import check_one_of
from ingest.telephony import fields
from kartoteka.domain.errors import Malformed, NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.payment import PaymentTold
from kartoteka.http import Call, Reply
from kartoteka.services.record_inbound import Stored

name = "robokassa"
manner = Manner(methods=frozenset({"GET", "POST"}))
_SIGNATURE = "SignatureValue"
_OURS = "shp_"
_OLD_NAMES = {"out_summ": "OutSum", "inv_id": "InvId", "crc": _SIGNATURE}
_TODAY = {now.lower(): now for now in ("OutSum", "InvId", _SIGNATURE, "IsTest", "EMail")}
_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_LONGEST_NUMBER = 19


def verify(call: Call, secrets: Sequence[str]) -> None:
    """Refuse a call whose signature none of the passwords makes."""
    try:
        told = _fields(call)
    except Malformed as exc:
        raise NotAuthentic("there is no signature", code="bad_signature") from exc
    given = told.get(_SIGNATURE, "").strip().lower()
    algorithm = _HASHES.get(len(given), "md5")
    valid = [proof for secret in secrets if secret for proof in _proofs(told, secret, algorithm)]
    check_one_of(given, valid, _SIGNATURE)


def sent(call: Call, secret: str) -> Call:
    """Return the call with the signature that Robokassa would put into it."""
    query = call.target.partition("?")[2] if call.method == "GET" else call.body.decode("latin-1")
    told = parse_qsl(query, keep_blank_values=True)
    pairs = [(key, value) for key, value in told if key != _SIGNATURE]
    proof = next(_proofs(dict(pairs), secret, "md5")).upper()
    signed = [*pairs, (_SIGNATURE, proof)]
    if call.method != "GET":
        return replace(call, body=urlencode(signed).encode())
    target = f"{call.target.partition('?')[0]}?{urlencode(signed)}"
    return replace(call, query=tuple(signed), target=target)


def parse(call: Call, context: Context) -> list[Inbound]:
    """Return the one payment; Robokassa tells of nothing else.

    Raises:
        Malformed: there is no number of the bill, or no sum.
    """
    told = _fields(call)
    number = _number(told)
    if not number:
        raise Malformed("the shop numbers no bills", code="bad_field", field="InvId")
    own = {key[len(_OURS) :]: value for key, value in _shp(told)}
    fact = PaymentTold(
        id=number,
        what="succeeded",
        amount_minor=amount(told.get("OutSum", ""), "OutSum"),
        currency="RUB",
        numbers=numbers(number, own),
        test=told.get("IsTest", "") in {"1", "true"},
    )
    who = payer(context, email=told.get("EMail", ""))
    return [payment(name, call, context, fact, event=number, payer=who)]


def answer(call: Call, _stored: Sequence[Stored]) -> Reply:
    """Return the number of the bill as it came, 0 too: without it Robokassa repeats."""
    try:
        told = _fields(call).get("InvId", "").strip()
    except Malformed:
        told = ""
    number = told if _is_number(told) else ""
    return Reply(200, f"OK{number}".encode(), {"content-type": "text/plain"})


def _fields(call: Call) -> dict[str, str]:
    """Return what was told, under the names of today: old shops have others, newer ones both.

    Capitals in a name count for our own fields only: those are signed as they are spelled.
    """
    told = fields(call)
    told = {_TODAY.get(key.lower(), key): value for key, value in reversed(told.items())}
    old = {now: told[then] for then, now in _OLD_NAMES.items() if then in told}
    return old | told


def _number(told: Mapping[str, str]) -> str:
    """Return the number of the bill; empty of 0, under which a shop does not number."""
    text = told.get("InvId", "").strip()
    return text if _is_number(text) and int(text) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _shp(told: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted((key, told[key]) for key in told if key.lower().startswith(_OURS))


def _proofs(told: Mapping[str, str], password: str, algorithm: str) -> Iterator[str]:
    """Yield the hash over our fields as they are, and as a browser escapes them."""
    base = [told.get("OutSum", ""), told.get("InvId", ""), password]
    own = _shp(told)
    folded = sorted(own, key=lambda pair: pair[0].lower())
    for spelled in (own, folded, [(key, quote(value, safe="")) for key, value in own]):
        text = ":".join([*base, *(f"{key}={value}" for key, value in spelled)])
        yield hashlib.new(algorithm, text.encode("utf-8", "replace")).hexdigest()
