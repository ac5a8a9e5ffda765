"""Draining the change log: everything that waits, nothing that comes meanwhile, nothing skipped."""

from collections.abc import Sequence

from kartoteka.domain.change import SYSTEM, Change
from kartoteka.domain.ids import TaskId
from kartoteka.domain.model import Task
from kartoteka.services.consume import Drained, drain, lagging, lags
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def commit(desk: Desk, name: str) -> None:
    """Make one change."""

    def work(unit: Unit) -> None:
        unit.add(
            Task(id=TaskId(name), what="call", title=name, due_at=unit.now, created_at=unit.now)
        )

    transact(desk.store, SYSTEM, "test", desk.now(), work=work)


def level(desk: Desk) -> None:
    drain(desk, "sheets", lambda _changes: None, batch=100, most=1000)


def test_changes_made_while_a_drain_works_are_left_for_their_own(desk: Desk) -> None:
    level(desk)
    for name in ("tk_1", "tk_2"):
        commit(desk, name)
    taken: list[str] = []

    def handle(changes: Sequence[Change]) -> None:
        taken.extend(change.parts[0].id for change in changes)
        commit(desk, f"tk_during_{len(taken)}")

    first = drain(desk, "sheets", handle, batch=10, most=100)
    assert first == Drained(2, more=False)
    assert lags(desk.store, "sheets")

    drain(desk, "sheets", handle, batch=10, most=100)
    assert taken == ["tk_1", "tk_2", "tk_during_2"]


def test_more_changes_than_one_call_takes_ask_for_another(desk: Desk) -> None:
    level(desk)
    for number in range(5):
        commit(desk, f"tk_{number}")
    taken: list[str] = []

    def handle(changes: Sequence[Change]) -> None:
        taken.extend(change.parts[0].id for change in changes)

    assert drain(desk, "sheets", handle, batch=2, most=4) == Drained(4, more=True)
    assert drain(desk, "sheets", handle, batch=2, most=4) == Drained(1, more=False)
    assert taken == [f"tk_{number}" for number in range(5)]


def test_only_consumers_with_changes_behind_their_place_lag(desk: Desk) -> None:
    commit(desk, "tk_1")
    level(desk)
    assert lagging(desk.store, ["contacts", "sheets", "stats"]) == ["contacts", "stats"]
    commit(desk, "tk_2")
    assert lagging(desk.store, ["contacts", "sheets"]) == ["contacts", "sheets"]
