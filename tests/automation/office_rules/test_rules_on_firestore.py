"""Rules on Google's emulator: decided twice, delivered twice, done once."""

from collections.abc import Callable

import pytest
from tests.automation.office_rules.ruled_office import Outside, Ruled, rule
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm
from tests.kartoteka.deals.deal_desk import HOUR

from automation import engine
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


def test_a_rule_of_the_office_fires_once_on_firestore(
    open_firestore: Callable[..., FirestoreStore],
) -> None:
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    office = Ruled(desk, clock=clock, tasks=tasks, outside=Outside())
    office.rules(
        rule("новая сделка", "тег «вип»; задача «Проверить» ответственному", id="made"),
        rule("новая сделка", "уведомить руководителя", after="1 час", id="later"),
    )
    deal = office.new_deal(clock)
    office.work()
    store.run(lambda tx: tx.delete("checkpoints", "automation"))
    engine.run(desk)
    for firing in office.firings():
        office.act(firing.id)

    assert office.deal(deal.id).tags == ("вип",)
    assert len(office.given("Проверить")) == 1

    office.pass_time(HOUR + HOUR / 12, step=HOUR)
    assert len(office.notices()) == 1
    assert sorted(it.state for it in office.firings()) == ["done", "done"]
