"""Orders of 1C: they come as deals, go out as documents, and a conflict is shown, not settled."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.commerceml.one_c import OneC, connected, line, order, orders

from automation import engine
from ingest.commerceml.elements import Element, Reader, Start
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client
from kartoteka.domain.order import Order
from kartoteka.domain.shop_rules import ShopRules
from kartoteka.ports import Query
from kartoteka.services import companies, deal_lines, deals, order_export
from kartoteka.services.companies import NewCompany
from kartoteka.services.deal_forms import AddLine, CreateDeal, NewLine
from kartoteka.wiring import App
from sync.columns import Frame
from sync.settings_book.exchanges import EXCHANGES

TWO_WAY = ShopRules(two_way=True)


def all_of(app: App, kind: type) -> list:
    return [kind.model_validate(hit.doc) for hit in app.store.query(Query(kind.collection))]


@pytest.fixture
def sale(http: FlaskClient, app: App) -> OneC:
    connected(app, TWO_WAY)
    return OneC(http, what="sale")


def sent(one_c: OneC, *documents: str, name: str = "orders.xml", **query: str) -> list[str]:
    one_c.enter(**query)
    one_c.send(name, orders(*documents))
    return one_c.load(name) if query else ["success"]


def asked(one_c: OneC) -> list[Element]:
    """The documents that 1C is given."""
    answer = one_c.enter().call("query")
    assert answer.status_code == 200
    assert "windows-1251" in answer.headers["content-type"]
    return [record.element for record in Reader(Start()).records([answer.data])]


def test_order_of_the_old_protocol_is_taken_while_it_uploads(sale: OneC, app: App) -> None:
    sale.enter()
    assert sale.limits["zip"] == "no"
    sale.send("orders-1.xml", orders(order("1c-1")), step=200)

    [deal], [client] = all_of(app, Deal), all_of(app, Client)
    assert (deal.name, deal.amount_minor) == ("Заказ № 1c-1", 150_000)
    assert (client.name, client.phones) == ("Ольга Мирная", ("+79165550401",))
    assert deal.owner_id is not None
    [exchange] = all_of(app, Exchange)
    assert (exchange.what, exchange.state, exchange.created) == ("orders", "done", 1)


def test_orders_of_the_new_protocol_wait_for_import(sale: OneC, app: App) -> None:
    told = sent(sale, order("1c-1"), order("1c-2", phone="+79165550402"), version="3.1")

    assert told == ["success"]
    assert len(all_of(app, Deal)) == 2
    assert sale.limits["version"] == "2.10"


def test_two_orders_of_the_generic_buyer_are_two_clients(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1"), order("1c-2", phone="+79165550402", person="Пётр Иной"))

    assert {it.name for it in all_of(app, Client)} == {"Ольга Мирная", "Пётр Иной"}


def test_order_without_any_contact_waits_in_triage(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1", phone=""))

    [kept] = all_of(app, Inbound)
    assert (kept.state, kept.why, all_of(app, Deal)) == ("unknown", "no_identity", [])
    assert all_of(app, Exchange)[0].errors == 1


def test_company_by_its_tax_number_is_met_once(sale: OneC, app: App) -> None:
    firm = "<ИНН>7707083893</ИНН><КПП>770701001</КПП>"
    firm += "<ПолноеНаименование>ООО Ромашка</ПолноеНаименование>"
    sent(sale, order("1c-1", phone="", more=firm), order("1c-2", phone="", more=firm))

    deals = all_of(app, Deal)
    assert len({deal.company_id for deal in deals}) == 1
    assert all(deal.company_id and deal.client_id is None for deal in deals)


def test_payment_shipment_and_empty_dates_are_read_as_1c_means_them(sale: OneC, app: App) -> None:
    empty = {"Проведен": "true", "Дата оплаты по 1С": "T", "Дата отгрузки по 1С": "T"}
    sent(sale, order("1c-1", told=empty))
    [before] = all_of(app, Order)
    full = {"Номер оплаты по 1С": "77", "Дата отгрузки по 1С": "2026-11-23T12:22:01"}
    sent(sale, order("1c-1", told=full))

    [after], [deal] = all_of(app, Order), all_of(app, Deal)
    assert (before.paid, before.shipped) == (False, False)
    assert (after.paid, after.shipped) == (True, True)
    assert [(it.reference, it.amount_minor) for it in deal.payments] == [("77", 150_000)]


def test_document_of_the_newest_schema_in_a_container_is_read(sale: OneC, app: App) -> None:
    told = order("1c-9").replace("ЦенаЗаЕдиницу", "Цена")
    told = told.replace("<Номер>1c-9</Номер>", "<Номер1С>L320       </Номер1С>")
    content = orders(f"<Контейнер>{told}</Контейнер>", encoding="utf-8-sig", head="3.1")
    content = content.replace(b'encoding="utf-8-sig"', b'encoding="UTF-8"')
    sale.enter(version="3.1").send("documents.xml", content)

    assert sale.load("documents.xml") == ["success"]
    [deal], [bond] = all_of(app, Deal), all_of(app, Order)
    assert (deal.lines[0].price_minor, bond.number) == (150_000, "L320")


def test_money_and_shipment_documents_follow_their_order(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1"))
    money = (
        "<Документ><Ид>m1</Ид><Номер>15</Номер><ХозОперация>Выплата безналичных денег</ХозОперация>"
        "<Сумма>500.00</Сумма><Основание>1c-1</Основание></Документ>"
    )
    shipment = "<Документ><Ид>s1</Ид><ХозОперация>Отпуск товара</ХозОперация>"
    shipment += "<Основание>1c-1</Основание></Документ>"
    sent(sale, money, shipment)

    [deal], [bond] = all_of(app, Deal), all_of(app, Order)
    assert (deal.paid_minor, bond.shipped, len(deal.lines)) == (50_000, True, 1)


def test_unknown_document_is_kept_and_the_others_are_taken(sale: OneC, app: App) -> None:
    act = "<ХозОперация>Инвентаризация</ХозОперация>"
    odd = f"<Документ><Ид>z</Ид><Номер>00-7</Номер>{act}</Документ>"
    sent(sale, odd, order("1c-1"), order("1c-2", phone=""))

    unknown = {it.why for it in all_of(app, Inbound) if it.state == "unknown"}
    assert unknown == {"document_other: инвентаризация", "no_identity"}
    assert len(all_of(app, Deal)) == 1
    [row] = EXCHANGES.rows(Frame(app.desk.settings()), app.store)
    assert row.cells["why"] == (
        "00-7: Документ другого вида: инвентаризация; "
        "1c-2: Нет ни телефона, ни почты, ни мессенджера"
    )


def test_deal_goes_out_once_confirmed_and_again_only_when_it_changes(
    sale: OneC, app: App, clock: FixedClock
) -> None:
    connected(app, TWO_WAY)
    sent(sale, order("1c-1"))
    [deal] = all_of(app, Deal)
    assert asked(sale) == []  # 1C knows what it told itself

    clock.advance(timedelta(minutes=1))
    extra = AddLine(deal=deal.id, name="Доставка <срочная>", price_minor=30_000)
    deal_lines.add(app.desk, SYSTEM, extra, cause="command:deal.line")
    [first], [again] = asked(sale), asked(sale)
    assert first.said("ид") == again.said("ид") == "1c-1"
    assert first.said("сумма") == "1800.00"
    names = [it.said("наименование") for it in first.all("товары", "товар")]
    assert names == ["Чайник", "Доставка <срочная>"]
    assert first.said("контрагенты", "контрагент", "ид") == f"crm#{deal.client_id}"

    assert sale.lines("success") == ["success"]
    assert asked(sale) == []


def test_many_deals_of_one_moment_go_out_over_several_sessions_and_none_is_lost(
    sale: OneC, app: App, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_export, "MOST", 40)
    monkeypatch.setattr(order_export, "_CHUNK", 7)
    names = [f"1c-{number}" for number in range(100)]
    sent(sale, *(order(it, phone=f"+7916555{place:04}") for place, it in enumerate(names)))
    clock.advance(timedelta(minutes=1))
    for deal in all_of(app, Deal):
        extra = AddLine(deal=deal.id, name="Пакет", price_minor=500)
        deal_lines.add(app.desk, SYSTEM, extra, cause="command:deal.line")

    given = []
    for _ in range(5):
        given.append([it.said("ид") for it in asked(sale)])
        sale.lines("success")

    assert sorted(name for part in given for name in part) == sorted(names)
    assert given[-1] == []


def test_order_of_ours_that_comes_back_under_an_id_of_1c_is_the_same_deal(
    sale: OneC, app: App
) -> None:
    goods = (NewLine(name="Услуга", price_minor=100_000),)
    form = CreateDeal(name="Сделка офиса", company=firm(app), lines=goods)
    deal = deals.create(app.desk, SYSTEM, form, cause="command:deal.create")
    [told] = asked(sale)
    sale.lines("success")

    own = order("guid-of-1c").replace(
        "<Номер>guid-of-1c</Номер>",
        f"<Номер>{told.said('номер')}</Номер><Номер1С>ИМ-7    </Номер1С>",
    )
    for _ in range(2):
        sent(sale, own)

    [known], [bond] = all_of(app, Deal), all_of(app, Order)
    assert (known.id, known.lines[0].name) == (deal.id, "Чайник")
    assert (bond.external, bond.number) == (deal.id, "ИМ-7")


def firm(app: App) -> str:
    made = NewCompany(name="ООО Ромашка", inn="7707083893")
    return companies.add(app.desk, SYSTEM, made, cause="command:company.add").id


def test_success_of_another_session_confirms_nothing(
    sale: OneC, app: App, clock: FixedClock
) -> None:
    sent(sale, order("1c-1"))
    clock.advance(timedelta(minutes=1))
    [deal] = all_of(app, Deal)
    form = AddLine(deal=deal.id, name="Ещё", price_minor=100)
    deal_lines.add(app.desk, SYSTEM, form, cause="command:deal.line")
    asked(sale)

    sale.enter()
    sale.lines("success")

    assert len(asked(sale)) == 1


def test_1c_that_only_gives_is_told_nothing(http: FlaskClient, app: App) -> None:
    connected(app)
    one_c = OneC(http, what="sale")
    sent(one_c, order("1c-1"))

    assert asked(one_c) == []


def test_goods_changed_in_1c_change_the_deal(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1"))
    two = line("g1", "Чайник", "1500.00", "2", total="3000.00")
    sent(sale, order("1c-1", two, total="3000.00"))

    [deal], [bond] = all_of(app, Deal), all_of(app, Order)
    assert (deal.amount_minor, deal.lines[0].quantity_milli, bond.state) == (
        300_000,
        2000,
        "agreed",
    )


def test_goods_changed_on_both_sides_are_kept_on_both_and_people_are_told(
    sale: OneC, app: App
) -> None:
    sent(sale, order("1c-1"))
    [deal] = all_of(app, Deal)
    ours = AddLine(deal=deal.id, name="Ситечко", price_minor=60_000)
    deal_lines.add(app.desk, SYSTEM, ours, cause="command:deal.line")
    two = line("g1", "Чайник", "1500.00", "2", total="3000.00")
    sent(sale, order("1c-1", two, total="3000.00"))

    [after], [bond] = all_of(app, Deal), all_of(app, Order)
    assert [it.name for it in after.lines] == ["Чайник", "Ситечко"]
    assert (bond.state, bond.theirs[0].quantity_milli) == ("conflict", 2000)
    engine.run(app.desk)
    notices = [hit.doc["code"] for hit in app.store.query(Query("notices"))]
    assert "notice_order_conflict" in notices


def test_order_marked_for_deletion_is_lost_and_its_client_is_free(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1"))
    sent(sale, order("1c-1", told={"ПометкаУдаления": "true"}))

    [deal], [client] = all_of(app, Deal), all_of(app, Client)
    assert (deal.state, deal.reason) == ("lost", "Заказ отменён в магазине")
    assert client.open_deal_ids == ()


def test_order_older_than_the_first_import_stays_in_1c(sale: OneC, app: App) -> None:
    sent(sale, order("1c-1").replace("2026-11-22", "2026-10-01"))

    assert all_of(app, Deal) == []
    assert all_of(app, Inbound)[0].why == "order_too_old"


def test_dictionary_names_the_stages_of_sales(sale: OneC) -> None:
    answer = sale.enter().call("info")

    assert "Отправить клиенту КП" in answer.data.decode("cp1251")


def test_buyers_without_orders_become_clients_and_companies_and_no_requests(
    sale: OneC, app: App
) -> None:
    contact = (
        "<Контакты><Контакт><Тип>Телефон</Тип><Значение>+79165550{}</Значение></Контакт></Контакты>"
    )
    people = (
        "<Контрагент><Наименование>Анна Первая</Наименование>"
        + contact.format("501")
        + "</Контрагент>"
        "<Контрагент><Наименование>ООО Ромашка</Наименование><ИНН>7707083893</ИНН>"
        + contact.format("502")
        + "</Контрагент><Контрагент><Наименование>Никто</Наименование></Контрагент>"
    )
    for _ in range(2):
        sale.enter(version="3.1").send(
            "parties.xml", orders(f"<Контрагенты>{people}</Контрагенты>")
        )
        assert sale.load("parties.xml") == ["success"]

    clients = {it.name: it.phones for it in all_of(app, Client)}
    assert clients == {"Анна Первая": ("+79165550501",), "ООО Ромашка": ("+79165550502",)}
    assert [it.inn for it in all_of(app, Company)] == ["7707083893"]
    assert app.store.count(Query("leads")) == 0
    told = sorted((it.created, it.unchanged, it.errors) for it in all_of(app, Exchange))
    assert told == [(0, 2, 1), (2, 0, 1)]
    assert {it.what for it in all_of(app, Exchange)} == {"parties"}
