"""A mass edit broken off anywhere: asked for again it goes on, once, and is undone as one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish, law_firm
from tests.kartoteka.services.merging_office import person, state
from tests.kartoteka.services.test_mass_edit import clients

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.batch import Batch, EditRun
from kartoteka.domain.change import Change
from kartoteka.domain.errors import Conflict, ProviderDown
from kartoteka.domain.model import Role
from kartoteka.ports import Query, Store, Tx
from kartoteka.services import mass_edit
from kartoteka.services.mass_edit import edit
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up
from kartoteka.services.undo import undo
from kartoteka.services.wake import Waker

T = TypeVar("T")
MANY = 450  # five steps
PARTNERS: dict[str, JsonValue] = {"segment": "partner", "tags": ["опт"]}


class Breaking:
    """A store whose transaction number `at` breaks: before its commit, or just behind it."""

    def __init__(self, store: Store, at: int, *, committed: bool) -> None:
        self._store, self._left, self._committed = store, at, committed

    def run(self, work: Callable[[Tx], T]) -> T:
        self._left -= 1
        if self._left < 0 and not self._committed:
            raise ProviderDown("broken off")
        done = self._store.run(work)
        if self._left < 0:
            raise ProviderDown("committed, and the answer was lost")
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def broken(desk: Desk, ids: list[str], at: int, *, committed: bool = False) -> None:
    breaking: Any = Breaking(desk.store, at, committed=committed)
    with pytest.raises(ProviderDown):
        whole(replace(desk, store=breaking), ids)


def whole(desk: Desk, ids: list[str]) -> Batch:
    return edit(desk, person(desk, Role.HEAD), "client", ids, values=PARTNERS, cause="many.edit")


def told(desk: Desk, batch: Batch) -> list[str]:
    """The clients that the log names, each as often as it was changed by the batch."""
    entries = [Change.model_validate(it.doc) for it in desk.store.query(Query("changes"))]
    parts = (part.id for change in entries if change.cause == batch.cause for part in change.parts)
    return sorted(parts)


def runs(desk: Desk) -> list[EditRun]:
    return [EditRun.model_validate(it.doc) for it in desk.store.query(Query("edits"))]


def furnished(folder: Path) -> Desk:
    furnish(folder / "office.db")
    store, clock, tasks = SqliteStore(folder / "office.db"), FixedClock(), FakeTasks()
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))


@given(
    first=st.tuples(st.integers(0, 4), st.booleans()),
    second=st.tuples(st.integers(0, 2), st.booleans()),
)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_edit_broken_off_twice_anywhere_ends_as_if_nothing_had_happened(
    tmp_path_factory: pytest.TempPathFactory, first: tuple[int, bool], second: tuple[int, bool]
) -> None:
    desk = furnished(tmp_path_factory.mktemp("office"))
    ids = [str(one.id) for one in clients(desk, MANY)]
    before = state(desk.store)
    for at, committed in (first, second):
        broken(desk, ids, at, committed=committed)

    batch = whole(desk, ids)
    assert [found.batch_id for found in runs(desk)] == [batch.id]
    assert (batch.count, batch.state, told(desk, batch)) == (MANY, "done", sorted(ids))
    undo(desk, person(desk, Role.HEAD), batch.id, cause="x")
    assert state(desk.store) == before
    desk.store.close()


@pytest.mark.parametrize("committed", [False, True])
def test_what_was_done_before_the_break_is_not_done_again(desk: Desk, committed: bool) -> None:
    ids = [str(one.id) for one in clients(desk, MANY)]
    broken(desk, ids, 4, committed=committed)  # a look, the beginning, two steps
    first = runs(desk)[0]
    assert first.rows == (300 if committed else 200)

    somebody = edit(
        desk,
        person(desk, Role.DIRECTOR),
        "client",
        ids[:1],
        values={"segment": "client"},
        cause="x",
    )
    batch = whole(desk, ids)

    stored = state(desk.store)["clients"]
    assert (batch.id, batch.count) == (first.batch_id, MANY)
    assert stored[ids[0]]["segment"] == "client", "newer than the edit's step: it stays"
    assert somebody.count == 1


def test_half_an_edit_is_undone_as_one_and_asked_again_begins_anew(desk: Desk) -> None:
    ids = [str(one.id) for one in clients(desk, MANY)]
    before = state(desk.store)
    broken(desk, ids, 4)
    half = runs(desk)[0]

    undo(desk, person(desk, Role.HEAD), half.batch_id, cause="x")
    assert state(desk.store) == before
    batch = whole(desk, ids)
    assert (batch.id != half.batch_id, batch.count) == (True, MANY)


def test_two_at_the_same_edit_do_not_both_go_on(desk: Desk) -> None:
    ids = [str(one.id) for one in clients(desk, MANY)]
    head = person(desk, Role.HEAD)
    plan = mass_edit.prepare(desk, head, "client", ids, values=PARTNERS)
    started = mass_edit.begin(desk, plan, cause="x")
    walk = mass_edit.run(desk, plan, started)
    assert next(walk) == 100

    other = mass_edit.run(desk, plan, mass_edit.begin(desk, plan, cause="x"))
    assert next(other) == 100
    with pytest.raises(Conflict) as refused:
        next(walk)
    assert refused.value.code == "edit_elsewhere"
    assert sum(other) == MANY - 200


def test_records_given_away_by_the_edit_itself_do_not_stop_it(desk: Desk) -> None:
    """A manager's own clients go to a colleague: those that went are no longer the manager's."""
    head, manager = person(desk, Role.HEAD), person(desk, Role.MANAGER)
    ids = [str(one.id) for one in clients(desk, 250)]
    edit(desk, head, "client", ids, values={"owner_id": manager.id}, cause="x")
    given = {"owner_id": "st_gleb"}
    breaking: Any = Breaking(desk.store, 3, committed=False)
    with pytest.raises(ProviderDown):
        edit(replace(desk, store=breaking), manager, "client", ids, values=given, cause="many.edit")
    batch = edit(desk, manager, "client", ids, values=given, cause="many.edit")
    assert (batch.count, batch.state) == (250, "done")


@pytest.mark.emulator
def test_edit_broken_off_goes_on_and_is_undone_on_firestore(
    open_firestore: Callable[..., Store], clock: FixedClock
) -> None:
    store, tasks = open_firestore(), FakeTasks()
    set_up(store, clock, law_firm())
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    ids = [str(one.id) for one in clients(desk, 120)]
    before = state(store)
    broken(desk, ids, 3)

    batch = whole(desk, ids)
    assert (batch.count, batch.state, told(desk, batch)) == (120, "done", sorted(ids))
    undo(desk, person(desk, Role.HEAD), batch.id, cause="x")
    assert state(store) == before
