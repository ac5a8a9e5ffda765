"""The life of stored records, from what services wrote."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import (
    children,
    client,
    form,
    made,
    person,
    state,
)

from kartoteka.domain.errors import NotFound
from kartoteka.domain.history import replay
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Role
from kartoteka.services import leads
from kartoteka.services.history import history
from kartoteka.services.mass_edit import edit
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk

HOUR = timedelta(hours=1)


def test_every_state_that_was_stored_is_found_again(desk: Desk, clock: FixedClock) -> None:
    head = person(desk, Role.HEAD)
    first = form(desk, "1", name="Ирина", phones=("+79160000001",))
    lead_id = first.lead_id or ""
    stages = desk.settings().office.leads.stages
    acts = (
        lambda: leads.rename(desk, head, lead_id, "Ирина Павловна", cause="x"),
        lambda: leads.assign(desk, head, lead_id, "st_boris", cause="x"),
        lambda: form(desk, "2", phones=("+79160000001",)),
        lambda: leads.move(
            desk, head, lead_id, Move(to=stages[1].id, reason="сам позвонил"), cause="x"
        ),
        lambda: edit(desk, head, "lead", [lead_id], values={"priority": 3}, cause="x"),
    )
    seen = [(clock.now(), state(desk.store))]
    for act in acts:
        clock.advance(HOUR)
        act()
        seen.append((clock.now(), state(desk.store)))

    for kind, collection in (("lead", "leads"), ("client", "clients")):
        for record_id in seen[0][1][collection]:
            life = history(desk.store, kind, record_id)
            assert life.complete
            for moment, docs in seen:
                assert life.at(moment) == docs[collection][record_id]
            assert life.at(seen[0][0] - HOUR) is None


def test_a_lead_that_changed_its_client_keeps_its_whole_life(desk: Desk, clock: FixedClock) -> None:
    older, newer = client(desk, "a"), client(desk, "b", name="a")
    made(desk, older)
    clock.advance(HOUR)
    made(desk, newer)
    made(desk, *children(desk, newer, 4))
    then, docs = clock.now(), state(desk.store)
    clock.advance(HOUR)
    merge(desk, person(desk, Role.HEAD), older.id, newer.id, cause="x")

    life = history(desk.store, "lead", f"ld_{newer.id}_0")

    assert life.complete
    assert life.at(then) == docs["leads"][f"ld_{newer.id}_0"]
    assert [found and found["client_id"] for _, found in replay(life.steps)] == ["cl_b", "cl_a"]


def test_a_record_older_than_the_log_is_rolled_back_from_now(desk: Desk, clock: FixedClock) -> None:
    found = form(desk, "1", name="Ирина", phones=("+79160000001",))
    lead_id = found.lead_id or ""
    doc = dict(desk.store.get("leads", lead_id) or {})
    desk.store.run(lambda tx: tx.put("leads", "ld_old", {**doc, "id": "ld_old"}))
    clock.advance(HOUR)
    leads.rename(desk, person(desk, Role.HEAD), "ld_old", "Другая", cause="x")

    life = history(desk.store, "lead", "ld_old")

    assert not life.complete
    then = life.at(clock.now() - HOUR)
    assert then is not None
    assert (then["name"], life.stored and life.stored["name"]) == ("Ирина", "Другая")


def test_unknown_records_and_kinds_are_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="there is no lead"):
        history(desk.store, "lead", "ld_none")
    with pytest.raises(NotFound, match="client, company, deal"):
        history(desk.store, "office", "office")
