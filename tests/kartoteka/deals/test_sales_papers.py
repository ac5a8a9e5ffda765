"""Offers and invoices of a deal: made, sent, answered, paid and voided, each by who may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, DINA, INNA, OLGA, VIKTOR, Play

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.payment import PaymentFact, PaymentTold, payment_id
from kartoteka.domain.sales_paper import PaperNumbers, SalesPaper, mark_of, without_addresses
from kartoteka.domain.visibility import visible
from kartoteka.ports import Query
from kartoteka.services.paper_links import opened, with_addresses
from kartoteka.services.read import Look
from kartoteka.services.record_inbound import record

PRICE = 1_000_000
DAY = timedelta(days=1)


def refused(code: str):
    return pytest.raises((NotAllowed, Invalid, Conflict), check=lambda exc: exc.code == code)


@pytest.fixture
def deal(play: Play, clock: FixedClock) -> Deal:
    """Anna's deal of ten thousand roubles, in one position with a cost."""
    made = play.new_deal(clock)
    line = {"name": "Иск", "price_minor": PRICE, "cost_minor": 300_000}
    play.do(SYSTEM, "deal.line_add", deal=made.id, **line)
    return play.deal(made.id)


def papers(play: Play) -> list[SalesPaper]:
    found = play.desk.store.query(Query(SalesPaper.collection))
    return [SalesPaper.model_validate(hit.doc) for hit in found]


def paper(play: Play, name: str) -> SalesPaper:
    return SalesPaper.model_validate(play.desk.store.get(SalesPaper.collection, name))


def made(play: Play, deal: Deal, what: str = "invoice", **given: Any) -> SalesPaper:
    return play.do(OLGA, "paper.make", deal=deal.id, what=what, **given).paper


def sent(play: Play, deal: Deal, what: str = "invoice", **given: Any) -> SalesPaper:
    return play.do(OLGA, "paper.send", paper=made(play, deal, what, **given).id).paper


def money(play: Play, name: str, minor: int, *numbers: str, **told: Any) -> PaymentFact:
    """A payment service tells of money."""
    given = {"what": "succeeded", "amount_minor": minor, "currency": "RUB", "numbers": numbers}
    play.calls += 1
    event = Inbound(
        id=InboundId(f"in_m{play.calls}"),
        channel="stripe",
        account="a1",
        event_id=f"m{play.calls}",
        what=Kind.PAYMENT,
        at=play.desk.now(),
        received_at=play.desk.now(),
        payment=PaymentTold.model_validate({"id": name, **given, **told}),
    )
    record(play.desk, event)
    doc = play.desk.store.get("payments", payment_id("stripe", "a1", name))
    return PaymentFact.model_validate(doc)


def test_invoice_copies_the_deal_and_leaves_out_what_it_costs(play: Play, deal: Deal) -> None:
    invoice = made(play, deal, subject="Ведение дела", text="НДС не облагается")

    assert (invoice.number, invoice.version, invoice.state) == (1, 1, "draft")
    assert invoice.label == f"{play.desk.now().year}-1"
    assert (invoice.total_minor, invoice.currency, invoice.payer) == (PRICE, "RUB", "person")
    [line] = invoice.lines
    assert (line.name, line.price_minor, line.cost_minor) == ("Иск", PRICE, None)
    assert (invoice.subject, invoice.text) == ("Ведение дела", "НДС не облагается")
    assert play.deal(deal.id).invoice_due == invoice.due
    assert "invoice" not in play.deal(deal.id).evidence


def test_usual_time_to_pay_is_what_the_office_says(play: Play, deal: Deal) -> None:
    hours, today = play.desk.settings().office.work, play.desk.now()
    days = [it for it in range(1, 30) if hours.is_working_day((today + it * DAY).date())]
    assert (made(play, deal).due - today).days == days[4]

    play.do(OLGA, "paper.set", invoice_days=2)
    other = play.do(OLGA, "deal.create", name="Другая", client=deal.client_id, deal_type="Суд")
    play.do(OLGA, "deal.edit", deal=other.id, amount_minor=5)

    assert (made(play, other).due - today).days == days[1]


def test_paper_made_twice_of_an_unchanged_deal_is_one_paper(play: Play, deal: Deal) -> None:
    first = made(play, deal)

    assert made(play, deal).id == first.id
    assert made(play, deal, text="Другое").version == 2
    assert [it.number for it in papers(play)] == [1, 2]


def test_paper_sent_twice_from_a_row_is_one_paper_until_its_time_is_over(
    play: Play, deal: Deal, clock: FixedClock
) -> None:
    given = {"deal": deal.id, "what": "offer", "send": True}
    first, again = (play.do(ANNA, "paper.make", **given).paper for _ in range(2))
    assert (again.id, again.sent_at) == (first.id, first.sent_at)
    clock.advance(60 * DAY)

    assert play.do(ANNA, "paper.make", **given).paper.version == 2


def test_paper_of_a_deal_without_an_amount_says_what_to_do(play: Play, clock: FixedClock) -> None:
    blank = play.new_deal(clock)

    with refused("paper_no_amount"):
        made(play, blank)
    assert play.desk.store.get(PaperNumbers.collection, str(play.desk.now().year)) is None


def test_sent_papers_prove_what_the_stages_ask_for(play: Play, deal: Deal) -> None:
    with refused("proof_offer_file"):
        play.move(ANNA, deal, "wait")
    offer = sent(play, deal, "offer")

    assert play.move(ANNA, deal, "wait").stage == "wait"
    assert play.deal(deal.id).evidence["offer_file"] == offer.id
    invoice = sent(play, deal)
    assert play.deal(deal.id).evidence["invoice"] == invoice.id
    assert play.deal(deal.id).invoice_due == invoice.due


def test_paper_sent_again_is_the_same_with_an_address_that_lasts(
    play: Play, deal: Deal, clock: FixedClock
) -> None:
    first = sent(play, deal)
    clock.advance(30 * DAY)
    again = play.do(OLGA, "paper.send", paper=first.id)

    assert (again.paper.sent_at, again.paper.state) == (first.sent_at, "sent")
    assert again.paper.link_until == first.link_until + 30 * DAY
    assert again.state == "overdue"


def test_answer_to_an_offer_is_kept_and_may_change(play: Play, deal: Deal) -> None:
    offer = made(play, deal, "offer")
    with refused("paper_not_offered"):
        play.do(ANNA, "paper.accept", paper=offer.id)
    play.do(OLGA, "paper.send", paper=offer.id)

    assert play.do(ANNA, "paper.accept", paper=offer.id, accepted=False).paper.state == "declined"
    assert play.do(ANNA, "paper.accept", paper=offer.id).paper.state == "accepted"


def test_void_paper_keeps_its_number_and_proves_nothing(play: Play, deal: Deal) -> None:
    invoice = sent(play, deal)
    gone = play.do(INNA, "paper.void", paper=invoice.id, reason="не тот клиент")

    after = play.deal(deal.id)
    assert (gone.paper.state, gone.address) == ("void", "")
    assert ("invoice" in after.evidence, after.invoice_due) == (False, None)
    assert made(play, deal).number == 2
    with refused("paper_void"):
        play.do(INNA, "paper.send", paper=invoice.id)


def test_void_of_a_later_invoice_leaves_the_proof_of_the_earlier(play: Play, deal: Deal) -> None:
    first = sent(play, deal)
    second = sent(play, deal, text="Второй")
    play.do(INNA, "paper.void", paper=second.id)

    after = play.deal(deal.id)
    assert (after.evidence["invoice"], after.invoice_due) == (first.id, first.due)


def test_paper_made_and_sent_at_once_counts_what_came_before(play: Play, deal: Deal) -> None:
    play.do(SYSTEM, "deal.pay", deal=deal.id, amount_minor=400_000, reference="аванс")
    told = play.do(OLGA, "paper.make", deal=deal.id, what="invoice", send=True)

    assert paper(play, told.paper.id).state == "partly_paid"
    assert play.deal(deal.id).evidence["invoice"] == told.paper.id


def test_money_with_the_number_of_an_invoice_pays_it_in_parts_and_in_full(
    play: Play, deal: Deal
) -> None:
    invoice = sent(play, deal)
    first = money(play, "p1", 400_000, f"Счёт № {invoice.label}")

    assert (first.state, first.deal_id, first.paper_id) == ("matched", deal.id, invoice.id)
    assert (paper(play, invoice.id).state, paper(play, invoice.id).paid_minor) == (
        "partly_paid",
        400_000,
    )
    money(play, "p1", 400_000, invoice.label)  # told once more
    money(play, "p2", 600_000, invoice.label)
    after = play.deal(deal.id)
    assert (paper(play, invoice.id).state, paper(play, invoice.id).paid_minor) == ("paid", PRICE)
    assert (after.paid_minor, len(after.payments)) == (PRICE, 2)


def test_refund_takes_the_money_off_the_invoice_too(play: Play, deal: Deal) -> None:
    invoice = sent(play, deal)
    money(play, "p1", PRICE, invoice.label)
    money(play, "p1", 300_000, what="refunded", refund="r1")

    assert (paper(play, invoice.id).state, paper(play, invoice.id).paid_minor) == (
        "partly_paid",
        700_000,
    )
    assert play.deal(deal.id).paid_minor == 700_000


def test_payment_written_down_by_hand_counts_for_the_invoice(play: Play, deal: Deal) -> None:
    invoice = sent(play, deal)
    play.do(INNA, "deal.pay", deal=deal.id, amount_minor=PRICE, reference="п/п 12")

    assert paper(play, invoice.id).state == "paid"
    with refused("paper_paid"):
        play.do(INNA, "paper.void", paper=invoice.id)


def test_money_that_came_before_the_invoice_counts_when_it_is_sent(play: Play, deal: Deal) -> None:
    play.do(SYSTEM, "deal.pay", deal=deal.id, amount_minor=PRICE, reference="аванс")

    assert paper(play, sent(play, deal).id).state == "paid"


def test_number_of_an_invoice_and_of_another_deal_waits_for_a_person(
    play: Play, deal: Deal
) -> None:
    other = play.do(OLGA, "deal.create", name="Другая", client=deal.client_id, deal_type="Суд")

    fact = money(play, "p1", 5, sent(play, deal).label, other.id)

    assert (fact.state, fact.why) == ("unmatched", "payment_many_deals")


def test_money_for_a_void_invoice_waits_for_a_person(play: Play, deal: Deal) -> None:
    invoice = sent(play, deal)
    play.do(INNA, "paper.void", paper=invoice.id)

    assert money(play, "p1", 5, invoice.label).why == "payment_no_deal"


def test_payment_taken_off_by_the_accountant_opens_the_invoice_again(
    play: Play, deal: Deal
) -> None:
    invoice = sent(play, deal)
    fact = money(play, "p1", PRICE, invoice.label)
    play.do(INNA, "payment.reopen", payment=fact.id, reason="чужие деньги")

    assert (paper(play, invoice.id).state, paper(play, invoice.id).paid_minor) == ("sent", 0)


@pytest.mark.parametrize(
    ("who", "what"), [(ANNA, "invoice"), (BORIS, "offer"), (DINA, "offer"), (INNA, "offer")]
)
def test_paper_is_made_by_nobody_whose_role_forbids_it(
    play: Play, deal: Deal, who: Any, what: str
) -> None:
    with pytest.raises(NotAllowed):
        play.do(who, "paper.make", deal=deal.id, what=what)
    assert papers(play) == []


def test_accountant_makes_and_sends_invoices_of_invoiced_deals(play: Play, deal: Deal) -> None:
    made(play, deal)
    again = play.do(INNA, "paper.make", deal=deal.id, what="invoice", text="повторно")

    assert again.paper.author_id == "st_inna"
    assert again.address.startswith("/api/d/pp_")


def test_manager_makes_an_offer_and_learns_neither_price_nor_address(
    play: Play, deal: Deal
) -> None:
    told = play.do(ANNA, "paper.make", deal=deal.id, what="offer")
    told = play.do(ANNA, "paper.send", paper=told.paper.id)
    within = play.desk.settings()

    assert (told.address, told.state) == ("", "")
    shown = visible(ANNA, told.paper, within=within, now=play.desk.now(), via=play.deal(deal.id))
    assert shown["sent_at"] is True
    assert not {"lines", "total_minor"} & {k for k, v in shown.items() if not isinstance(v, bool)}
    [seen] = Look(play.desk.store, within, VIKTOR, play.desk.now()).seen([told.paper])
    assert seen["total_minor"] == PRICE


def test_paper_of_a_foreign_client_is_not_shown_to_a_manager(play: Play, deal: Deal) -> None:
    offer = sent(play, deal, "offer")

    assert visible(BORIS, offer, within=play.desk.settings()) == {"id": offer.id}
    with refused("not_yours"):
        play.do(BORIS, "paper.list", deal=deal.id)


def test_stale_act_is_refused(play: Play, deal: Deal, clock: FixedClock) -> None:
    offer = made(play, deal, "offer")
    clock.advance(DAY)
    play.do(OLGA, "paper.send", paper=offer.id)

    with refused("stale"):
        play.do(OLGA, "paper.void", paper=offer.id, expected=offer.updated_at)


def test_words_to_a_client_open_only_their_own_papers(play: Play, deal: Deal) -> None:
    draft = made(play, deal)
    kept = f"Счёт: {mark_of(draft.id)}"
    assert with_addresses(play.desk, kept, deal.client_id) == kept

    invoice = play.do(OLGA, "paper.send", paper=draft.id).paper
    assert with_addresses(play.desk, kept, "cl_other") == kept
    words = with_addresses(play.desk, kept, deal.client_id)
    assert opened(play.desk.store, words.rpartition("/")[2], play.desk.now()).id == invoice.id
    assert without_addresses(f"эхо: {words}") == f"эхо: {kept}"


FORGED: tuple[Callable[[str], str], ...] = (
    lambda token: token[:-1] + "0g"[token[-1] == "0"],
    lambda token: token[:-1] + "01"[token[-1] == "0"],
    lambda token: token + "0",
    lambda token: token.replace("pp_", "pq_"),
    lambda _token: "",
    str.upper,
)


@pytest.mark.parametrize("change", FORGED)
def test_address_that_we_never_made_opens_nothing(
    play: Play, deal: Deal, change: Callable[[str], str]
) -> None:
    address = play.do(OLGA, "paper.send", paper=made(play, deal).id).address

    with pytest.raises(NotFound):
        opened(play.desk.store, change(address.rpartition("/")[2]), play.desk.now())


def test_address_ends_after_ninety_days(play: Play, deal: Deal, clock: FixedClock) -> None:
    token = play.do(OLGA, "paper.send", paper=made(play, deal).id).address.rpartition("/")[2]
    clock.advance(90 * DAY - timedelta(seconds=1))
    assert opened(play.desk.store, token, play.desk.now())
    clock.advance(timedelta(seconds=1))

    with pytest.raises(NotFound):
        opened(play.desk.store, token, play.desk.now())


def test_papers_made_at_once_have_numbers_without_gaps(play: Play, deal: Deal) -> None:
    names = [
        play.do(OLGA, "deal.create", name=f"С{at}", client=deal.client_id, deal_type="Суд").id
        for at in range(8)
    ]
    for name in names:
        play.do(OLGA, "deal.edit", deal=name, amount_minor=100)

    def invoiced(name: str) -> int:
        return int(play.do(OLGA, "paper.make", deal=name, what="invoice").paper.number)

    with ThreadPoolExecutor(4) as threads:
        numbers = list(threads.map(invoiced, names))

    assert sorted(numbers) == list(range(1, 9))


@pytest.mark.parametrize("kind", ["deal", "client"])
def test_papers_of_what_is_deleted_are_void_and_come_back_with_it(
    play: Play, deal: Deal, kind: str
) -> None:
    invoice = sent(play, deal)
    gone = {"deal": deal.id, "client": deal.client_id}[kind]
    play.do(OLGA, f"{kind}.delete", **{kind: gone}, reason="по ошибке")
    assert paper(play, invoice.id).state == "void"

    (batch,) = (hit.id for hit in play.desk.store.query(Query("batches")))
    play.do(OLGA, "batch.undo", batch=batch)
    assert (paper(play, invoice.id).state, play.deal(deal.id).id) == ("sent", deal.id)
