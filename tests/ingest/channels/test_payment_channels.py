"""Payment services: their own proofs, answers and traps, from the address to the deal."""

import hashlib
import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.ingest.channels.exchange_office import Exchange
from tests.ingest.channels.samples import call_of, context, samples, unsigned
from tests.ingest.channels.test_exchanges_fuzz import with_a_field_replaced

from ingest.channel import as_sent
from ingest.channels import CHANNELS, cloudpayments, robokassa, stripe, tbank, yookassa
from kartoteka.domain.errors import Malformed, NotAuthentic, Rejected
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.payment import PaymentFact, PaymentTold, heard
from kartoteka.http import Call
from kartoteka.ports import Query, Tx
from kartoteka.wiring import App
from onebox.samples import at_address

FEW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
SERVICES = ("cloudpayments", "robokassa", "stripe", "tbank", "yookassa")
CALLS = [(name, unsigned(name, path)) for name, path in samples() if name in SERVICES]
FORMS = [pair for pair in CALLS if pair[1].body[:1] != b"{"]
Json = dict[str, Any]


def told(name: str, body: Json, *path: str) -> list[Inbound]:
    call = at_address(call_of(json.dumps(body).encode()), (name, "a", *path))
    return CHANNELS[name].parse(call, context(name))


def money(name: str, body: Json) -> PaymentTold:
    [event] = told(name, body)
    assert event.payment is not None
    return event.payment


def body_of(name: str, sample: str) -> Json:
    [call] = [
        unsigned(name, path) for one, path in samples() if one == name and path.stem == sample
    ]
    found = json.loads(call.body)
    assert isinstance(found, dict)
    return found


def test_published_token_of_tbank_is_accepted() -> None:
    body = {
        "TerminalKey": "MerchantTerminalKey",
        "Amount": 19200,
        "OrderId": "21090",
        "Description": "Подарочная карта на 1000 рублей",
        "DATA": {"Phone": "+71234567890", "Email": "a@test.com"},
        "Receipt": {"Items": [{"Name": "x", "Price": 1}]},
        "Token": "0024a00af7c350a3a67ca168ce06502aa72772456662e38696d48b56ee9c97d9",
    }

    tbank.verify(call_of(json.dumps(body, ensure_ascii=False).encode()), ("usaf8fw8fsw21g",))


def test_token_of_tbank_spells_truth_and_numbers_as_they_came() -> None:
    fields = '"Amount":12500.50,"OrderId":"A-1","Success":true,"None":null'
    signed = hashlib.sha256(b"12500.50A-1secrettrue").hexdigest()

    tbank.verify(call_of(f'{{{fields},"Token":"{signed.upper()}"}}'.encode()), ("secret",))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"{", b'{"Token":1}', b'{"Token":null}', b'{"Token":""}', b"[" * 5000],
)
def test_body_of_tbank_without_a_token_is_refused(body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        tbank.verify(call_of(body), ("secret",))


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_robokassa_signs_the_sum_as_it_came_with_any_of_its_hashes(algorithm: str) -> None:
    text = b"12500.000000:1042:pass2:Shp_a=1:Shp_b=2"
    proof = hashlib.new(algorithm, text).hexdigest().upper()
    body = f"OutSum=12500.000000&InvId=1042&Shp_b=2&Shp_a=1&SignatureValue={proof}"
    call = call_of(body.encode(), {"content-type": "application/x-www-form-urlencoded"})

    robokassa.verify(call, ("pass1", "pass2"))
    with pytest.raises(NotAuthentic):
        robokassa.verify(replace(call, body=call.body.replace(b"12500.000000", b"12500.00")),
                         ("pass2",))  # fmt: skip


def test_robokassa_signs_our_fields_as_the_payment_page_sent_them() -> None:
    proof = hashlib.new("sha256", b"1.00:7:p2:Shp_item=%D0%B0%20b").hexdigest()
    body = f"OutSum=1.00&InvId=7&Shp_item=%D0%B0+b&SignatureValue={proof}"

    robokassa.verify(call_of(body.encode(), {"content-type": ""}), ("p2",))


@pytest.mark.parametrize(
    "body", [b"eyJhbGciOiJSUzI1NiJ9.eyJkYXRhIjp7ImludklkIjoiNyJ9fQ.AA", b"a.b.c", b"..", b"{}"]
)
def test_second_address_of_robokassa_proves_nothing(body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        robokassa.verify(call_of(body, {"content-type": "application/jwt"}), ("p2",))


def test_cloudpayments_proves_itself_by_the_decoded_body_alone() -> None:
    body = b"Amount=10.00&Email=a%40client.example&Name=IVAN+PETROV"
    [proof] = cloudpayments.sign(
        b"Amount=10.00&Email=a@client.example&Name=IVAN PETROV", "s"
    ).values()

    cloudpayments.verify(call_of(body, {"content-hmac": proof}), ("s",))
    with pytest.raises(NotAuthentic):
        cloudpayments.verify(call_of(body, {"content-hmac": proof, "x-content-hmac": "x"}), ("s",))


def test_any_proof_of_stripes_header_will_do_but_not_of_another_scheme() -> None:
    body = b'{"id":"evt_1"}'
    [good] = stripe.sign(body, "whsec_1").values()
    stamp, _, proof = good.partition(",v1=")

    stripe.verify(call_of(body, {"stripe-signature": f"{stamp},v1=00,v1={proof},v0=ff"}),
                  ("whsec_1",))  # fmt: skip
    for bad in (f"{stamp},v0={proof}", f"v1={proof}", f"t=,v1={proof}", f"t=1,v1={proof}", "é,="):
        with pytest.raises(NotAuthentic):
            stripe.verify(call_of(body, {"stripe-signature": bad}), ("whsec_1",))


@pytest.mark.parametrize(("late", "kept"), [(0, True), (299, True), (301, False), (-301, False)])
def test_old_signature_of_stripe_moves_no_money(late: int, kept: bool) -> None:
    at = int(context("stripe").now.timestamp()) - late
    body = json.dumps(body_of("stripe", "session")).encode()
    call = call_of(body, {"stripe-signature": f"t={at},v1=00"})
    if kept:
        assert stripe.parse(call, context("stripe"))[0].payment is not None
        return
    with pytest.raises(Malformed) as refused:
        stripe.parse(call, context("stripe"))

    assert refused.value.code == "signature_old"


@pytest.mark.parametrize(
    ("remote", "comes"),
    [
        ("185.71.76.1", True),
        ("77.75.156.11", True),
        ("2a02:5180:0:1509::1", True),
        ("127.0.0.1", True),
        ("169.254.8.129", True),
        ("", True),
        ("8.8.8.8", False),
        ("2a00:1450::1", False),
    ],
)
def test_call_straight_from_the_internet_comes_from_yookassa(remote: str, comes: bool) -> None:
    call = replace(call_of(b"{}"), path=("yookassa", "a", "s1"), remote=remote)
    if comes:
        yookassa.verify(call, ("s1",))
        return
    with pytest.raises(NotAuthentic):
        yookassa.verify(call, ("s1",))


def test_nothing_of_a_body_of_yookassa_is_believed() -> None:
    event = told("yookassa", body_of("yookassa", "succeeded"))[0]

    assert event.payment == PaymentTold(id=body_of("yookassa", "succeeded")["object"]["id"],
                                        what="asked")  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "sample", "answer"),
    [
        ("yookassa", "succeeded", b"ok"),
        ("tbank", "confirmed", b"OK"),
        ("tbank", "unknown", b"OK"),
        ("robokassa", "paid", b"OK1042"),
        ("robokassa", "paid_get", b"OK1043"),
        ("robokassa", "unknown", b"OK0"),
        ("cloudpayments", "pay", b'{"code": 0}'),
        ("cloudpayments", "check", b'{"code": 0}'),
        ("stripe", "session", b"ok"),
    ],
)
def test_provider_hears_exactly_what_it_waits_for(
    http: FlaskClient, app: App, channel: str, sample: str, *, answer: bytes
) -> None:
    [said] = Exchange(http, app, channel).send(sample)

    assert (said.status_code, said.data) == (200, answer)


ROADS = {
    "tbank": ("confirmed", "authorized", "part_back", "rejected"),
    "cloudpayments": ("pay", "check", "refund", "fail"),
    "stripe": ("session", "intent", "refund", "intent_failed"),
}


@pytest.mark.parametrize("channel", ROADS)
def test_events_of_one_payment_in_any_order_and_twice_are_one_record(
    http: FlaskClient, app: App, channel: str
) -> None:
    exchange, found = Exchange(http, app, channel), []
    for names in list(permutations(ROADS[channel]))[::7]:
        exchange.send(*names, *names)
        found += exchange.all_of(PaymentFact)
        forget_all(app, Inbound.collection, PaymentFact.collection)

    assert {(it.amount_minor, it.net_minor) for it in found} == {(1_250_000, 1_000_000)}
    assert {(it.money, it.state) for it in found} == {("refunded", "unmatched")}
    assert len(found) == len(list(permutations(ROADS[channel]))[::7])
    assert all("D-1042" in it.numbers for it in found)


@pytest.mark.parametrize(
    ("channel", "names"),
    [
        ("tbank", ("confirmed", "receipt", "receipt_back")),
        ("cloudpayments", ("pay", "receipt")),
    ],
)
def test_receipts_of_a_payment_are_kept_with_it_in_any_order(
    http: FlaskClient, app: App, channel: str, names: tuple[str, ...]
) -> None:
    exchange = Exchange(http, app, channel)
    for order in permutations(names):
        exchange.send(*order, *order)
        [fact] = exchange.all_of(PaymentFact)
        assert (fact.state, fact.net_minor) == ("unmatched", 1_250_000)
        assert [it.back for it in fact.receipts] == [False, True][: len(names) - 1]
        assert all(it.link.startswith("https://") for it in fact.receipts)
        forget_all(app, Inbound.collection, PaymentFact.collection)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://receipts.example/1?s=12500.00", True),
        ("javascript:alert(1)", False),
        ("https://receipts.example/ 1", False),
        ("https://" + "x" * 2_000, False),
        (None, False),
        (7, False),
    ],
)
def test_page_of_a_receipt_is_a_link_or_nothing(link: object, kept: bool) -> None:
    body = {**body_of("tbank", "receipt"), "Url": link}

    receipt = money("tbank", body).receipt
    assert receipt is not None
    assert receipt.link == (link if kept else "")


def test_receipt_that_names_no_payment_is_kept_as_a_notice() -> None:
    [event] = told("tbank", {**body_of("tbank", "receipt"), "PaymentId": None})

    assert (event.payment, event.why) == (None, "payment_notice")


def forget_all(app: App, *collections: str) -> None:
    found = [(name, row.id) for name in collections for row in app.store.query(Query(name))]

    def work(tx: Tx) -> None:
        for name, record_id in found:
            tx.delete(name, record_id)

    app.store.run(work)


def test_notification_of_yookassa_waits_until_yookassa_is_asked(
    http: FlaskClient, app: App
) -> None:
    exchange = Exchange(http, app, "yookassa")
    exchange.send("succeeded", "waiting", "refund", "payout")
    found = exchange.all_of(PaymentFact)

    assert {(it.state, it.amount_minor) for it in found} == {("unchecked", 0)}
    assert sorted(it.asked for it in found) == [1, 2]


def test_trial_payments_make_no_record(http: FlaskClient, app: App) -> None:
    Exchange(http, app, "robokassa").send("trial")
    exchange = Exchange(http, app, "stripe")
    exchange.send("trial")

    assert exchange.all_of(PaymentFact) == []
    assert exchange.reasons() == {("done", "payment_test")}


def test_kind_of_a_cloudpayments_call_shows_without_the_path() -> None:
    base = {"TransactionId": 1, "Amount": 5, "Currency": "RUB"}

    assert money("cloudpayments", {**base, "Status": "Completed"}).what == "succeeded"
    refund = money("cloudpayments", {**base, "PaymentTransactionId": 9})
    assert (refund.what, refund.id, refund.refund) == ("refunded", "9", "1")
    with pytest.raises(Malformed):
        told("cloudpayments", base)


def test_session_intent_refund_and_invoice_of_stripe_are_one_payment() -> None:
    names = ("session", "intent", "refund")

    assert {money("stripe", body_of("stripe", name)).id for name in names} == {"pi_1"}
    bare = body_of("stripe", "invoice")
    bare["data"]["object"].pop("payment_intent")
    assert money("stripe", bare).id == "in_1"


@pytest.mark.parametrize("amount", ["", "x", "-1", "1e999", None, "NaN", [], "9" * 30])
@pytest.mark.parametrize(
    ("channel", "field", "sample"),
    [("tbank", "Amount", "confirmed"), ("cloudpayments", "Amount", "pay_json")],
)
def test_impossible_amount_is_kept_for_people(
    channel: str, field: str, sample: str, amount: object
) -> None:
    with pytest.raises(Malformed):
        told(channel, {**body_of(channel, sample), field: amount}, "pay")


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=200))
@example(CALLS[0], b"{" * 2000)
@example(CALLS[0], b"--")
def test_any_body_makes_payments_or_a_refusal(sample: tuple[str, Call], body: bytes) -> None:
    name, call = sample

    assert all(event.channel == name for event in heard_of(name, replace(call, body=body)))


@FEW
@given(st.sampled_from(FORMS).flatmap(with_a_field_replaced))
def test_form_with_a_field_replaced_makes_payments_or_a_refusal(sample: tuple[str, Call]) -> None:
    for event in heard_of(*sample):
        assert Inbound.model_validate_json(event.model_dump_json()) == event
        if event.payment is not None:
            assert heard(blank(event), event.payment).net_minor >= 0


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=60), st.text(max_size=60))
def test_any_proof_is_accepted_or_not_authentic(
    sample: tuple[str, Call], body: bytes, value: str
) -> None:
    name, call = sample
    spoilt = as_sent(CHANNELS[name], replace(call, body=body), "s1")
    headers = dict.fromkeys(("stripe-signature", "x-content-hmac", "content-hmac"), value)
    with pytest.raises(NotAuthentic):
        CHANNELS[name].verify(replace(spoilt, headers={**spoilt.headers, **headers}), ("s2",))


def heard_of(name: str, call: Call) -> list[Inbound]:
    try:
        CHANNELS[name].answer(call, ())
        return CHANNELS[name].parse(call, context(name))
    except Rejected:
        return []


def blank(event: Inbound) -> PaymentFact:
    return PaymentFact(
        id="pm_1",
        channel=event.channel,
        account=event.account,
        external="x",
        at=event.at,
        created_at=event.at,
        updated_at=event.at,
    )


def test_stripe_sample_is_signed_at_the_moment_it_is_sent() -> None:
    call = unsigned("stripe", next(path for name, path in samples() if name == "stripe"))
    where = context("stripe")

    late = as_sent(stripe, call, "s:1")
    now = as_sent(stripe, call, "s:1", where.now)

    stripe.verify(now, ("s:1",))
    assert now.headers != late.headers
    assert stripe.parse(now, where)
