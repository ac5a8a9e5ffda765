"""A conversion makes the offer and the invoice it was asked for, by who may."""

from typing import Any

from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, VIKTOR, Play

from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.ports import Query

PRICE = 1_000_000


def papers(play: Play) -> list[SalesPaper]:
    found = play.desk.store.query(Query(SalesPaper.collection))
    return [SalesPaper.model_validate(hit.doc) for hit in found]


def converted(play: Play, clock: FixedClock, who: Any, **given: Any) -> Any:
    lead = play.qualified(clock).lead_id
    return play.do(who, "lead.convert", lead=lead, deal_type="Наследство", **given)


def test_conversion_makes_the_papers_it_was_asked_for(play: Play, clock: FixedClock) -> None:
    asked = {"amount_minor": PRICE, "offer": True, "invoice": True}
    new = converted(play, clock, VIKTOR, **asked)

    offer, invoice = sorted(papers(play), key=lambda it: it.what != "offer")
    assert [(it.deal_id, it.number, it.total_minor) for it in (offer, invoice)] == [
        (new.id, 1, PRICE),
        (new.id, 1, PRICE),
    ]
    assert (new.invoice_due, new.next_action.what) == (invoice.due, "send_offer")
    play.do(VIKTOR, "lead.convert", lead=new.lead_id, deal_type="Наследство", **asked)
    assert len(papers(play)) == 2


def test_conversion_by_a_manager_makes_the_offer_and_asks_for_the_invoice(
    play: Play, clock: FixedClock
) -> None:
    product = play.do(VIKTOR, "product.add", sku="K", name="Иск", price_minor=PRICE)
    given = {"lines": [{"product": product.id}], "offer": True, "invoice": True}
    new = converted(play, clock, ANNA, **given)

    assert [it.what for it in papers(play)] == ["offer"]
    tasks = [hit.doc["what"] for hit in play.desk.store.query(Query("tasks"))]
    assert (new.next_action.what, "send_invoice" in tasks) == ("send_offer", True)


def test_conversion_without_an_amount_makes_steps_and_no_papers(
    play: Play, clock: FixedClock
) -> None:
    new = converted(play, clock, VIKTOR, offer=True, invoice=True)

    tasks = [hit.doc["what"] for hit in play.desk.store.query(Query("tasks"))]
    assert (new.next_action.what, "send_invoice" in tasks, papers(play)) == (
        "send_offer",
        True,
        [],
    )
