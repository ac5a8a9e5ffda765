"""The same membership on Firestore: queries, checkpoint and what is told in one transaction."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import law_firm

from kartoteka.domain.change import SYSTEM
from kartoteka.domain.ids import ClientId
from kartoteka.domain.model import Client
from kartoteka.services import segments
from kartoteka.services.consume import rewind
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.segment_state import counted
from kartoteka.services.setup import set_up
from kartoteka.services.unit import LOG, transact
from kartoteka.services.wake import Waker

pytestmark = pytest.mark.emulator


def test_membership_on_firestore_follows_time_and_survives_a_rebuild(open_firestore):
    store, clock, tasks = open_firestore(), FixedClock(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock))
    segments.drain(desk)
    for number in range(3):
        made = Client(
            id=ClientId(f"cl_{number}"), name="Ирина", created_at=clock.now(),
            updated_at=clock.now(),
        )  # fmt: skip
        transact(store, SYSTEM, "test", clock.now(), work=lambda unit, it=made: unit.add(it))
    segments.drain(desk)
    assert sorted(segments.members_of(store, "new_30")) == ["cl_0", "cl_1", "cl_2"]
    clock.advance(timedelta(days=91))

    segments.drain(desk)

    assert sorted(segments.members_of(store, "sleeping_90")) == ["cl_0", "cl_1", "cl_2"]
    assert list(segments.members_of(store, "new_30")) == []
    sizes = {name: it.size for name, it in counted(store).items()}
    told = len(store.read_log(LOG, None, 1_000))
    rewind(desk, "segments")
    while segments.drain(desk).more:
        pass
    assert {name: it.size for name, it in counted(store).items()} == sizes
    assert len(store.read_log(LOG, None, 1_000)) == told
