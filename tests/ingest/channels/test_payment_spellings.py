"""Payment services as their real notifications spell things: sums, proofs, what has no payment."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from tests.ingest.channels.samples import call_of, context

from ingest.channels import cloudpayments, robokassa, stripe
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.http import Call
from onebox.samples import at_address

FORM = {"content-type": "application/x-www-form-urlencoded"}
PAID = b"TransactionId=5&Amount=10.00&Email=a%40client.example&Name=IVAN+PETROV"


def proof(body: bytes) -> str:
    return base64.b64encode(hmac.new(b"key", body, hashlib.sha256).digest()).decode()


def paid_by_stripe(kind: str, **about: Any) -> Inbound:
    body = {"id": "evt_1", "type": kind, "created": 1795424800, "data": {"object": about}}
    [event] = stripe.parse(call_of(json.dumps(body).encode()), context("stripe"))
    return event


@pytest.mark.parametrize(
    ("currency", "sent", "kept"),
    [
        ("rub", 125050, 125050),
        ("jpy", 500, 50000),
        ("KRW", 12000, 1200000),
        ("isk", 90000, 90000),
        ("kwd", 12340, 1234),
        ("bhd", 12345, 1235),
    ],
)
def test_sum_of_stripe_in_any_currency_is_kept_in_hundredths(
    currency: str, sent: int, kept: int
) -> None:
    paid = paid_by_stripe(
        "payment_intent.succeeded", id="pi_1", amount_received=sent, currency=currency
    )
    back = paid_by_stripe(
        "charge.refunded", id="ch_1", payment_intent="pi_1", amount_refunded=sent, currency=currency
    )

    assert [it.payment and it.payment.amount_minor for it in (paid, back)] == [kept, kept]


def test_money_that_stripe_only_holds_is_told_as_held() -> None:
    event = paid_by_stripe(
        "payment_intent.amount_capturable_updated", id="pi_1", amount=500, currency="eur"
    )

    assert event.payment is None
    assert event.why == "payment_on_hold"


@pytest.mark.parametrize("header", ["X-Content-HMAC", "Content-HMAC"])
@pytest.mark.parametrize("signed", [PAID, unquote_to_bytes(PAID.replace(b"+", b" "))])
def test_either_header_of_cloudpayments_may_sign_the_body_as_sent_or_decoded(
    header: str, signed: bytes
) -> None:
    call = call_of(PAID, {**FORM, header.lower(): proof(signed)})

    cloudpayments.verify(call, ("old", "key"))
    with pytest.raises(NotAuthentic):
        cloudpayments.verify(call, ("old",))


def test_subscription_of_cloudpayments_that_names_no_payment_is_a_notice() -> None:
    body = b"Id=sc_8cf8a9338fb8ebf7202b08d09c938&AccountId=user%401&Amount=10&Status=Active"
    call = at_address(call_of(body, FORM), ("cloudpayments", "a", "recurrent"))

    [event] = cloudpayments.parse(call, context("cloudpayments"))
    [changed] = cloudpayments.parse(
        at_address(
            call_of(body.replace(b"Active", b"PastDue"), FORM), ("cloudpayments", "a", "recurrent")
        ),
        context("cloudpayments"),
    )

    assert (event.what, event.payment, event.why) == (Kind.SERVICE, None, "payment_notice")
    assert changed.event_id != event.event_id


@pytest.mark.parametrize(
    "order",
    ["Shp_Bill=1:shp_a=2", "shp_a=2:Shp_Bill=1"],
)
def test_own_fields_of_robokassa_are_signed_in_either_order_of_their_letters(order: str) -> None:
    told = hashlib.md5(f"1.00:7:p2:{order}".encode(), usedforsecurity=False).hexdigest()
    body = f"OutSum=1.00&InvId=7&shp_a=2&Shp_Bill=1&SignatureValue={told}".encode()

    robokassa.verify(call_of(body, FORM), ("p2",))


def test_fields_of_robokassa_are_known_in_any_case_of_their_letters() -> None:
    told = hashlib.md5(b"1.00:7:p2:SHP_deal_id=9", usedforsecurity=False).hexdigest()
    body = f"outsum=1.00&InvID=7&SHP_deal_id=9&signaturevalue={told}".encode()
    call: Call = call_of(body, FORM)

    robokassa.verify(call, ("p2",))
    [event] = robokassa.parse(call, context("robokassa"))

    assert event.payment is not None
    assert (event.payment.id, event.payment.amount_minor) == ("7", 100)
    assert event.payment.numbers == ("7", "9")
    assert robokassa.answer(call, ()).body == b"OK7"
