"""Clients with children for the tests of merge, undo, history and forgetting."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import ActivityId, ClientId, DealId, InboundId, LeadId, TaskId
from kartoteka.domain.inbound import Inbound, Kind, Person
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Activity, Client, Entity, Lead, Role, Source, Task
from kartoteka.ports import Query, Store
from kartoteka.services.office import Desk
from kartoteka.services.people import actor as acting
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.unit import Unit, transact

COLLECTIONS = ("clients", "leads", "deals", "tasks", "activities", "pairs", "keys", "inbounds")


def person(desk: Desk, role: Role) -> Actor:
    """The first person of the office with this role, or somebody new in it."""
    found = (acting(one) for one in desk.settings().staff if one.role == role)
    return next(found, Actor(kind=ActorKind.STAFF, id=f"st_{role.value}", role=role.value))


def state(store: Store, *skip: str) -> dict[str, dict[str, Any]]:
    """Everything that merges and undos touch, by collection and id."""
    return {
        name: {found.id: dict(found.doc) for found in store.query(Query(name))}
        for name in COLLECTIONS
        if name not in skip
    }


def form(desk: Desk, event: str, **sender: Any) -> Stored:
    """A request through the office's form."""
    inbound = Inbound(
        id=InboundId(f"in_{event}"),
        channel="form",
        account="consult",
        event_id=event,
        what=Kind.FORM,
        at=desk.now(),
        received_at=desk.now(),
        sender=Person(**sender),
        text=sender.get("name", ""),
        raw=str(sender),
    )
    return record(desk, inbound)


def made(desk: Desk, *records: Entity) -> None:
    """Put records into the office as one act, keys included."""

    def work(unit: Unit) -> None:
        unit.apart = True
        for one in records:
            unit.add(one)
            if isinstance(one, Client):
                names = keys_of(one)
                unit.key_records(names)
                unit.claim(names, one.id)

    transact(desk.store, person(desk, Role.HEAD), "test", desk.now(), work=work)


def client(desk: Desk, tag: str, **update: Any) -> Client:
    """A client whose id ends in the tag, which is also the name unless another is given."""
    fields = {"name": tag, "created_at": desk.now(), "updated_at": desk.now(), **update}
    return Client(id=ClientId(f"cl_{tag}"), **fields)


def children(desk: Desk, owner: Client, number: int) -> list[Entity]:
    """So many leads, deals, tasks and activities of a client, in turn."""
    makers = (_lead, _deal, _task, _activity)
    return [makers[at % 4](desk, owner, f"{owner.id}_{at}") for at in range(number)]


def read(store: Store, model: type[Client], record_id: str) -> Client:
    """The stored client."""
    return model.model_validate(store.get(model.collection, record_id))


def everything_in(database: Path) -> str:
    """All that the file of a store holds, as SQL."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())


class Stopping:
    """A store whose machine stops after so many transactions."""

    def __init__(self, store: Store, left: int) -> None:
        self._store = store
        self._left = left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def run(self, work: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Transient("the machine stops here")
        return self._store.run(work)


def stopping(desk: Desk, left: int) -> Desk:
    """The office on a machine that stops after so many transactions."""
    store: Any = Stopping(desk.store, left)
    return Desk(store, desk.tasks, desk.clock, desk.settings, desk.waker)


def _lead(desk: Desk, owner: Client, name: str) -> Lead:
    pipeline = desk.settings().office.leads
    source = Source(channel="form", name="Сайт-форма", referrer=f"https://x.example/{name}")
    return Lead(
        id=LeadId(f"ld_{name}"),
        client_id=owner.id,
        name=owner.name,
        pipeline=pipeline.id,
        stage=pipeline.first.id,
        state="lost",
        stage_entered_at=desk.now(),
        first_touch=source,
        last_touch=source,
        note=f"note of {owner.name}",
        extra={"about": owner.name},
        created_at=desk.now(),
        updated_at=desk.now(),
    )


def _deal(desk: Desk, owner: Client, name: str) -> Deal:
    return Deal(
        id=DealId(f"dl_{name}"),
        client_id=owner.id,
        name=f"deal of {owner.name}",
        pipeline=desk.settings().office.leads.id,
        stage="x",
        state="won",
        stage_entered_at=desk.now(),
        amount_minor=777_00,
        note=f"note of {owner.name}",
        created_at=desk.now(),
        updated_at=desk.now(),
    )


def _task(desk: Desk, owner: Client, name: str) -> Task:
    return Task(
        id=TaskId(f"tk_{name}"),
        what="call",
        title=f"call {owner.name}",
        client_id=owner.id,
        phone="".join(owner.phones[:1]),
        text=f"text of {owner.name}",
        due_at=desk.now(),
        created_at=desk.now(),
    )


def _activity(desk: Desk, owner: Client, name: str) -> Activity:
    return Activity(
        id=ActivityId(f"ac_{name}"),
        what="message",
        client_id=owner.id,
        at=desk.now(),
        text=f"words of {owner.name}",
    )
