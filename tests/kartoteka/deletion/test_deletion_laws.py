"""Whatever is deleted, in whatever order: undone in reverse it is back to the last byte."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.deletion.deletion_desk import Office
from tests.kartoteka.services.merging_office import children, client, made

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain import company_numbers
from kartoteka.domain.batch import Batch
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import NotFound
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Entity, NextAction
from kartoteka.ports import Store
from kartoteka.services.history import history
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import Waker

MINUTE = timedelta(minutes=1)
INNS = ("7707083893", "7728168971")
KINDS = ("client", "lead", "deal", "task", "company")


def opened(store: Store) -> Office:
    clock, tasks = FixedClock(), FakeTasks()
    return Office(Desk(store, tasks, clock, SettingsCache(store, 3600), Waker(tasks, clock)))


def filled(office: Office, counts: list[int]) -> list[Entity]:
    """Clients of two companies with children, open and closed, tasks below tasks."""
    desk, records = office.desk, []
    firms = [firm(office, at, inn) for at, inn in enumerate(INNS)]
    for at, count in enumerate(counts):
        one = client(desk, f"{at}", name="Мария", phones=(f"+7916000000{at}",))
        one = one.model_copy(update={"company_id": firms[at % 2].id})
        hanging = [_open(office, item, one) for item in children(desk, one, count)]
        deals = tuple(item.id for item in hanging if item.kind == "deal")
        leads = [item.id for item in hanging if item.kind == "lead"]
        card = {"open_deal_ids": deals, "open_lead_id": next(iter(leads), None)}
        records += [one.model_copy(update=card), *hanging]
    made(desk, *records)
    return [*firms, *records]


def _open(office: Office, item: Any, owner: Client) -> Any:
    """The child as one that is in work: a task belongs to its client's first deal."""
    deals = office.desk.settings().office.deals
    if item.kind == "deal":
        work = {"state": "open", "company_id": owner.company_id}
        there = {"pipeline": deals.id, "stage": deals.first.id}
        return item.model_copy(update=work | there | _step(item, owner))
    if item.kind == "lead":
        return item.model_copy(update={"state": "open"})
    if item.kind == "task":
        return item.model_copy(update={"deal_id": f"dl_{owner.id}_1"})
    return item


def _step(deal: Any, owner: Client) -> dict[str, Any]:
    """The next action of the first deal is its first task, of the others a decision."""
    task = f"tk_{owner.id}_2" if deal.id.endswith("_1") else None
    action = NextAction(what="call", due_at=deal.created_at, task_id=task)
    return {"next_action": action, "next_at": action.due_at}


def firm(office: Office, at: int, inn: str) -> Company:
    now = office.desk.now()
    company = Company(id=f"co_{at}", name=f"Фирма {at}", inn=inn, created_at=now, updated_at=now)

    def work(unit: Unit) -> Company:
        name = company_numbers.key(inn, "")
        unit.key_records([name])
        unit.claim([name], company.id)
        return unit.add(company)

    actor = Actor(kind=ActorKind.SYSTEM, id="test")
    return transact(office.desk.store, actor, "test", now, work=work)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 20)), min_size=1, max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_deletions_undone_in_reverse_restore_every_byte(
    counts: list[int], wishes: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        furnish(Path(folder) / "x.db")
        store = SqliteStore(Path(folder) / "x.db")
        office = opened(store)
        records = filled(office, counts)
        past = []
        for kind, at in wishes:
            found = [one for one in records if one.kind == kind]
            if not found:
                continue
            before = office.state()
            office.desk.clock.advance(MINUTE)
            gone = found[at % len(found)].id
            try:
                batch = deleted(office, kind, gone)
            except NotFound:  # it went with another one
                assert office.state() == before
                continue
            assert nothing_names(office, gone)
            past.append((before, batch, kind, gone))
        for before, batch, kind, gone in reversed(past):
            office.desk.clock.advance(MINUTE)
            office.undo(batch)
            assert office.state() == before
            assert history(store, kind, gone).complete
        store.close()


def deleted(office: Office, kind: str, gone: str) -> Batch:
    due = {"what": "call", "due_at": spell(office.desk.now() + timedelta(days=1))}
    return office.delete(kind, gone, **({"next": due} if kind == "task" else {}))


def nothing_names(office: Office, gone: str) -> bool:
    """Whether no record, but for what happened, names the one that is gone."""
    left = office.state()
    timeline = left.pop("activities")
    if gone.startswith("cl_"):
        assert timeline == {} or all(it["client_id"] != gone for it in timeline.values())
    return f"'{gone}'" not in str(left)


@pytest.mark.emulator
def test_deletion_and_undo_on_firestore(open_firestore: Callable[..., FirestoreStore]) -> None:
    store = open_firestore()
    set_up(store, FixedClock(), read_preset("law_firm"))
    office = opened(store)
    filled(office, [9, 6])
    for kind, gone in (("task", "tk_cl_0_2"), ("deal", "dl_cl_0_1"), ("client", "cl_0")):
        before = office.state()
        office.desk.clock.advance(MINUTE)
        batch = deleted(office, kind, gone)
        assert nothing_names(office, gone)
        office.undo(batch)
        assert office.state() == before

    batch = office.delete("company", "co_1")
    assert "inn:7728168971" not in office.state()["keys"]
    gone = office.delete("client", "cl_1")
    office.undo(gone)
    office.undo(batch)
    assert office.state() == before
