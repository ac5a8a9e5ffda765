"""The same figures on Firestore: one transaction for facts, cells and checkpoint."""

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.ids import ClientId, LeadId
from kartoteka.domain.model import Lead, Source
from kartoteka.ports import Query
from kartoteka.services import figures, statistics
from kartoteka.services.consume import rewind
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up
from kartoteka.services.unit import transact
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


def test_figures_on_firestore_survive_a_rebuild(open_firestore):
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    now, source = clock.now(), Source(channel="form", name="Сайт|форма")
    for number in range(3):
        lead = Lead(
            id=LeadId(f"ld_{number}"), client_id=ClientId("cl_1"), name="Ирина",
            pipeline="leads_law", stage="new", stage_entered_at=now, first_touch=source,
            last_touch=source, created_at=now, updated_at=now,
        )  # fmt: skip
        transact(store, SYSTEM, "test", now, work=lambda unit, it=lead: unit.add(it))
    statistics.drain(desk, batch=2)
    before = {row.id: row.doc for row in store.query(Query(statistics.CELLS))}
    rewind(desk, "stats")
    statistics.drain(desk)

    assert {row.id: row.doc for row in store.query(Query(statistics.CELLS))} == before
    found = figures.gather(desk, desk.settings())
    assert found is not None
    assert (found.new_today, list(found.leads)) == (3, ["Сайт|форма"])
