"""A payment that YooKassa tells of counts only as YooKassa itself answers when it is asked."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import INNA, Play

from automation import calls, engine
from kartoteka.adapters.yookassa import YooKassa
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import (
    ConfigError,
    Invalid,
    KartotekaError,
    NotFound,
    ProviderDown,
    RateLimited,
)
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.office import Account
from kartoteka.domain.payment import Bill, PaymentFact, PaymentTold, payment_id
from kartoteka.ports import QueuedTask
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record
from kartoteka.settings import Settings
from kartoteka.wiring import App

ID = "2f1a0c11-000f-5000-9000-1aa2bb3cc4dd"
KEYS = {"shop_id": "100500", "secret_key": "live_1"}
Answer = Callable[[httpx.Request], httpx.Response]


def account(**api: str) -> Account:
    return Account(id="yk", channel="yookassa", title="ЮKassa", source="ЮKassa", api=api)


def found(**update: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "status": "succeeded",
        "amount": {"value": "4000.00", "currency": "RUB"},
        "metadata": {"order_id": "D-1042"},
        "test": False,
    } | update


def service(body: object, status: int = 200, seen: list[httpx.Request] | None = None) -> YooKassa:
    def handle(request: httpx.Request) -> httpx.Response:
        (seen if seen is not None else []).append(request)
        return httpx.Response(status, json=body)

    return YooKassa(httpx.Client(transport=httpx.MockTransport(handle)))


@pytest.fixture
def play(desk: Desk) -> Play:
    """An office whose account of YooKassa has its keys."""
    connect(desk, **KEYS)
    return Play(desk)


def connect(desk: Desk, **api: str) -> None:
    doc = account(**api).model_dump(mode="json")
    desk.store.run(lambda tx: tx.put("accounts", "yk", doc))
    desk.settings.forget()  # type: ignore[attr-defined]  # the cache of the fixture


def told(desk: Desk, name: str = "payment.succeeded") -> None:
    record(
        desk,
        Inbound(
            id=InboundId(f"in_{name}"),
            channel="yookassa",
            account="yk",
            event_id=name,
            what=Kind.PAYMENT,
            at=desk.now(),
            received_at=desk.now(),
            payment=PaymentTold(id=ID, what="asked"),
        ),
    )


def asked(desk: Desk, tasks: FakeTasks, provider: YooKassa) -> list[str]:
    """Drain the log, then do the look-ups that it led to; return how they ended."""
    app = App(Settings(), desk.clock, lambda _: desk.store)
    app.__dict__.update(desk=desk, payments=provider)
    engine.run(desk)
    waiting = looks(tasks)
    tasks.queued[:] = [task for task in tasks.queued if task not in waiting]
    return [calls.do(app, "payment", task.payload) for task in waiting]


def looks(tasks: FakeTasks) -> list[QueuedTask]:
    """Return the look-ups that wait."""
    return [task for task in tasks.queued if task.path == "/automation/task/payment"]


def fact(desk: Desk) -> PaymentFact:
    doc = desk.store.get("payments", payment_id("yookassa", "yk", ID))
    return PaymentFact.model_validate(doc)


def test_payment_stands_in_its_deal_after_yookassa_said_so(
    play: Play, tasks: FakeTasks, clock: Any
) -> None:
    made: Deal = play.new_deal(clock)
    told(play.desk)
    before = fact(play.desk)
    ended = asked(play.desk, tasks, service(found(metadata={"deal_id": made.id})))

    assert (before.state, before.amount_minor) == ("unchecked", 0)
    assert ended == ["matched"]
    assert play.deal(made.id).paid_minor == 400_000


def test_each_notification_asks_once_and_refunds_are_read_from_the_payment(
    play: Play, tasks: FakeTasks
) -> None:
    told(play.desk)
    first = asked(play.desk, tasks, service(found()))
    told(play.desk)
    nothing = asked(play.desk, tasks, service(found()))
    told(play.desk, "refund.succeeded")
    refund = {"value": "1500.00", "currency": "RUB"}
    second = asked(play.desk, tasks, service(found(refunded_amount=refund)))

    assert (first, nothing, second) == (["unmatched"], [], ["unmatched"])
    assert (fact(play.desk).net_minor, fact(play.desk).money) == (250_000, "refunded")


@pytest.mark.parametrize(
    ("body", "status", "state", "why"),
    [
        (found(status="pending"), 200, "unchecked", "payment_pending"),
        (found(status="canceled"), 200, "void", ""),
        (found(test=True), 200, "dismissed", "payment_test"),
        ({}, 404, "dismissed", "payment_not_known"),
        ({}, 401, "unchecked", "payment_no_key"),
    ],
)
def test_notification_that_yookassa_does_not_confirm_moves_no_money(
    play: Play, tasks: FakeTasks, body: dict[str, Any], status: int, *, state: str, why: str
) -> None:
    told(play.desk)
    ended = asked(play.desk, tasks, service(body, status))

    assert ended == [state]
    assert (fact(play.desk).state, fact(play.desk).why) == (state, why)


def test_payment_that_yookassa_knows_only_later_is_believed_then(
    play: Play, tasks: FakeTasks
) -> None:
    told(play.desk)
    first = asked(play.desk, tasks, service({}, 404))
    told(play.desk, "refund.succeeded")

    assert first == ["dismissed"]
    assert asked(play.desk, tasks, service(found()))[-1] == "unmatched"


def test_provider_that_is_behind_itself_is_asked_until_it_confirms(
    play: Play, tasks: FakeTasks, clock: FixedClock
) -> None:
    begun = clock.now()
    told(play.desk)
    early = asked(play.desk, tasks, service(found(status="pending")))
    pauses = [task.at - begun for task in looks(tasks) if task.at]
    still = asked(play.desk, tasks, service(found(status="waiting_for_capture")))
    late = asked(play.desk, tasks, service(found()))

    assert (early, still, late) == (["unchecked"], ["unchecked"], ["unmatched"])
    assert pauses == [timedelta(minutes=10)]
    assert looks(tasks) == []


def test_refund_that_the_provider_shows_only_later_is_found(play: Play, tasks: FakeTasks) -> None:
    refund = {"value": "1500.00", "currency": "RUB"}
    told(play.desk)
    asked(play.desk, tasks, service(found()))
    told(play.desk, "refund.succeeded")
    asked(play.desk, tasks, service(found()))
    before = fact(play.desk).net_minor
    asked(play.desk, tasks, service(found(refunded_amount=refund)))

    assert (before, fact(play.desk).net_minor) == (400_000, 250_000)
    assert looks(tasks) == []


@pytest.mark.parametrize(("status", "looks_made"), [("pending", 11), ("succeeded", 4)])
def test_looks_without_news_end(play: Play, tasks: FakeTasks, status: str, looks_made: int) -> None:
    told(play.desk)
    asked(play.desk, tasks, service(found(metadata={})))
    told(play.desk, "refund.succeeded")
    ended = []
    while more := asked(play.desk, tasks, service(found(metadata={}, status=status))):
        ended += more

    assert ended == ["unmatched"] * looks_made


def test_newer_notification_takes_the_looks_of_an_older_one_over(
    play: Play, tasks: FakeTasks
) -> None:
    told(play.desk)
    asked(play.desk, tasks, service(found(status="pending")))
    told(play.desk, "payment.canceled")
    seen: list[httpx.Request] = []
    ended = asked(play.desk, tasks, service(found(status="canceled"), seen=seen))

    assert sorted(ended) == ["asked_since", "void"]
    assert len(seen) == 1


def test_account_without_keys_waits_visibly_and_is_asked_again(
    play: Play, tasks: FakeTasks
) -> None:
    connect(play.desk)
    told(play.desk)
    ended = asked(play.desk, tasks, service({}))
    waiting = play.do(INNA, "payment.list")
    connect(play.desk, **KEYS)
    play.do(INNA, "payment.check", payment=waiting.payments[0].id)

    assert ended == ["unchecked"]
    assert "account.connect" in waiting.why[waiting.payments[0].id]
    assert asked(play.desk, tasks, service(found())) == ["unmatched"]


def test_keys_are_given_by_command_and_nothing_else_is_taken(play: Play) -> None:
    given = {"account": "yk", "api": {"shop_id": "2", "secret_key": "live_2"}}
    play.do(SYSTEM, "account.connect", **given)
    with pytest.raises(Invalid):
        play.do(SYSTEM, "account.connect", account="yk", api={"token": "x"})

    assert play.desk.store.get("accounts", "yk")["api"] == given["api"]  # type: ignore[index]  # it is there


def test_outage_leaves_the_payment_waiting_for_the_queue(play: Play, tasks: FakeTasks) -> None:
    told(play.desk)
    with pytest.raises(ProviderDown):
        asked(play.desk, tasks, service({}, 503))

    assert fact(play.desk).state == "unchecked"


def test_only_yookassas_own_address_is_called_with_the_offices_keys() -> None:
    seen: list[httpx.Request] = []
    service(found(), seen=seen).payment(account(**KEYS), ID)
    [request] = seen

    assert str(request.url) == f"https://api.yookassa.ru/v3/payments/{ID}"
    assert request.headers["authorization"] == "Basic MTAwNTAwOmxpdmVfMQ=="


@pytest.mark.parametrize("external", ["", "../refunds", "a/b", "a?b", "x" * 65, "а", "a\n"])
def test_what_is_no_id_of_a_payment_is_never_part_of_an_address(external: str) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(NotFound):
        service({}, seen=seen).payment(account(**KEYS), external)

    assert seen == []


def test_redirect_is_not_followed() -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://127.0.0.1/"})

    client = httpx.Client(transport=httpx.MockTransport(handle))
    with pytest.raises(ProviderDown):
        YooKassa(client).payment(account(**KEYS), ID)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ConfigError),
        (403, ConfigError),
        (400, NotFound),
        (404, NotFound),
        (429, RateLimited),
        (500, ProviderDown),
        (503, ProviderDown),
    ],
)
def test_failure_says_who_must_act(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        service({}, status).payment(account(**KEYS), ID)


def test_silence_is_an_outage() -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no")

    with pytest.raises(ProviderDown):
        YooKassa(httpx.Client(transport=httpx.MockTransport(handle))).payment(account(**KEYS), ID)


@given(
    st.dictionaries(
        st.sampled_from(["id", "status", "amount", "refunded_amount", "metadata", "test"]),
        st.none()
        | st.integers()
        | st.text(max_size=5)
        | st.dictionaries(st.sampled_from(["value", "currency", "order_id"]), st.text(max_size=4)),
    )
)
def test_any_answer_is_the_truth_or_an_error_of_ours(body: dict[str, Any]) -> None:
    try:
        events = service(found() | body).payment(account(**KEYS), ID)
    except KartotekaError:
        return

    assert json.dumps([event.model_dump() for event in events])
    assert all(event.id == ID for event in events)


BILL = Bill(
    key="py_1", number="2026-7", amount_minor=300_005, currency="RUB", title="Счёт",
    back="https://crm.example/api/d/1",
)  # fmt: skip
PAGE = "https://yoomoney.ru/checkout/payments/v2/contract?orderId=1"


def test_page_of_a_payment_is_asked_for_with_the_invoices_number_and_key() -> None:
    seen: list[httpx.Request] = []
    body = found(status="pending", confirmation={"type": "redirect", "confirmation_url": PAGE})

    assert service(body, seen=seen).page(account(**KEYS), BILL) == PAGE
    [request] = seen
    asked = json.loads(request.content)
    assert (request.method, str(request.url)) == ("POST", "https://api.yookassa.ru/v3/payments")
    assert request.headers["idempotence-key"] == "py_1"
    assert asked["amount"] == {"value": "3000.05", "currency": "RUB"}
    assert asked["metadata"] == {"invoice": "2026-7"}
    assert asked["confirmation"]["return_url"] == BILL.back


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"description": "Receipt is missing"}, ConfigError),
        (401, {}, ConfigError),
        (429, {}, RateLimited),
        (500, {}, ProviderDown),
        (200, {}, ProviderDown),
        (200, {"confirmation": {"confirmation_url": "javascript:alert(1)"}}, ProviderDown),
        (200, {"confirmation": {"confirmation_url": 1}}, ProviderDown),
    ],
)
def test_payment_that_cannot_be_begun_says_who_must_act(
    status: int, body: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        service(body, status).page(account(**KEYS), BILL)
