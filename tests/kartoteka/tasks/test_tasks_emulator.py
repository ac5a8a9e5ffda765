"""The same rules on Google's Firestore: reads before writes, declared queries, one winner."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, DAY, HOUR, MINUTE, VERA, VIKTOR, Work
from tests.kartoteka.tasks.test_routing_stories import changed

from automation import nightly
from kartoteka.domain.counters import Counters
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.routing_rules import RoutingRule
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


@pytest.fixture
def cloud(open_firestore) -> Work:
    """The law office on Firestore."""
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, read_preset("law_firm"))
    cache = SettingsCache(store, ttl_s=3600)
    return Work(Desk(store, tasks, clock, cache, Waker(tasks, clock)))


def test_of_two_at_once_one_takes_the_free_lead(cloud: Work) -> None:
    changed(cloud, cloud.desk.settings().office, routing=(RoutingRule(id="pool", pool=True),))
    lead = str(cloud.form(None).lead_id)

    def attempt(who):
        try:
            return cloud.do(who, "lead.take", lead=lead).owner_id
        except NotAllowed as exc:
            return exc.code

    with ThreadPoolExecutor(2) as pool:
        got = set(pool.map(attempt, [ANNA, BORIS]))

    assert got == {cloud.lead(lead).owner_id, "already_taken"}


def test_a_day_of_tasks_and_its_night(cloud: Work) -> None:
    lead = str(cloud.form(ANNA).lead_id)
    client = cloud.lead(lead).client_id
    given = {"name": "Договор", "client": client, "owner": ANNA.id, "deal_type": "Аудит"}
    deal = cloud.do(VIKTOR, "deal.create", **given)
    task = cloud.task(VIKTOR, deal=deal.id, due=cloud.after(HOUR))
    part = cloud.task(VIKTOR, parent=task.id, due=cloud.after(HOUR))
    assert cloud.do(VIKTOR, "task.counters") == Counters(today=2)
    with pytest.raises(Invalid, match="what is next"):
        cloud.do(VIKTOR, "task.finish", task=part.id)
    step = {"what": "call", "due_at": cloud.after(DAY)}
    cloud.do(VIKTOR, "task.finish", task=part.id, next=step)
    assert cloud.read(task).state == "done"
    assert cloud.deal(deal.id).next_action.what == "call"

    mine = cloud.task(ANNA, lead=lead, due=cloud.after(MINUTE))
    cloud.do(ANNA, "lead.hand_over", lead=lead, owner=VERA.id, reason="так надо")
    assert cloud.read(mine).assignee_id == VERA.id
    cloud.settle()

    assert nightly.run(cloud.desk)["unrepaired"] == 0
