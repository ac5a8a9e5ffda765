"""A rule makes an offer or an invoice of a deal, once per firing."""

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import DAY, OLGA, RULE

from kartoteka.domain.ids import derived
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.ports import Query
from kartoteka.services.office import Desk


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def papers(office: Ruled) -> list[SalesPaper]:
    found = office.desk.store.query(Query(SalesPaper.collection))
    return sorted((SalesPaper.model_validate(it.doc) for it in found), key=lambda it: it.what)


@pytest.mark.parametrize(
    "words", ["документ счёт; документ КП", "document invoice; make document offer"]
)
def test_rule_makes_the_papers_it_names_as_drafts(office: Ruled, words: str) -> None:
    office.rules(rule("изменилась заметка сделки", words))
    deal = office.new_deal(office.clock)
    office.do(RULE, "deal.edit", deal=deal.id, amount_minor=100, note="счёт!")
    office.work()

    assert [(it.what, it.deal_id, it.state) for it in papers(office)] == [
        ("invoice", deal.id, "draft"),
        ("offer", deal.id, "draft"),
    ]
    assert [it.state for it in office.firings()] == ["done"]


def test_firing_handed_over_twice_makes_one_paper(office: Ruled) -> None:
    office.rules(rule("изменилась заметка сделки", "документ счёт"))
    deal = office.new_deal(office.clock)
    office.do(RULE, "deal.edit", deal=deal.id, amount_minor=100, note="счёт!")
    office.work()
    (firing,) = office.firings()
    office.act(firing.id)

    (made,) = papers(office)
    assert (made.id, made.number) == (derived("pp", firing.id, "0"), 1)


def test_deal_without_an_amount_parks_the_firing_and_takes_no_number(office: Ruled) -> None:
    office.rules(rule("изменилась заметка сделки", "документ счёт"))
    deal = office.new_deal(office.clock)
    office.do(RULE, "deal.edit", deal=deal.id, note="счёт!")
    office.work()

    assert papers(office) == []
    assert [(it.state, it.why) for it in office.firings()] == [("parked", "paper_no_amount")]


def test_document_about_a_request_is_passed_over(office: Ruled) -> None:
    office.rules(rule("новая заявка", "документ КП"))
    office.form(phone="+79160000005")
    office.work()

    assert [(it.state, it.why) for it in office.firings()] == [("skipped", "rule_wrong_record")]


@pytest.mark.parametrize("paid", [0, 100])
def test_reminder_of_an_invoice_falls_due_with_it_unless_it_is_paid(
    office: Ruled, paid: int
) -> None:
    due = "оплачено < сумма"
    office.rules(rule("наступил срок оплаты", "задача «Напомнить» ответственному", condition=due))
    deal = office.new_deal(office.clock)
    office.do(RULE, "deal.edit", deal=deal.id, amount_minor=100)
    made = office.do(OLGA, "paper.make", deal=deal.id, what="invoice", send=True).paper
    office.work()
    if paid:
        office.do(RULE, "deal.pay", deal=deal.id, amount_minor=paid, reference="1")
    office.pass_time(made.due - office.clock.now() + DAY, step=DAY)

    assert len(office.given("Напомнить")) == (0 if paid else 1)
