"""What the tellings of a shop do to deals: once, in any order, never refused, never lost."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.shops.shop_office import all_of, body_of, connect, do, tell, who

from automation import engine
from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Client, Notice
from kartoteka.domain.order import Order
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query
from kartoteka.services.consume import rewind
from kartoteka.services.forget import forget
from kartoteka.wiring import App

Tell = Callable[..., int]


@pytest.fixture
def woo(http: FlaskClient, app: App) -> Tell:
    connect(app, "woocommerce")

    def told(sample: str, **changed: Any) -> int:
        body = body_of("woocommerce", sample) | changed if changed else None
        return tell(http, "woocommerce", sample, body)

    return told


def why(app: App) -> list[str]:
    return [it.why for it in all_of(app, Inbound)]


def the_deal(app: App) -> Deal:
    [deal] = all_of(app, Deal)
    return deal


def test_order_makes_one_client_one_deal_and_a_line_in_the_history(app: App, woo: Tell) -> None:
    assert woo("created") == 200

    [client], [event] = all_of(app, Client), all_of(app, Activity)
    deal = the_deal(app)
    assert (client.phones, client.emails) == (("+79165550301",), ("irina.petrova@mail.example",))
    assert (client.open_deal_ids, client.owner_id) == ((deal.id,), deal.owner_id)
    assert (deal.lines[0].name, deal.lines[0].quantity_milli) == ("Чайник эмалированный 2 л", 2000)
    assert event.text.startswith("Заказ № 1042, состояние в магазине: pending")
    assert "домофон" in deal.note


def test_updated_right_after_created_with_nothing_new_changes_nothing(app: App, woo: Tell) -> None:
    woo("created")
    head = app.store.log_head("changes")
    woo("created", date_modified_gmt="2026-11-23T08:40:06")

    assert "order_unchanged" in why(app)
    changed = app.store.read_log("changes", head, 10)
    assert {part["entity"] for it in changed for part in it.doc["parts"]} == {"inbound"}  # type: ignore[index, union-attr]


def test_older_telling_behind_a_newer_one_changes_nothing(app: App, woo: Tell) -> None:
    woo("changed")
    woo("created")

    assert the_deal(app).amount_minor == 260_000
    assert "order_stale" in why(app)


def test_changed_goods_replace_those_nobody_touched_here(app: App, woo: Tell) -> None:
    woo("created")
    woo("changed")

    deal = the_deal(app)
    assert [(it.name, it.total_minor) for it in deal.lines] == [
        ("Чайник эмалированный 2 л", 225_000),
        ("Курьер", 35_000),
    ]
    engine.run(app.desk)
    assert "notice_order_changed" in {it.code for it in all_of(app, Notice)}


def test_all_that_came_before_anybody_was_told_is_told_and_counted(app: App, woo: Tell) -> None:
    woo("created")
    woo("changed")
    woo("changed", date_modified_gmt="2026-11-23T09:59:59")  # with nothing new

    engine.run(app.desk)

    news = {it.code for it in all_of(app, Notice) if it.code.startswith("notice_order")}
    assert {"notice_order_new", "notice_order_changed"} <= news
    [line] = all_of(app, Exchange)
    assert (line.received, line.created, line.updated, line.unchanged) == (3, 1, 1, 1)
    assert [it.untold for it in all_of(app, Order)] == [()]


def test_news_drained_again_are_told_and_counted_once(app: App, woo: Tell) -> None:
    woo("created")
    engine.run(app.desk)
    told, lines = all_of(app, Notice), all_of(app, Exchange)

    rewind(app.desk, "automation")
    engine.run(app.desk)

    assert (all_of(app, Notice), all_of(app, Exchange)) == (told, lines)
    assert told


def test_order_whose_deal_is_gone_before_anybody_was_told_still_counts(app: App, woo: Tell) -> None:
    woo("created")
    deal = the_deal(app)
    app.store.run(lambda tx: tx.delete(Deal.collection, deal.id))

    engine.run(app.desk)

    assert [it.created for it in all_of(app, Exchange)] == [1]
    assert not [it for it in all_of(app, Notice) if it.deal_id == deal.id]


def test_payment_counts_once_however_often_it_is_told(app: App, woo: Tell) -> None:
    woo("created")
    woo("paid")
    woo("paid", date_modified_gmt="2026-11-23T08:59:00", customer_note="иначе")

    deal = the_deal(app)
    assert [(it.reference, it.amount_minor) for it in deal.payments] == [("pay-77120", 715_000)]


def test_paid_order_that_comes_first_is_a_paid_deal(app: App, woo: Tell) -> None:
    woo("paid")

    assert the_deal(app).paid_minor == 715_000


@pytest.mark.parametrize("sample", ["cancelled", "deleted"])
def test_cancelled_order_is_a_lost_deal(app: App, woo: Tell, sample: str) -> None:
    woo("created")
    woo(sample)

    deal = the_deal(app)
    assert (deal.state, deal.reason) == ("lost", "Заказ отменён в магазине")
    assert all_of(app, Client)[0].open_deal_ids == ()


def test_cancelled_order_that_money_came_for_stays_and_people_are_told(app: App, woo: Tell) -> None:
    woo("paid")
    woo("cancelled")

    assert the_deal(app).state != "lost"
    engine.run(app.desk)
    assert "notice_order_cancelled" in {it.code for it in all_of(app, Notice)}


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ("cancelled", "order_cancelled"),
        ("deleted", "order_cancelled"),
        ("draft", "order_abandoned"),
    ],
)
def test_order_that_is_none_any_more_makes_no_deal(
    app: App, woo: Tell, sample: str, reason: str
) -> None:
    assert woo(sample) == 200

    assert all_of(app, Deal) == []
    assert why(app) == [reason]


def test_order_older_than_thirty_days_stays_in_the_shop(
    app: App, woo: Tell, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=31))
    woo("created")

    assert (all_of(app, Deal), why(app)) == ([], ["order_too_old"])


def test_deleted_deal_does_not_come_back_with_the_next_telling(app: App, woo: Tell) -> None:
    woo("created")
    deal = the_deal(app)
    do(app, "st_owner", "deal.delete", deal=deal.id, reason="Заказ сделан по ошибке сотрудником")
    woo("paid")

    assert all_of(app, Deal) == []
    assert "order_deal_gone" in why(app)


def test_buyer_with_a_company_is_a_client_of_that_company(app: App, woo: Tell) -> None:
    woo("company")
    woo("company", id=1044, number="1044")

    [company], [client] = all_of(app, Company), all_of(app, Client)
    assert {deal.company_id for deal in all_of(app, Deal)} == {company.id}
    assert (client.company_id, client.company) == (company.id, company.name)
    assert [deal.sign for deal in all_of(app, Deal)].count("first") == 1


def test_impossible_tax_number_leaves_the_order_without_a_company(app: App, woo: Tell) -> None:
    woo("company", meta_data=[{"key": "inn", "value": "7707083899"}])

    assert all_of(app, Company) == []
    assert the_deal(app).client_id is not None


def test_buyer_without_phone_and_mail_waits_in_triage(app: App, woo: Tell) -> None:
    assert woo("created", billing={"first_name": "Ирина"}, shipping={}) == 200

    assert (all_of(app, Deal), why(app)) == ([], ["no_identity"])


def test_buyer_with_a_number_of_the_office_is_known_by_mail_only(app: App, woo: Tell) -> None:
    mail = {"first_name": "Ирина", "phone": "+74950000303", "email": "i@mail.example"}
    woo("created", billing=mail)

    [client] = all_of(app, Client)
    assert (client.phones, client.emails) == ((), ("i@mail.example",))


def test_second_order_of_a_known_client_goes_to_the_same_person(app: App, woo: Tell) -> None:
    woo("created")
    for number in range(2000, 2004):
        woo("created", id=number, number=str(number))

    assert len({deal.owner_id for deal in all_of(app, Deal)}) == 1
    assert len(all_of(app, Client)) == 1


def test_goods_are_those_of_the_catalogue_by_their_article(app: App, woo: Tell) -> None:
    product = do(
        app, "st_owner", "product.add", sku="tea-2", name="Чайник", price_minor=1, category="Посуда"
    )
    woo("created")

    line = the_deal(app).lines[0]
    assert (line.product_id, line.category, line.price_minor) == (product.id, "Посуда", 250_000)
    assert len(list(app.store.query(Query(Product.collection)))) == 1


def test_sum_that_the_lines_do_not_make_is_the_shops(app: App, woo: Tell) -> None:
    woo("created", total="7000.00")

    deal = the_deal(app)
    assert (deal.amount_minor, deal.amount_by_hand) == (700_000, True)


def test_five_hundred_lines_fit_a_deal_and_keep_the_sum(app: App, woo: Tell) -> None:
    one = body_of("woocommerce", "created")["line_items"][1]
    items = [one | {"id": number, "name": f"Товар {number}"} for number in range(500)]
    woo("created", line_items=items, shipping_lines=[], total="900000.00")

    deal = the_deal(app)
    assert (len(deal.lines), deal.amount_minor, deal.amount_by_hand) == (200, 90_000_000, False)
    assert deal.lines[-1].name == "Прочее по заказу"


def test_same_order_of_two_shops_is_two_deals(http: FlaskClient, app: App, woo: Tell) -> None:
    woo("created")
    connect(app, "opencart")
    body = body_of("opencart", "created")
    body["order"]["order_id"] = 1042
    tell(http, "opencart", "created", body)

    assert len(all_of(app, Deal)) == len(all_of(app, Order)) == 2


@pytest.mark.parametrize("event", [[], {}, None, 5])
def test_order_of_no_kind_is_kept_as_unknown(http: FlaskClient, app: App, event: object) -> None:
    connect(app, "opencart")
    status = tell(http, "opencart", "created", {**body_of("opencart", "created"), "event": event})

    assert (status, [kept.state for kept in all_of(app, Inbound)]) == (200, ["unknown"])


def test_ping_of_a_new_webhook_is_answered_without_proof(http: FlaskClient, app: App) -> None:
    account = connect(app, "woocommerce")
    answer = http.post(f"/ingest/woocommerce/{account.id}", data=b"webhook_id=17")

    assert answer.status_code == 200
    assert all_of(app, Inbound) == []


def test_day_of_a_shop_is_a_line_of_the_exchanges_by_right(
    app: App, http: FlaskClient, woo: Tell
) -> None:
    woo("created")
    woo("created", date_modified_gmt="2026-11-23T08:40:06")
    woo("paid")
    woo("created", id=7, number="7", billing={}, shipping={})

    engine.run(app.desk)
    [line] = do(app, "st_owner", "exchange.list").exchanges
    counts = [line[name] for name in ("received", "created", "updated", "unchanged", "errors")]
    assert counts == [4, 1, 1, 1, 1]
    assert (line["file"], line["account"]) == ("2026-11-23", "woocommerce_shop")
    assert len(line["faults"]) == 1
    with pytest.raises(NotAllowed):
        do(app, "st_seller", "exchange.list")


def test_rules_of_an_account_are_set_by_command(app: App, http: FlaskClient) -> None:
    account = connect(app, "insales")
    given = {"pipeline": "orders", "probability": 40, "visibility": "all", "first_days": 3}
    do(app, "st_owner", "shop.rules", account=account.id, **given)
    do(app, "st_owner", "shop.rules", account=account.id, notify_team="Магазин")
    vars(app).pop("desk", None)

    assert tell(http, "insales", "created") == 200
    rules = app.desk.settings().account("insales", account.id).shop
    assert rules == ShopRules(**given, notify_team="Магазин")
    assert (the_deal(app).probability, the_deal(app).visibility) == (40, "all")


def test_forgotten_buyer_is_in_no_order_any_more(app: App, woo: Tell) -> None:
    woo("company", customer_note="Позвоните Олегу")
    [client] = all_of(app, Client)
    forget(app.desk, who(app, "st_owner"), client.id, cause="x")

    kept = [hit.doc for kind in ("inbounds", "orders") for hit in app.store.query(Query(kind))]
    told = json.dumps(kept, ensure_ascii=False)
    assert "Самовар угольный" in told
    assert not any(word in told for word in ("Ершов", "Олег", "samovar", "Садовая", "7707083893"))


def test_part_given_back_is_taken_off_the_deal_once_and_people_are_told(
    app: App, woo: Tell
) -> None:
    woo("paid")
    before = the_deal(app)
    part = {"refunds": [{"id": 1, "total": "-150.00"}], "date_modified_gmt": "2026-11-23T12:00:00"}

    woo("paid", **part)
    again = part | {"date_modified_gmt": "2026-11-23T12:05:00", "customer_note": "ещё раз"}
    woo("paid", **again)

    deal = the_deal(app)
    assert (before.paid_minor - deal.paid_minor, deal.state) == (15_000, "open")
    assert [it.amount_minor for it in deal.payments] == [deal.paid_minor]
    engine.run(app.desk)
    told = [it.code for it in all_of(app, Notice) if it.staff_id == deal.owner_id]
    assert told.count("notice_order_refunded") == 1


def test_order_given_back_whole_has_no_money_and_is_lost(app: App, woo: Tell) -> None:
    woo("paid")
    whole = {"status": "refunded", "date_modified_gmt": "2026-11-23T12:00:00"}

    woo("paid", **whole)

    deal = the_deal(app)
    assert (deal.paid_minor, deal.payments, deal.state) == (0, (), "lost")


def test_total_that_changed_without_a_line_is_the_deals_amount(app: App, woo: Tell) -> None:
    woo("created")
    fee = {"fee_lines": [{"id": 9, "name": "Скидка", "total": "-100.00"}], "total": "7050.00"}

    woo("created", **fee)

    assert the_deal(app).amount_minor == 705_000
