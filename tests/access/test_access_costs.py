"""What commands of settings and fields cost, and that they do the same on Firestore."""

import pytest
from tests.access.office_cast import client, deal, lead
from tests.access.test_custom_fields import do
from tests.fakes import FakeTasks, FixedClock

from kartoteka.adapters.counted import CountedStore
from kartoteka.services import settings_stages
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker

OLGA, ANNA = "olga@office.example", "anna@office.example"


def office_in(store):
    clock, tasks = FixedClock(), FakeTasks()
    set_up(store, clock, read_preset("law_firm"))
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))


def put(store, *records):
    store.run(
        lambda tx: [tx.put(it.collection, it.id, it.model_dump(mode="json")) for it in records]
    )


@pytest.mark.parametrize("others", [0, 300])
def test_edit_of_a_field_costs_the_same_whatever_else_there_is(store, others):
    counted = CountedStore(store)
    desk = office_in(counted)
    put(store, client(), lead(), *(lead(id=f"ld_x{number}") for number in range(others)))
    desk.settings()

    with counted.measure() as spent:
        do(desk, ANNA, "lead.edit", lead="ld_1", priority=2)

    assert (spent.reads, spent.writes) == (1, 2)


@pytest.mark.emulator
def test_stage_is_deleted_in_steps_on_firestore_too(open_firestore, monkeypatch):
    monkeypatch.setattr(settings_stages, "STEP", 2)
    desk = office_in(open_firestore())
    put(desk.store, *(deal(id=f"dl_{number}", stage="contract") for number in range(5)))

    saved = do(desk, OLGA, "stage.delete", pipeline="deals_law", stage="contract", move_to="wait")

    assert saved.moved == 5
    assert {desk.store.get("deals", f"dl_{number}")["stage"] for number in range(5)} == {"wait"}
    assert "contract" not in {it.id for it in desk.settings().office.pipeline("deals_law").stages}
