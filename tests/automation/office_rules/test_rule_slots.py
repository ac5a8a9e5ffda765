"""Rules of an hour of the day wait as timers that are handed over once."""

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import MINUTE

from automation import engine
from kartoteka.services.office import Desk


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def test_an_hour_is_handed_over_by_the_first_tick_and_not_by_the_others(office: Ruled) -> None:
    office.rules(rule("каждый день в 18:00", "уведомить руководителя"))

    for _ in range(3):
        engine.tick(office.desk)
        office.clock.advance(MINUTE)

    assert len([it for it in office.tasks.queued if it.queue == "timers"]) == 1
