"""Fiscal receipts: they move no money and stand where their payment stands."""

from itertools import permutations
from typing import Any

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import INNA, OLGA, Play
from tests.kartoteka.services.test_payments import fact, tell

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.payment import Receipt
from kartoteka.services.forget import forget
from kartoteka.services.office import Desk

RECEIPT = Receipt(id="p1:1207:in", number="1207", link="https://receipts.example/1207")


@pytest.fixture
def play(desk: Desk) -> Play:
    return Play(desk)


@pytest.fixture
def deal(play: Play, clock: FixedClock) -> Deal:
    made = play.new_deal(clock)
    play.do(SYSTEM, "deal.edit", deal=made.id, amount_minor=1_000_000)
    return play.deal(made.id)


@pytest.mark.parametrize("order", list(permutations(("succeeded", "receipt", "refunded"))))
def test_receipt_stands_where_its_payment_is_whatever_came_first(
    play: Play, deal: Deal, order: tuple[str, ...]
) -> None:
    for what in (*order, *order):
        more: dict[str, Any] = {"amount": 400_000} if what == "succeeded" else {"amount": None}
        more |= {"receipt": RECEIPT} if what == "receipt" else {}
        tell(play, what, **more, numbers=(deal.id,))

    assert fact(play).receipts == (RECEIPT,)
    stands = order.index("succeeded") < order.index("refunded")
    assert play.deal(deal.id).receipts == ((RECEIPT,) if stands else ())


def test_receipt_leaves_with_a_match_taken_back(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,))
    tell(play, "receipt", None, receipt=RECEIPT)
    with_it = play.deal(deal.id).receipts
    play.do(INNA, "payment.reopen", payment=fact(play).id, reason="не тот договор")

    assert (with_it, play.deal(deal.id).receipts) == ((RECEIPT,), ())
    assert fact(play).receipts == (RECEIPT,)
    assert play.deal(deal.id).paid_minor == 0


def test_page_of_a_receipt_is_forgotten_with_its_buyer(play: Play, deal: Deal) -> None:
    tell(play, numbers=(deal.id,))
    tell(play, "receipt", None, receipt=RECEIPT)

    forget(play.desk, OLGA, str(deal.client_id), cause="test")

    log = str([entry.doc for entry in play.desk.store.read_log("changes", None, 1000)])
    assert [it.number for it in (*fact(play).receipts, *play.deal(deal.id).receipts)] == [
        "1207"
    ] * 2
    assert RECEIPT.link not in f"{fact(play)} {play.deal(deal.id)} {log}"
