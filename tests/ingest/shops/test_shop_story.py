"""An order's whole life: shop, deal, call, edited and sent back, paid, courier, closed."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.fakes import FakeTasks, FixedClock
from tests.ingest.shops.shop_office import Woo, all_of, body_of, connect, do, tell

from automation import engine
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, ProviderDown
from kartoteka.domain.model import Activity, Client, Notice, Task
from kartoteka.domain.order import Order
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.services import order_return
from kartoteka.services.order_commands import PATH
from kartoteka.wiring import App

RULES = ShopRules(pipeline="orders", probability=60, visibility="team", notify_team="Магазин")
PHONE = "+79165550301"


@pytest.fixture
def woo(app: App) -> Woo:
    connect(app, "woocommerce", RULES)
    return Woo(body_of("woocommerce", "created"))


def the_deal(app: App) -> Deal:
    [deal] = all_of(app, Deal)
    return deal


def the_order(app: App) -> Order:
    [bond] = all_of(app, Order)
    return bond


def ring(http: FlaskClient, app: App, clock: FixedClock) -> None:
    account = next(it for it in app.desk.settings().accounts if it.channel == "call")
    now = clock.now()
    body = json.dumps(
        {
            "id": "call-1",
            "event": "ended",
            "direction": "out",
            "client": PHONE,
            "staff": "+74950000303",
            "started_at": (now - timedelta(minutes=5)).isoformat(),
            "answered_at": (now - timedelta(minutes=4)).isoformat(),
            "ended_at": now.isoformat(),
        }
    ).encode()
    proof = hmac.new(account.secrets[0].encode(), body, hashlib.sha256).hexdigest()
    answer = http.post(
        f"/ingest/call/{account.id}",
        data=body,
        headers={"x-kartoteka-signature": f"sha256={proof}"},
    )
    assert answer.status_code == 200


def removed_sieve(app: App) -> str:
    """A seller takes one position out; returns who did it."""
    deal = the_deal(app)
    sieve = next(line for line in deal.lines if line.name == "Ситечко")
    owner = str(deal.owner_id)
    do(app, owner, "deal.line_remove", deal=deal.id, line=sieve.id)
    return owner


def edited_and_sent(app: App, woo: Woo) -> str:
    """A seller edits the deal, and the queue brings it to the shop; returns who did it."""
    owner = removed_sieve(app)
    do(app, owner, "order.send_back", deal=the_deal(app).id)
    tasks = app.tasks
    assert isinstance(tasks, FakeTasks)
    [task] = [it for it in tasks.queued if it.path == PATH]
    assert order_return.deliver(app.desk, woo.shops, str(task.payload["order"])) == "sent"
    assert [it["name"] for it in woo.order["line_items"]] == ["Чайник эмалированный 2 л"]
    assert order_return.deliver(app.desk, woo.shops, str(task.payload["order"])) == "done"
    return owner


def test_order_lives_from_the_shop_to_the_courier(
    http: FlaskClient, app: App, clock: FixedClock, woo: Woo
) -> None:
    assert tell(http, "woocommerce", "created") == 200
    deal = the_deal(app)
    assert (deal.pipeline, deal.stage, deal.amount_minor) == ("orders", "basket", 715_000)
    assert (deal.probability, deal.visibility, deal.name) == (60, "team", "Заказ № 1042")
    engine.run(app.desk)
    team = {it.staff_id for it in all_of(app, Notice) if it.code == "notice_order_new"}
    assert team == {"st_senior", "st_seller", "st_seller2"}

    clock.advance(timedelta(minutes=10))
    ring(http, app, clock)
    calls = [it for it in all_of(app, Activity) if it.call is not None]
    assert [it.deal_id for it in calls] == [deal.id]

    owner = edited_and_sent(app, woo)
    assert tell(http, "woocommerce", "created", woo.order) == 200
    assert (the_order(app).state, the_deal(app).amount_minor) == ("agreed", 535_000)

    do(app, owner, "deal.move", deal=deal.id, stage="confirmed")
    clock.advance(timedelta(minutes=5))
    paid = woo.order | {
        "status": "processing",
        "date_paid_gmt": "2026-11-23T11:10:00",
        "date_modified_gmt": "2026-11-23T11:10:00",
        "transaction_id": "pay-1",
    }
    assert tell(http, "woocommerce", "paid", paid) == 200
    assert (the_deal(app).stage, the_deal(app).paid_minor) == ("packing", 535_000)

    given = {"title": "Отвезти заказ", "what": "delivery", "due": "2026-11-24", "deal": deal.id}
    courier = do(app, owner, "task.create", assignee="st_store", **given)
    do(app, "st_store", "task.finish", task=courier.id, result="Вручено, подпись есть")
    do(app, owner, "deal.move", deal=deal.id, stage="delivery")
    do(app, owner, "deal.move", deal=deal.id, stage="won")

    [client] = all_of(app, Client)
    assert (the_deal(app).state, client.segment, client.open_deal_ids) == ("won", "client", ())
    assert {it.state for it in all_of(app, Task) if it.what == "delivery"} == {"done"}


def test_order_that_the_shop_changed_meanwhile_is_not_overwritten(
    http: FlaskClient, app: App, woo: Woo
) -> None:
    tell(http, "woocommerce", "created")
    owner = removed_sieve(app)
    woo.order["line_items"][0] |= {"quantity": 5, "subtotal": "12500.00", "total": "12500.00"}
    bond = do(app, owner, "order.send_back", deal=the_deal(app).id)

    assert order_return.deliver(app.desk, woo.shops, bond.id) == "conflict"
    assert [method for method, _ in woo.asked] == ["GET"]
    shown = do(app, owner, "order.show", deal=the_deal(app).id)
    [theirs] = shown.orders
    assert [it["quantity_milli"] for it in theirs["theirs"]] == [5000, 3000, 1000]
    assert [it["quantity_milli"] for it in shown.deal["lines"]] == [2000, 1000]
    with pytest.raises(Invalid):
        do(app, owner, "order.send_back", deal=the_deal(app).id)

    do(app, owner, "order.resolve", deal=the_deal(app).id, keep="theirs")

    assert [it.quantity_milli for it in the_deal(app).lines] == [5000, 3000, 1000]
    assert the_order(app).state == "agreed"


def test_choosing_ours_makes_the_next_sending_win(http: FlaskClient, app: App, woo: Woo) -> None:
    tell(http, "woocommerce", "created")
    owner = removed_sieve(app)
    woo.order["line_items"][0] |= {"quantity": 5, "subtotal": "12500.00", "total": "12500.00"}
    bond = do(app, owner, "order.send_back", deal=the_deal(app).id)
    order_return.deliver(app.desk, woo.shops, bond.id)

    do(app, owner, "order.resolve", deal=the_deal(app).id, keep="ours")
    bond = do(app, owner, "order.send_back", deal=the_deal(app).id)

    assert order_return.deliver(app.desk, woo.shops, bond.id) == "sent"
    assert [it["quantity"] for it in woo.order["line_items"]] == [2]


def test_shop_that_refuses_is_told_and_one_that_is_down_is_asked_again(
    http: FlaskClient, app: App, woo: Woo, clock: FixedClock
) -> None:
    tell(http, "woocommerce", "created")
    owner = removed_sieve(app)
    bond = do(app, owner, "order.send_back", deal=the_deal(app).id)
    woo.status = 503
    with pytest.raises(ProviderDown):
        order_return.deliver(app.desk, woo.shops, bond.id)
    clock.advance(timedelta(minutes=11))
    assert order_return.hand_over_late(app.desk) == 1

    woo.status = 403
    assert order_return.deliver(app.desk, woo.shops, bond.id) == "refused"
    assert the_order(app).why == "order_refused"
    assert "notice_order_refused" in {it.code for it in all_of(app, Notice)}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1"])
def test_shop_at_a_private_address_is_never_called(
    http: FlaskClient, app: App, woo: Woo, address: str
) -> None:
    tell(http, "woocommerce", "created")
    bond = do(app, removed_sieve(app), "order.send_back", deal=the_deal(app).id)
    shops = woo.shops
    shops._resolve = lambda _host: [address]

    assert order_return.deliver(app.desk, shops, bond.id) == "refused"
    assert woo.asked == []


def test_same_goods_are_not_sent(http: FlaskClient, app: App, woo: Woo) -> None:
    tell(http, "woocommerce", "created")
    deal = the_deal(app)

    with pytest.raises(Invalid) as refused:
        do(app, str(deal.owner_id), "order.send_back", deal=deal.id)
    assert refused.value.code == "order_same"


def test_deal_deleted_while_its_order_waits_leaves_the_shop_as_it_is(
    http: FlaskClient, app: App, woo: Woo
) -> None:
    tell(http, "woocommerce", "created")
    bond = do(app, removed_sieve(app), "order.send_back", deal=the_deal(app).id)
    app.store.run(lambda tx: tx.delete(Deal.collection, bond.deal_id))

    assert order_return.deliver(app.desk, woo.shops, bond.id) == "refused"
    assert (woo.asked, the_order(app).why) == ([], "order_deal_gone")


def test_discount_that_is_no_line_stays_in_the_amount_after_the_order_went_back(
    http: FlaskClient, app: App, woo: Woo
) -> None:
    discount = {"id": 9, "name": "Скидка", "total": "-500.00", "total_tax": "0.00"}
    woo.order |= {"fee_lines": [discount], "total": "6650.00"}
    tell(http, "woocommerce", "created", woo.order)
    assert (the_deal(app).amount_minor, len(the_deal(app).lines)) == (665_000, 3)

    bond = do(app, removed_sieve(app), "order.send_back", deal=the_deal(app).id)
    assert order_return.deliver(app.desk, woo.shops, bond.id) == "sent"

    assert (woo.order["total"], the_deal(app).amount_minor) == ("4850.00", 485_000)
