"""Why a rule changed a record is told in words, years after."""

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import DAY, VIKTOR

from kartoteka.domain.change import Change
from kartoteka.ports import Query
from kartoteka.services.firing_story import Stories
from kartoteka.services.office import Desk
from kartoteka.services.unit import LOG


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def stories(office: Ruled) -> list[str]:
    """What is told of the changes that rules made, the oldest first."""
    teller = Stories(office.desk.store, office.desk.settings())
    entries = [Change.model_validate(hit.doc) for hit in office.desk.store.query(Query(LOG))]
    told = (teller.of(it.cause) for it in sorted(entries, key=lambda it: it.at))
    return [it for it in dict.fromkeys(told) if it]


def test_a_change_by_a_rule_tells_the_rule_what_it_saw_and_who_woke_it(office: Ruled) -> None:
    office.rules(
        rule("сумма сделки достигла 500 000 ₽", "тег «крупная»", id="large", name="Крупная",
             condition="название сделки не пусто и срок оплаты пусто и сумма > 1 ₽")
    )  # fmt: skip
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=60_000_000)
    office.work()

    (told,) = stories(office)

    assert told.startswith("Правило «Крупная», версия 1. Когда: сумма сделки достигла 500 000 ₽. ")
    assert "Видело: сумма сделки = 600 000 ₽; " in told
    assert "название сделки = …" in told
    assert "пусто" in told
    assert "Причина: 23.11.2026 " in told
    assert "Виктор" in told
    assert "(command:deal.edit)" in told


def test_a_rule_of_time_and_one_changed_since_are_told_too(office: Ruled) -> None:
    office.rules(
        rule("через 1 день после создания сделки", "тег «день»", id="day", version=1),
        rule("каждый день в 18:00 по сделкам", "тег «вечер»", id="evening"),
    )
    office.new_deal(office.clock)
    office.pass_time(2 * DAY)
    office.change_office(rules=(rule("новая сделка", "тег «день»", id="day", version=2),))

    told = stories(office)

    assert any(it.startswith("Правило «day», версия 1. Причина: вышел срок") for it in told)
    assert any("Причина: час по расписанию, 23.11.2026 18:00." in it for it in told)


@pytest.mark.parametrize("when", ["сумма сделки достигла 500 000 ₽", "изменилась сумма сделки"])
def test_a_rule_woken_by_a_field_remembers_its_value(office: Ruled, when: str) -> None:
    office.rules(rule(when, "тег «крупная»", id="large"))
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=60_000_000)
    office.work()

    (firing,) = office.firings("large")

    assert firing.facts == {"deal.amount_minor": 60_000_000}


def test_a_rule_woken_by_a_rule_names_it(office: Ruled) -> None:
    office.rules(
        rule("новая сделка", "тег «первый»", id="first", name="Первое"),
        rule("сделка получила тег «первый»", "тег «второй»", id="second", name="Второе"),
    )
    office.new_deal(office.clock)
    office.work()

    told = [it for it in stories(office) if "«Второе»" in it]

    assert told
    assert all(it.endswith("это сделало правило «Первое».") for it in told)


def test_what_no_rule_did_has_no_story(office: Ruled) -> None:
    office.new_deal(office.clock)

    assert stories(office) == []
    assert Stories(office.desk.store, office.desk.settings()).of("firing:1:fr_gone") == ""
