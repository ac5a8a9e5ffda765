"""Deals that rules lead from one pipeline into another, day by day on a virtual clock; D5."""

from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import DAY, HOUR, MINUTE, OLGA, VIKTOR

from kartoteka.domain.deal import Deal
from kartoteka.domain.firing import MOST_MOVES
from kartoteka.services.office import Desk

CALL_AGAIN = "сделка перешла на этап «Связаться повторно»"
FALLS_DUE = "сделка перешла на этап «Срок подходит»"
DEBT = "воронка «Дебиторская задолженность»"
SALES = "воронка «Сделки»"
LOOP = "rules_loop"


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    """The law office with the pipeline of debts in use."""
    office = ruled(desk, clock, tasks)
    office.do(OLGA, "pipeline.switch", pipeline="receivables", active=True)
    return office


def now(office: Ruled, deal: Deal) -> tuple[str, str]:
    found = office.deal(deal.id)
    return found.pipeline, found.stage


def test_a_deal_goes_to_the_other_pipeline_when_its_day_has_come(office: Ruled) -> None:
    office.rules(rule(CALL_AGAIN, f"{DEBT} этап «Просрочено»", after="3 дня", id="debt"))
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.move", deal=deal.id, stage="again")
    office.work()

    office.pass_time(2 * DAY, step=6 * HOUR)
    assert now(office, deal) == ("deals_law", "again")
    office.pass_time(DAY + HOUR, step=HOUR)
    assert now(office, deal) == ("receivables", "overdue")

    moved = office.deal(deal.id)
    (firing,) = office.firings("debt")
    assert [visit.stage for visit in moved.stage_log] == ["kp", "again", "overdue"]
    assert (moved.stage_log[-1].by, firing.state) == ("rule:debt", "done")
    assert moved.next_action is not None, "the next step of the new stage is there"


def test_a_deal_that_was_taken_up_meanwhile_stays_where_it_is(office: Ruled) -> None:
    office.rules(rule(CALL_AGAIN, DEBT, after="3 дня", condition="сумма = 0"))
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.move", deal=deal.id, stage="again")
    office.work()
    office.do(VIKTOR, "deal.edit", deal=deal.id, amount_minor=100)

    office.pass_time(4 * DAY, step=6 * HOUR)

    assert now(office, deal) == ("deals_law", "again")


def test_rules_that_toss_a_deal_between_pipelines_stop_until_an_hour_has_passed(
    office: Ruled,
) -> None:
    office.rules(
        rule(CALL_AGAIN, DEBT, id="there", owner_id="st_olga"),
        rule(FALLS_DUE, f"{SALES} этап «Связаться повторно»", id="back", owner_id="st_olga"),
    )
    deal = office.new_deal(office.clock)
    office.do(VIKTOR, "deal.move", deal=deal.id, stage="again")
    office.work()
    office.work()

    assert by_rules(office, deal) == MOST_MOVES
    assert [it.why for it in office.firings() if it.state == "parked"] == [LOOP]
    assert [it.staff_id for it in office.notices(f"notice_{LOOP}")] == ["st_olga"]

    stuck = now(office, deal)
    office.pass_time(50 * MINUTE, step=10 * MINUTE)
    assert now(office, deal) == stuck, "nothing wakes by itself"
    office.pass_time(timedelta(minutes=15), step=5 * MINUTE)
    (parked,) = (it for it in office.firings() if it.state == "parked")
    office.do(OLGA, "firing.repeat", firing=parked.id)
    office.work()
    assert MOST_MOVES < by_rules(office, deal) <= 2 * MOST_MOVES, "let go on, and stopped again"


def by_rules(office: Ruled, deal: Deal) -> int:
    return sum(visit.by.startswith("rule:") for visit in office.deal(deal.id).stage_log)
