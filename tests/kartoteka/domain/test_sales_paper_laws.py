"""Laws of offers and invoices: sums, covering by money, numbers in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kartoteka.domain.deal import Deal, Payment
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Line
from kartoteka.domain.sales_paper import (
    PaperNumbers,
    SalesPaper,
    covered,
    labels_in,
    lines_of,
    standing,
    total,
    with_paid,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)
AMOUNTS = st.integers(1, 1_000_000)
LAW = settings(max_examples=40)


def deal(**told: Any) -> Deal:
    given: dict[str, Any] = {
        "id": "dl_1", "name": "Иск", "pipeline": "deals_law", "stage": "kp",
        "stage_entered_at": NOW, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Deal.model_validate(given | told)


def invoice(number: int, minor: int, **told: Any) -> SalesPaper:
    given: dict[str, Any] = {
        "id": f"pp_{number}", "what": "invoice", "year": 2026, "number": number,
        "label": f"2026-{number}", "deal_id": "dl_1", "lines": (), "total_minor": minor,
        "currency": "RUB", "due": NOW + DAY, "state": "sent", "sent_at": NOW,
        "link_until": NOW + DAY, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return SalesPaper.model_validate(given | told)


LINES = st.lists(
    st.builds(
        Line,
        name=st.just("Товар"),
        quantity_milli=st.integers(1, 5_000),
        price_minor=st.integers(0, 10_000_000),
        discount_bp=st.integers(0, 10_000),
        cost_minor=st.none() | st.integers(0, 1_000),
    ),
    max_size=4,
).map(tuple)


@LAW
@given(LINES, st.none() | AMOUNTS)
def test_lines_of_a_paper_always_add_up_to_the_amount_of_the_deal(
    lines: tuple[Line, ...], by_hand: int | None
) -> None:
    amount = total(lines) if by_hand is None else by_hand
    one = deal(lines=lines, amount_minor=amount, amount_by_hand=by_hand is not None)
    if not amount:
        with pytest.raises(Invalid, check=lambda exc: exc.code == "paper_no_amount"):
            lines_of(one, "Услуги")
        return

    listed = lines_of(one, "Услуги")

    assert total(listed) == amount
    assert all(line.cost_minor is None for line in listed)


@st.composite
def paid_deals(draw: st.DrawFn) -> tuple[Deal, list[SalesPaper]]:
    invoices = [
        invoice(
            number,
            draw(AMOUNTS),
            state=draw(st.sampled_from(["sent", "void", "draft"])),
            sent_at=draw(st.sampled_from([NOW, None])),
        )
        for number in range(1, draw(st.integers(1, 4)))
    ]
    names = ["", "pp_other", *(it.id for it in invoices)]
    payments = tuple(
        Payment(
            reference=f"p{at}",
            amount_minor=draw(AMOUNTS),
            at=NOW,
            paper_id=draw(st.sampled_from(names)),
        )
        for at in range(draw(st.integers(0, 4)))
    )
    paid = sum(it.amount_minor for it in payments)
    return deal(payments=payments, paid_minor=paid), invoices


@LAW
@given(paid_deals(), st.randoms())
def test_money_covers_invoices_once_whatever_its_order(
    made: tuple[Deal, list[SalesPaper]], chance: Any
) -> None:
    paid, invoices = made
    got = covered(paid, invoices)
    mixed = list(paid.payments)
    chance.shuffle(mixed)

    assert sum(got.values()) <= paid.paid_minor
    assert all(0 <= got[it.id] <= it.total_minor for it in invoices if it.state != "void")
    assert not {it.id for it in invoices if it.state == "void"} & got.keys()
    assert covered(paid.model_copy(update={"payments": tuple(mixed)}), invoices) == got


def test_named_invoice_gets_its_money_before_the_older_one() -> None:
    money = Payment(reference="p", amount_minor=700, at=NOW, paper_id="pp_2")

    got = covered(deal(payments=(money,)), [invoice(1, 1_000), invoice(2, 500)])

    assert got == {"pp_1": 200, "pp_2": 500}


def test_unnamed_money_never_goes_to_a_draft() -> None:
    money = Payment(reference="p", amount_minor=700, at=NOW)

    assert covered(deal(payments=(money,)), [invoice(1, 1_000, sent_at=None)]) == {"pp_1": 0}


@pytest.mark.parametrize(
    ("minor", "state"), [(0, "sent"), (1, "partly_paid"), (999, "partly_paid"), (1_000, "paid")]
)
def test_state_of_an_invoice_follows_from_its_money(minor: int, state: str) -> None:
    assert with_paid(invoice(1, 1_000), minor).state == state


@pytest.mark.parametrize(
    ("state", "what", "seen"),
    [
        ("sent", "invoice", "overdue"),
        ("partly_paid", "invoice", "overdue"),
        ("sent", "offer", "expired"),
        ("paid", "invoice", "paid"),
        ("accepted", "offer", "accepted"),
        ("draft", "invoice", "draft"),
    ],
)
def test_time_alone_makes_only_what_waits_overdue(state: str, what: str, seen: str) -> None:
    paper = invoice(1, 1_000, state=state, what=what)

    assert standing(paper, NOW) == state
    assert standing(paper, NOW + 2 * DAY) == seen


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ("2026-17", ("2026-17",)),
        ("Оплата по счёту № 2026 - 017 от 22.11", ("2026-17",)),
        ("2026-17 и 2026-18", ("2026-17", "2026-18")),
        ("2026-11-22", ()),
        ("12026-17", ()),
        ("17", ()),
        ("dl_bbybh20001bt09w5", ()),
    ],
)
def test_number_of_an_invoice_is_found_in_what_the_payer_wrote(
    said: str, labels: tuple[str, ...]
) -> None:
    assert labels_in([said]) == labels


@LAW
@given(st.lists(st.sampled_from(["offer", "invoice"]), max_size=20))
def test_numbers_of_each_kind_follow_each_other_without_gaps(wanted: list[Any]) -> None:
    numbers, taken = PaperNumbers(id="2026"), []
    for what in wanted:
        numbers = numbers.taken(what)
        taken.append((what, numbers.last[what]))

    for what in ("offer", "invoice"):
        mine = [number for kind, number in taken if kind == what]
        assert mine == list(range(1, len(mine) + 1))
