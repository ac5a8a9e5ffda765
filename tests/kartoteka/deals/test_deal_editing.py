"""Deals edited: fields, lines and amounts, companies, the catalogue; hostile and wrong input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, INNA, VIKTOR, Play

from kartoteka.domain import company_numbers
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from kartoteka.domain.fields import FieldSpec
from kartoteka.domain.model import Line
from kartoteka.services import products


def refused(code: str):
    kinds = (NotAllowed, Invalid, Conflict, NotFound)
    return pytest.raises(kinds, check=lambda exc: exc.code == code)


def test_amount_follows_the_lines_until_a_person_sets_it(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    deal = play.do(VIKTOR, "deal.line_add", deal=deal.id, name="Иск", price_minor=1_000_00)
    deal = play.do(
        VIKTOR,
        "deal.line_add",
        deal=deal.id,
        name="Час",
        price_minor=333,
        quantity_milli=1500,
        discount_bp=1000,
    )
    assert deal.amount_minor == 100_000 + 450  # 499.5 less a tenth: 449.55, half up

    by_hand = play.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=7)
    added = play.do(VIKTOR, "deal.line_add", deal=deal.id, name="Ещё", price_minor=5)
    summed = play.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=None)

    assert (by_hand.amount_minor, by_hand.amount_by_hand) == (7, True)
    assert (added.amount_minor, summed.amount_minor) == (7, 100_455)
    assert summed.amount_by_hand is False


def test_line_is_changed_and_removed_by_its_name(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    deal = play.do(VIKTOR, "deal.line_add", deal=deal.id, name="Иск", price_minor=10)
    [line] = deal.lines
    changed = play.do(VIKTOR, "deal.line_change", deal=deal.id, line=line.id, quantity_milli=3000)
    gone = play.do(VIKTOR, "deal.line_remove", deal=deal.id, line=line.id)

    assert (changed.amount_minor, gone.amount_minor, gone.lines) == (30, 0, ())
    with refused("line_unknown"):
        play.do(VIKTOR, "deal.line_remove", deal=deal.id, line=line.id)


def test_line_takes_price_and_cost_from_the_catalogue(play: Play, clock: FixedClock) -> None:
    product = play.do(VIKTOR, "product.add", sku="K1", name="Иск", price_minor=100)
    play.do(INNA, "product.edit", product=product.id, cost_minor=60)
    deal = play.new_deal(clock, lines=[{"product": product.id}])
    deal = play.do(VIKTOR, "deal.line_add", deal=deal.id, product=product.id, price_minor=90)

    assert [(line.name, line.price_minor, line.cost_minor) for line in deal.lines] == [
        ("Иск", 100, 60),
        ("Иск", 90, 60),
    ]
    play.do(VIKTOR, "product.edit", product=product.id, active=False)
    with refused("product_unknown"):
        play.do(ANNA, "deal.line_add", deal=deal.id, product=product.id)
    with refused("line_empty"):
        play.do(ANNA, "deal.line_add", deal=deal.id, name="Без цены")


def test_who_sees_no_money_sets_none(play: Play, clock: FixedClock) -> None:
    stored = play.qualified(clock)
    priced = {"name": "Иск", "price_minor": 1}
    made = {"lead": stored.lead_id, "deal_type": "Наследство"}
    for money in ({"amount_minor": 1}, {"lines": [priced]}):
        with refused("field_closed"):
            play.do(ANNA, "lead.convert", **made, **money)
    with refused("field_closed"):
        play.do(ANNA, "lead.lines", lead=stored.lead_id, lines=[priced])
    deal = play.do(ANNA, "lead.convert", **made)

    for command, given_fields in [
        ("deal.edit", {"amount_minor": 1}),
        ("deal.edit", {"contractor_cost_minor": 1}),
        ("deal.line_add", priced),
        ("deal.attach", {"kind": "invoice", "ref": "drive:i"}),
    ]:
        with refused("field_closed"):
            play.do(ANNA, command, deal=deal.id, **given_fields)
    with refused("field_closed"):
        play.do(ANNA, "product.add", sku="1", **priced)


def test_office_s_own_field_is_read_by_its_type_and_wanted_by_its_stage(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    court = FieldSpec(
        id="court",
        entity="deal",
        name="Суд",
        type="list",
        values=("Мосгорсуд", "Арбитраж"),
        required_from="again",
        edit_roles=("manager", "head"),
    )
    office = play.desk.settings().office.model_copy(update={"fields": (court,)})
    play.desk.store.run(lambda tx: tx.put("settings", "office", office.model_dump(mode="json")))
    play.desk.settings.forget()
    with refused("stage_requires") as raised:
        play.move(ANNA, deal, "again")
    assert raised.value.fields == {"fields.court": "required"}
    with refused("field_list"):
        play.do(ANNA, "deal.edit", deal=deal.id, fields={"court": "Гаага"})

    play.do(ANNA, "deal.edit", deal=deal.id, fields={"court": "арбитраж"})

    assert play.move(ANNA, deal, "again").fields == {"court": "Арбитраж"}


def test_probability_is_the_stage_s_until_a_person_says(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    said = play.do(ANNA, "deal.edit", deal=deal.id, probability=55)

    assert (deal.probability, said.probability) == (None, 55)
    assert play.do(ANNA, "deal.edit", deal=deal.id, probability=None).probability is None


@pytest.mark.parametrize(
    "given_fields",
    [
        {"probability": 101},
        {"amount_minor": -1},
        {"amount_minor": 10**14},
        {"amount_minor": 1.5},
        {"currency": "rub"},
        {"visibility": "everybody"},
        {"expected_close": "2026-13-01"},
        {"expected_close": "2026-12-01T10:00"},
        {"name": ""},
        {"stage": "won"},
        {"locked": True},
    ],
)
def test_impossible_or_unknown_field_is_named(
    play: Play, clock: FixedClock, given_fields: dict[str, object]
) -> None:
    deal = play.new_deal(clock)

    with refused("command_fields") as raised:
        play.do(VIKTOR, "deal.edit", deal=deal.id, **given_fields)

    assert set(raised.value.fields) == set(given_fields)


def test_nulls_where_words_belong_are_refused(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)

    for name in ("name", "note", "visibility", "contractor"):
        with refused("field_empty"):
            play.do(VIKTOR, "deal.edit", deal=deal.id, **{name: None})


def test_edit_without_effect_writes_nothing(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    head = play.desk.store.log_head("changes")

    play.do(ANNA, "deal.edit", deal=deal.id, note=deal.note)

    assert play.desk.store.log_head("changes") == head


def test_deal_of_nobody_is_not_started(play: Play) -> None:
    with refused("stage_requires"):
        play.do(ANNA, "deal.create", name="Ничьё", deal_type="Наследство")
    with refused("pipeline_takes_no_deals"):
        play.do(ANNA, "deal.create", name="Найм", pipeline="hiring")
    with refused("pipeline_takes_no_deals"):
        play.do(ANNA, "deal.create", name="Лид", pipeline="leads_law")
    with refused("pipeline_unknown"):
        play.do(ANNA, "deal.create", name="Где", pipeline="nowhere")


def test_manager_starts_at_the_first_stage_only(play: Play, clock: FixedClock) -> None:
    client = play.qualified(clock).client_id
    named = {"name": "Дело", "client": client, "deal_type": "Наследство", "stage": "again"}

    with refused("stage_by_head"):
        play.do(ANNA, "deal.create", **named)
    assert play.do(VIKTOR, "deal.create", **named).stage == "again"


def test_company_is_one_per_tax_number(play: Play) -> None:
    first = play.do(VIKTOR, "company.add", name="Ромашка", inn="7707083893", kpp="773601001")
    branch = play.do(VIKTOR, "company.add", name="Филиал", inn="7707083893", kpp="540602001")

    assert first.id != branch.id
    with refused("company_known"):
        play.do(VIKTOR, "company.add", name="Ещё", inn="7707083893", kpp="773601001")
    with refused("company_known"):
        play.do(VIKTOR, "company.edit", company=branch.id, kpp="773601001")
    with refused("inn_invalid"):
        play.do(VIKTOR, "company.add", name="Ошибка", inn="7707083894")


def test_catalogue_is_searched_by_first_letters(play: Play) -> None:
    for sku, name in [("1", "Ёлка"), ("2", "елочка"), ("3", "Игрушка"), ("4", "Ель старая")]:
        play.do(VIKTOR, "product.add", sku=sku, name=name, price_minor=1)
    play.do(VIKTOR, "product.edit", product=products.search(play.desk, "ель")[0].id, active=False)

    assert [item.name for item in products.search(play.desk, " ЁЛ")] == ["Ёлка", "елочка"]
    with refused("sku_known"):
        play.do(VIKTOR, "product.add", sku="1", name="Другая", price_minor=1)


def test_new_price_is_a_new_version(play: Play) -> None:
    product = play.do(VIKTOR, "product.add", sku="1", name="Иск", price_minor=1)
    same = play.do(VIKTOR, "product.edit", product=product.id, name="Иск!")
    dearer = play.do(VIKTOR, "product.edit", product=product.id, price_minor=2)

    assert (same.price_version, dearer.price_version) == (1, 2)


@given(st.integers(1, 10**9), st.integers(0, 10**13), st.integers(0, 10_000))
def test_total_of_a_line_is_the_exact_product_rounded_half_up(
    quantity: int, price: int, discount: int
) -> None:
    line = Line(name="x", quantity_milli=quantity, price_minor=price, discount_bp=discount)
    exact = price * quantity * (10_000 - discount)

    assert abs(line.total_minor * 10**7 - exact) * 2 <= 10**7
    assert line.total_minor <= price * quantity // 1000 + 1


@given(st.text("0123456789", min_size=9, max_size=9))
def test_tax_number_with_a_wrong_digit_is_never_taken(start: str) -> None:
    taken = []
    for digit in "0123456789":
        try:
            taken.append(company_numbers.inn(start + digit))
        except Invalid:
            continue
    assert len(taken) == 1
