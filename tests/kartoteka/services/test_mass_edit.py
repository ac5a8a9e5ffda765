"""The same values in many records, and back."""

from collections.abc import Mapping
from functools import partial

import pytest
from pydantic import JsonValue
from tests.fakes import FixedClock
from tests.kartoteka.services.merging_office import children, client, form, made, person, state

from kartoteka.domain.change import SYSTEM, Actor, ActorKind
from kartoteka.domain.errors import Conflict, Invalid, KartotekaError, NotAllowed, NotFound
from kartoteka.domain.ids import LeadId, TaskId
from kartoteka.domain.model import Client, Entity, Lead, NextAction, Role, Task
from kartoteka.ports import Query
from kartoteka.services import batches, leads
from kartoteka.services.mass_edit import edit
from kartoteka.services.office import Desk
from kartoteka.services.undo import undo
from kartoteka.services.unit import Unit, transact


def clients(desk: Desk, number: int) -> list[Client]:
    found = [client(desk, f"{at:04}", phones=(f"+7916100{at:04}",)) for at in range(number)]
    made(desk, *found)
    return found


def test_many_records_are_set_counted_and_undone_as_one(desk: Desk, clock: FixedClock) -> None:
    ids = [one.id for one in clients(desk, 250)]
    head = person(desk, Role.HEAD)
    edit(desk, head, "client", ids[:50], values={"segment": "partner"}, cause="x")
    before = state(desk.store)

    batch = edit(
        desk, head, "client", ids, values={"segment": "partner", "tags": ["опт"]}, cause="many.edit"
    )

    docs = state(desk.store)["clients"].values()
    assert {(doc["segment"], tuple(doc["tags"])) for doc in docs} == {("partner", ("опт",))}
    assert (batch.count, batch.state, batch.asked) == (250, "done", "many.edit")
    subjects = {
        found.doc["subject"]
        for found in desk.store.query(Query("changes"))
        if found.doc["cause"] == batch.cause
    }
    assert subjects == set(ids)
    undo(desk, head, batch.id, cause="x")
    assert state(desk.store) == before


@pytest.mark.parametrize(
    ("entity", "values", "error"),
    [
        ("client", {"name": "Все"}, Invalid),
        ("client", {"segment": "friend"}, Invalid),
        ("lead", {"stage": "won"}, Invalid),
        ("lead", {"owner_id": "st_nobody"}, Invalid),
        ("lead", {}, Invalid),
        ("task", {"due_at": "tomorrow"}, Invalid),
        ("client", {"segment": "partner"}, NotFound),
    ],
)
def test_what_cannot_be_set_is_refused_before_anything_is_written(
    desk: Desk, entity: str, values: Mapping[str, JsonValue], error: type[KartotekaError]
) -> None:
    ids = [one.id for one in clients(desk, 3)]
    before = state(desk.store)

    with pytest.raises(error):
        edit(desk, person(desk, Role.HEAD), entity, [*ids, "cl_x"], values=values, cause="x")
    assert state(desk.store) == before


def test_one_foreign_record_refuses_the_whole_edit(desk: Desk) -> None:
    ids = [one.id for one in clients(desk, 3)]
    head, manager = person(desk, Role.HEAD), person(desk, Role.MANAGER)
    edit(desk, head, "client", ids[:1], values={"owner_id": "st_boris"}, cause="x")
    edit(desk, head, "client", ids[1:], values={"owner_id": manager.id}, cause="x")
    before = state(desk.store)

    with pytest.raises(NotAllowed):
        edit(desk, manager, "client", ids, values={"tags": ["x"]}, cause="x")
    assert state(desk.store) == before


def test_leads_take_their_clients_to_the_new_owner(desk: Desk) -> None:
    found = form(desk, "1", name="Ирина", phones=("+79160000001",))
    lead_id, client_id = found.lead_id or "", found.client_id or ""

    edit(
        desk,
        person(desk, Role.HEAD),
        "lead",
        [lead_id],
        values={"owner_id": "st_gleb"},
        cause="x",
    )

    docs = state(desk.store)
    assert docs["leads"][lead_id]["owner_id"] == "st_gleb"
    assert docs["clients"][client_id]["owner_id"] == "st_gleb"


def imported(desk: Desk, actor: Actor) -> str:
    """An import: two steps make clients with leads; a third one corrects a client made before."""

    def work(unit: Unit, step: int) -> None:
        batch = (
            batches.begin(unit, "bt_import", "import", actor)
            if step == 0
            else batches.resume(unit, "bt_import")
        )
        assert batch is not None
        records: list[Entity] = []
        for at in range(step * 5, step * 5 + 5) if step < 2 else ():
            one = client(desk, f"i{at}", phones=(f"+7916200{at:04}",))
            unit.claim([f"phone:{one.phones[0]}"], one.id)
            records += [one, *children(desk, one, 2)]
        for record in records:
            unit.add(record)
        if step == 2:
            first = unit.need(Client, "cl_i0")
            unit.save(first.model_copy(update={"company": "Ромашка"}))
        batches.advance(unit, batch, len(records), done=step == 2)

    for step in range(3):
        transact(desk.store, actor, "import", desk.now(), work=partial(work, step=step))
    return "bt_import"


def test_import_then_undo_leaves_no_trace(desk: Desk) -> None:
    form(desk, "1", name="Ирина", phones=("+79160000001",))
    before = state(desk.store)
    director = person(desk, Role.DIRECTOR)
    batch = imported(desk, Actor(kind=ActorKind.IMPORT, id="import"))
    assert len(state(desk.store)["clients"]) == 11

    undo(desk, director, batch, cause="x")

    assert state(desk.store) == before
    again = form(desk, "2", name="Новый", phones=("+79162000003",))
    assert again.client_id != "cl_i3"


def test_an_imported_client_that_was_worked_with_is_named_and_can_be_kept(desk: Desk) -> None:
    director = person(desk, Role.DIRECTOR)
    batch = imported(desk, Actor(kind=ActorKind.IMPORT, id="import"))
    leads.rename(desk, director, "ld_cl_i4_0", "Позвонил сам", cause="x")

    with pytest.raises(Conflict) as refused:
        undo(desk, director, batch, cause="x")
    named = str(refused.value.facts["records"])
    assert "cl_i4 (name)" in named
    assert "ld_cl_i4_0 (name)" in named

    undo(desk, director, batch, cause="x", keep_changed=True)
    docs = state(desk.store)
    assert (set(docs["clients"]), set(docs["leads"])) == ({"cl_i4"}, {"ld_cl_i4_0"})
    assert set(docs["keys"]) == {"phone:+79162000004"}


def test_what_rules_planned_for_an_imported_lead_goes_with_it(desk: Desk) -> None:
    batch = imported(desk, Actor(kind=ActorKind.IMPORT, id="import"))
    lead_id = "ld_cl_i4_0"
    task = Task(
        id=TaskId("tk_rule"),
        what="call",
        title="call",
        lead_id=LeadId(lead_id),
        due_at=desk.now(),
        created_at=desk.now(),
    )

    def follow_up(unit: Unit) -> None:
        unit.add(task)
        action = NextAction(what="call", due_at=task.due_at, task_id=task.id)
        planned = {"next_action": action, "next_at": task.due_at, "updated_at": unit.now}
        unit.save(unit.need(Lead, lead_id).model_copy(update=planned))

    transact(desk.store, SYSTEM, "timer", desk.now(), work=follow_up)

    undo(desk, person(desk, Role.DIRECTOR), batch, cause="x")

    docs = state(desk.store)
    assert (docs["leads"], docs["clients"]) == ({}, {})
    assert docs["tasks"]["tk_rule"]["state"] == "cancelled"
