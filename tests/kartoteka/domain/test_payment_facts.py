"""One payment told in pieces: the order does not matter, nothing counts twice."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.errors import Invalid
from kartoteka.domain.payment import PaymentFact, PaymentTold, heard, payment_id
from kartoteka.domain.payment_match import Candidate, check_waits, choose, exceeds

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SUMS = st.integers(0, 1_000)
TOLD = st.one_of(
    st.builds(lambda it: told("succeeded", it), SUMS),
    st.builds(lambda it, name: told("refunded", it, refund=name), SUMS, st.sampled_from("abc")),
    st.builds(lambda it: told("refunded", it), SUMS),
    st.sampled_from(("asked", "canceled", "refunded")).map(lambda what: told(what, None)),
)


def told(what: Any, amount: int | None = 1_000, **more: Any) -> PaymentTold:
    return PaymentTold(id="p1", what=what, amount_minor=amount, **{"currency": "RUB"} | more)


def fact(**update: Any) -> PaymentFact:
    given = {
        "id": payment_id("stripe", "a", "p1"),
        "channel": "stripe",
        "account": "a",
        "external": "p1",
        "at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return PaymentFact.model_validate({**given, **update})


def after(events: list[PaymentTold]) -> PaymentFact:
    known = fact()
    for event in events:
        known = heard(known, event)
    return known


def deal(**update: Any) -> Deal:
    given = {
        "id": "dl_1",
        "name": "Иск",
        "pipeline": "deals_law",
        "stage": "pay",
        "stage_entered_at": NOW,
        "amount_minor": 1_000,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Deal.model_validate({**given, **update})


@given(st.lists(TOLD, max_size=6), st.randoms())
def test_events_in_any_order_and_told_again_make_one_payment(
    events: list[PaymentTold], dice: Any
) -> None:
    mixed = [*events, *events]
    dice.shuffle(mixed)

    assert after(mixed) == after(events)


@given(st.lists(TOLD, max_size=6))
def test_what_is_left_is_never_negative_and_never_more_than_came(
    events: list[PaymentTold],
) -> None:
    known = after(events)

    assert 0 <= known.net_minor <= known.amount_minor


def test_refunds_by_parts_each_count_once_in_every_order() -> None:
    events = [
        told("succeeded", 1_000),
        told("refunded", 200, refund="r1"),
        told("refunded", 300, refund="r2"),
        told("refunded", 200, refund="r1"),
    ]

    assert {after(list(order)).net_minor for order in permutations(events)} == {500}


@pytest.mark.parametrize(
    ("events", "money", "net"),
    [
        ([told("asked", None)], "", 0),
        ([told("succeeded")], "succeeded", 1_000),
        ([told("succeeded"), told("refunded", 400)], "refunded", 600),
        ([told("refunded", None), told("succeeded")], "refunded", 0),
        ([told("canceled", None), told("succeeded")], "canceled", 0),
        ([told("refunded", 400)], "refunded", 0),
    ],
)
def test_payment_says_what_became_of_its_money(
    events: list[PaymentTold], money: str, net: int
) -> None:
    known = after(events)

    assert (known.money, known.net_minor) == (money, net)


@pytest.mark.parametrize(
    ("numbers", "candidates", "why"),
    [
        ((), [Candidate(deal())], "payment_no_number"),
        (("x",), [], "payment_no_deal"),
        (("x",), [Candidate(deal()), Candidate(deal(id="dl_2"))], "payment_many_deals"),
        (("x",), [Candidate(deal(), told=True)], "payment_told_by_shop"),
        (("x",), [Candidate(deal(currency="USD"))], "payment_currency"),
        (("x",), [Candidate(deal(state="lost"))], "payment_deal_lost"),
        (("x",), [Candidate(deal(amount_minor=999))], "payment_over"),
        (("x",), [Candidate(deal(paid_minor=1))], "payment_over"),
        (("x",), [Candidate(deal()), Candidate(deal())], ""),
        (("x",), [Candidate(deal(amount_minor=0))], ""),
    ],
)
def test_only_a_payment_without_any_doubt_finds_its_deal(
    numbers: tuple[str, ...], candidates: list[Candidate], why: str
) -> None:
    paid = fact(numbers=numbers, currency="RUB", amount_minor=1_000)
    found, doubt = choose(paid, candidates)

    assert doubt == why
    assert (found is None) == bool(why)


def test_money_that_stands_in_the_deal_already_is_not_owed_twice() -> None:
    paid = fact(amount_minor=1_000)
    own = Payment(reference=paid.reference, amount_minor=1_000, at=NOW)

    assert not exceeds(paid, deal(payments=(own,), paid_minor=1_000))
    assert exceeds(fact(external="p2", amount_minor=1), deal(payments=(own,), paid_minor=1_000))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("unchecked", "payment_unchecked"),
        ("matched", "payment_decided"),
        ("void", "payment_decided"),
        ("dismissed", "payment_decided"),
    ],
)
def test_only_a_payment_that_waits_is_decided(state: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_waits(fact(state=state))

    assert refused.value.code == code
