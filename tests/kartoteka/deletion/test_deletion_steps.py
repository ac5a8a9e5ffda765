"""Deletions in several transactions: stopped, gone on with, disturbed, and very long."""

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import MINUTE, RULE
from tests.kartoteka.deletion.deletion_desk import Office
from tests.kartoteka.services.merging_office import children, client, made, stopping

from kartoteka.domain.errors import Transient
from kartoteka.domain.model import Client


def test_a_deletion_goes_on_where_a_crash_stopped_it(office: Office, clock: FixedClock) -> None:
    desk = office.desk
    one = client(desk, "big", name="Мария", phones=("+79160000001",))
    hanging = children(desk, one, 620)
    lost = [it.model_copy(update={"state": "lost"}) if it.kind == "deal" else it for it in hanging]
    made(desk, one, *lost)
    before = office.state()
    clock.advance(MINUTE)

    with pytest.raises(Transient):
        Office(stopping(desk, 2)).delete("client", one.id)
    assert desk.store.get(Client.collection, one.id) is None
    batch = office.delete("client", one.id)

    assert (batch.state, batch.count) == ("done", 621)
    left = office.state()
    assert [name for name in left if left[name]] == []
    with pytest.raises(Transient):
        Office(stopping(desk, 4)).undo(batch)
    assert office.state() not in (left, before)
    office.undo(batch)
    assert office.state() == before


def test_a_deal_that_is_paid_while_its_client_goes_stays(office: Office, clock: FixedClock) -> None:
    desk = office.desk
    one = client(desk, "big", name="Мария")
    kinds = {it.kind: it for it in children(desk, one, 4)}
    line = desk.settings().office.deals
    there = {"state": "open", "pipeline": line.id, "stage": line.first.id}
    deals = [kinds["deal"].model_copy(update={"id": f"dl_{at}", **there}) for at in range(3)]
    tasks = [
        kinds["task"].model_copy(update={"id": f"tk_{at}", "deal_id": f"dl_{at % 3}"})
        for at in range(300)
    ]
    made(desk, one, *deals, *tasks)
    with pytest.raises(Transient):
        Office(stopping(desk, 1)).delete("client", one.id)
    last = next(iter(office.state()["deals"]))
    office.do(RULE, "deal.pay", deal=last, amount_minor=100, reference="b1")

    batch = office.delete("client", one.id)

    assert batch.state == "done"
    assert list(office.state()["deals"]) == [last]


def test_long_words_do_not_burst_the_log(office: Office, clock: FixedClock) -> None:
    desk = office.desk
    one = client(desk, "talker", name="Мария")
    said = [it for it in children(desk, one, 240) if it.kind == "activity"]
    made(desk, one)
    for note in said:
        made(desk, note.model_copy(update={"text": "Ж" * 20_000}))
    before = office.state()
    clock.advance(MINUTE)

    batch = office.delete("client", one.id)
    assert office.state()["activities"] == {}
    office.undo(batch)

    assert office.state() == before
