"""What rules do to records and people, through the log, the queue and the services."""

from datetime import timedelta

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock

from kartoteka.services.office import Desk


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def test_a_new_deal_gives_the_task_that_its_rule_names(office: Ruled) -> None:
    office.rules(rule("новая сделка", "задача «Проверить договор» руководителю через 2 часа"))

    deal = office.new_deal(office.clock)
    office.work()

    (task,) = office.given("Проверить договор")
    assert (task.assignee_id, task.deal_id) == ("st_viktor", deal.id)
    assert task.due_at == office.clock.now() + timedelta(hours=2)
    (firing,) = office.firings()
    assert (firing.state, firing.about, firing.record_id) == ("done", "deal", deal.id)
    assert firing.cause.startswith("change:")
    assert firing.outcomes[0].state == "done"
