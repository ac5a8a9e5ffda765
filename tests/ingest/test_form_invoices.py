"""A form that bills: the visitor leaves with an invoice to pay, or the deal says what it lacks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock

from api.paper_page import paper_page
from api.paying import pay
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import ConfigError, KartotekaError, ProviderDown
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Client, Lead, Notice
from kartoteka.domain.office import Account
from kartoteka.domain.payment import Bill, PaymentFact, PaymentTold
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.record_inbound import record
from kartoteka.services.registry import COMMANDS
from kartoteka.wiring import App

URL = "/ingest/form/order"
PHONE = "8 (916) 555-01-04"
PERSON = {"name": "Ирина", "phone": PHONE}
BROWSER = {"accept": "text/html", "accept-language": "ru"}
BANK = "ООО «Ромашка»\nр/с 40702810000000000001"
KEYS = {"shop_id": "100500", "secret_key": "live_1"}
Do = Callable[..., Any]


@pytest.fixture
def do(app: App) -> Do:
    """An office that sells consultations by a form that bills; nothing says how to pay yet."""

    def run(command: str, **given: Any) -> Any:
        return execute(COMMANDS, app.desk, SYSTEM, command, given=given, cause="test")

    run("product.add", sku="K-1", name="Консультация <b>", price_minor=300_000)
    fields = [{"id": "phone", "label": "Телефон", "label_en": "Phone", "type": "tel"}]
    run("form.add", form="order", title="Заказ", fields=fields, consent="Да", consent_version="1",
        creates="deal", products=["K-1"], create_invoice=True, owner_id="st_anna")  # fmt: skip
    return run


@pytest.fixture
def bank(do: Do) -> None:
    do("paper.set", requisites=BANK)


def connect(app: App) -> None:
    made = Account(id="yk", channel="yookassa", title="ЮKassa", source="ЮKassa", api=KEYS)
    app.store.run(lambda tx: tx.put("accounts", "yk", made.model_dump(mode="json")))
    app.desk.settings.forget()  # type: ignore[attr-defined]  # the cache of the desk


def records(app: App, kind: type[Any]) -> list[Any]:
    return [kind.model_validate(row.doc) for row in app.store.query(Query(kind.collection))]


def codes(app: App) -> list[tuple[str, str]]:
    told = [(it.staff_id, it.code) for it in records(app, Notice)]
    return sorted(it for it in told if "invoice" in it[1])


def send(http: FlaskClient, **more: str) -> Any:
    return http.post(URL, json=PERSON | more).get_json()


def token_of(answer: Any) -> str:
    return str(answer["invoice"]["url"].rpartition("/")[2])


def opened(app: App, token: str) -> str:
    return paper_page(Call("GET", ("d", token)), app, token).body.decode()


@pytest.mark.usefixtures("bank")
def test_visitor_leaves_with_an_invoice_of_the_forms_goods(http: FlaskClient, app: App) -> None:
    answers = [send(http), send(http)]
    [deal], [paper] = records(app, Deal), records(app, SalesPaper)
    page = opened(app, token_of(answers[0]))

    assert answers[0]["invoice"] == answers[1]["invoice"]
    assert answers[0]["invoice"]["number"] == paper.label
    assert (paper.state, paper.total_minor, paper.deal_id) == ("sent", 300_000, deal.id)
    assert deal.evidence == {"invoice": paper.id}
    assert (deal.next_action.what, deal.next_at) == ("get_payment", paper.due)
    assert "Консультация &lt;b&gt;" in page
    assert BANK in page
    assert f"счёт №\u00a0{paper.label}" in page
    assert "ждёт оплаты" in page
    assert codes(app) == [("st_anna", "notice_form_invoice")]


@pytest.mark.usefixtures("bank")
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_thanks_lead_to_the_invoice_even_where_the_office_sends_visitors_on(
    http: FlaskClient, app: App, do: Do, lang: str
) -> None:
    do("form.edit", form="order", redirect="https://shop.example/ok")

    answer = http.post(f"{URL}?lang={lang}", data=PERSON, headers=BROWSER)
    thanks = http.get(URL + answer.headers["location"])
    token = answer.headers["location"].rpartition("paper=")[2]

    assert answer.status_code == 303
    assert f'href="{app.desk.base_url}/api/d/{token}"' in thanks.text
    assert records(app, SalesPaper)[0].label in opened(app, token)


def test_thanks_lead_to_no_address_but_that_of_an_invoice(http: FlaskClient, do: Do) -> None:
    thanks = http.get(URL + '?sent=1&paper=//evil.example/"><script>')

    assert (thanks.status_code, "evil" in thanks.text) == (200, False)


@pytest.mark.usefixtures("bank")
def test_payment_that_names_the_invoice_pays_it(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    answer = send(http)
    number = answer["invoice"]["number"]
    told = PaymentTold(
        id="p1", what="succeeded", amount_minor=300_000, currency="RUB", numbers=(number,)
    )
    event = Inbound(id=InboundId("in_p1"), channel="stripe", account="a1", event_id="p1",
                    what=Kind.PAYMENT, at=clock.now(), received_at=clock.now(),
                    payment=told)  # fmt: skip

    record(app.desk, event)

    assert records(app, PaymentFact)[0].state == "matched"
    assert records(app, SalesPaper)[0].state == "paid"
    page = opened(app, token_of(answer))
    assert "оплачен" in page
    assert BANK not in page


def test_invoice_that_cannot_be_paid_anywhere_waits_and_the_deal_says_why(
    http: FlaskClient, app: App, do: Do
) -> None:
    answers = [send(http), send(http)]
    [deal], [paper] = records(app, Deal), records(app, SalesPaper)

    assert [it.get("invoice") for it in answers] == [None, None]
    assert (paper.state, deal.next_action.what) == ("draft", "send_invoice")
    assert deal.note.count(f"Счёт {paper.label} готов") == 1
    assert "реквизиты" in deal.note
    assert codes(app) == [("st_anna", "notice_form_invoice_waits")]


def test_invoice_that_waited_is_handed_out_once_the_office_says_how_to_pay(
    http: FlaskClient, app: App, do: Do, clock: FixedClock
) -> None:
    send(http)
    do("paper.set", requisites=BANK)
    clock.advance(timedelta(hours=1))

    answer = send(http, message="так где же счёт?")
    [deal], [paper] = records(app, Deal), records(app, SalesPaper)

    assert answer["invoice"]["number"] == paper.label
    assert (paper.state, deal.note) == ("sent", "")


@pytest.mark.usefixtures("bank")
def test_form_without_goods_makes_a_deal_that_says_that_it_has_no_amount(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("form.edit", form="order", products=[])

    answer = send(http)
    [deal] = records(app, Deal)

    assert answer["ok"] is True
    assert (deal.deal_type, deal.next_action.what) == ("Заказ", "send_invoice")
    assert "нет суммы" in deal.note


@pytest.mark.usefixtures("bank")
def test_stranger_who_types_a_clients_phone_learns_neither_name_nor_earlier_goods(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("form.edit", form="order", creates="lead", products=[], create_invoice=False)
    send(http)
    [lead] = records(app, Lead)
    do("lead.lines", lead=lead.id, lines=[{"name": "Тайный договор", "price_minor": 9_000_000}])
    do("form.edit", form="order", creates="deal", products=["K-1"], create_invoice=True)

    answer = http.post(URL, json={"phone": PHONE, "name": "Чужой", "message": "ещё"}).get_json()

    assert "invoice" not in answer
    assert "не только товары формы" in records(app, Deal)[0].note


@pytest.mark.usefixtures("bank")
def test_invoice_of_a_form_names_nobody(http: FlaskClient, app: App, do: Do) -> None:
    first = send(http)
    [client] = records(app, Client)

    assert client.name == "Ирина"
    assert "Ирина" not in opened(app, token_of(first))


@pytest.mark.usefixtures("bank")
def test_client_with_an_open_deal_gets_the_same_invoice_again_and_another_for_other_goods(
    http: FlaskClient, app: App, do: Do, clock: FixedClock
) -> None:
    do("product.add", sku="D-1", name="Договор", price_minor=1_500_000)
    first = send(http)
    clock.advance(timedelta(hours=1))
    again = send(http, message="потерял ссылку")
    do("form.edit", form="order", products=["D-1"])
    other = [send(http, message="и договор") for _ in range(2)]

    assert again["invoice"]["number"] == first["invoice"]["number"]
    assert other[0]["invoice"] == other[1]["invoice"] != first["invoice"]
    assert sorted(it.amount_minor for it in records(app, Deal)) == [300_000, 1_500_000]
    assert {it.owner_id for it in records(app, Deal)} == {"st_anna"}


@pytest.mark.usefixtures("bank")
def test_form_without_goods_makes_no_second_deal_of_a_client(
    http: FlaskClient, app: App, do: Do
) -> None:
    do("form.edit", form="order", products=[], create_invoice=False)

    assert [send(http, message=it)["ok"] for it in "ab"] == [True, True]
    assert len(records(app, Deal)) == 1


class Till:
    """A payment service that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Bill] = []
        self.error: KartotekaError | None = None

    def page(self, account: Account, bill: Bill) -> str:
        assert account.api == KEYS
        if self.error is not None:
            raise self.error
        self.asked.append(bill)
        return "https://pay.example/1"


@pytest.fixture
def till(app: App, do: Do) -> Till:
    connect(app)
    vars(app)["payments"] = made = Till()
    return made


def test_invoice_is_paid_online_through_the_connected_account(
    http: FlaskClient, app: App, till: Till
) -> None:
    answer = send(http)
    token = token_of(answer)

    page = opened(app, token)
    replies = [pay(Call("GET", ("d", token, "pay")), app, token) for _ in range(2)]

    assert f'href="{token}/pay"' in page
    assert {(it.status, it.headers["location"]) for it in replies} == {
        (303, "https://pay.example/1")
    }
    one, again = till.asked
    assert (one.number, one.amount_minor) == (answer["invoice"]["number"], 300_000)
    assert one.back == answer["invoice"]["url"]
    assert one.key == again.key


@pytest.mark.parametrize("error", [ProviderDown("down"), ConfigError("wrong keys")])
def test_service_that_does_not_take_the_money_is_told_kindly(
    http: FlaskClient, app: App, till: Till, error: KartotekaError
) -> None:
    token = token_of(send(http))
    till.error = error

    reply = pay(Call("GET", ("d", token, "pay")), app, token)

    assert reply.status == 503
    assert "сейчас недоступна" in reply.body.decode()
    assert f'href="../{token}"' in reply.body.decode()


def test_nothing_is_paid_at_a_strange_address_or_twice(
    http: FlaskClient, app: App, till: Till, do: Do
) -> None:
    token = token_of(send(http))
    do("paper.void", paper=records(app, SalesPaper)[0].id)

    void = pay(Call("GET", ("d", token, "pay")), app, token)
    strange = pay(Call("GET", ("d", "x", "pay")), app, "x")

    assert (void.status, void.headers["location"]) == (303, f"../{token}")
    assert (strange.status, till.asked) == (404, [])
