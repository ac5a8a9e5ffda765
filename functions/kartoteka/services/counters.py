"""Count what waits for a person, from what is due only: the size of the base does not matter."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from typing import TypeVar

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Actor
from kartoteka.domain.counters import Counters, count, end_of_day
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Task
from kartoteka.domain.next_step import OPEN, is_waiting
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Order, Query, Where
from kartoteka.services.office import Desk

R = TypeVar("R", Lead, Deal)
_MOST = 1_000  # of each kind; a person with more to do sees 1,000
_PAGE = 5
_OPEN = tuple(sorted(OPEN))
_ACTIVE = tuple(sorted(ACTIVE))


def counters(desk: Desk, actor: Actor, staff_id: str = "") -> Counters:
    """Return the counters of a person, the actor's own when nobody is named.

    A colleague's counters show what the actor may read, no more.

    Raises:
        Invalid: there is no such person.
    """
    settings = desk.settings()
    person = settings.person(staff_id or actor.id)
    if person is None:
        raise Invalid(
            f"nobody here is {staff_id!r}",
            fields={"person": "staff_unknown"},
            code="staff_unknown",
        )
    now, zone = desk.now(), settings.office.work.zone
    end = spell(end_of_day(now, zone))
    found = [task for task in _due_tasks(desk, person.id, end) if _sees(desk, actor, task)]
    leads, deals = _due(desk, Lead, person.id, end), _due(desk, Deal, person.id, end)
    due: list[Lead | Deal] = [*leads, *deals]
    records = [item for item in due if _sees(desk, actor, item)]
    return count(found, records, waiting=_waiting(desk, found), now=now, zone=zone)


def _sees(desk: Desk, actor: Actor, record: Task | Lead | Deal) -> bool:
    return can(actor, Operation.READ, record, within=desk.settings(), now=desk.now())


def _due_tasks(desk: Desk, staff_id: str, end: str) -> Iterator[Task]:
    where = (
        Where("assignee_id", "==", staff_id),
        Where("state", "in", _ACTIVE),
        Where("due_at", "<", end),
    )
    for found in desk.store.query(Query("tasks", where, limit=_MOST)):
        yield Task.model_validate(found.doc)


def _due(desk: Desk, model: type[R], staff_id: str, end: str) -> Iterator[R]:
    """Return the open records due by the end of the day, and those with nothing planned."""
    where: tuple[Where, ...] = (Where("owner_id", "==", staff_id), Where("state", "in", _OPEN))
    due = (*where, Where("next_at", "<", end))
    found = desk.store.query(Query(model.collection, due, (Order("next_at"),), _MOST))
    yield from (model.model_validate(hit.doc) for hit in found)
    yield from _unplanned(desk, model, where)


def _unplanned(desk: Desk, model: type[R], where: tuple[Where, ...]) -> Iterator[R]:
    """Return the records without a next action: null comes first, so few are read in vain."""
    query = Query(model.collection, where, (Order("next_at"),), _PAGE)
    for _ in range(_MOST // _PAGE):
        page = list(desk.store.query(query))
        bare = list(takewhile(lambda hit: hit.doc["next_at"] is None, page))
        yield from (model.model_validate(hit.doc) for hit in bare)
        if len(bare) < _PAGE:
            return
        query = replace(query, after=page[-1].cursor)


def _waiting(desk: Desk, tasks: Iterable[Task]) -> set[str]:
    """Return which of the tasks' records wait for their client."""
    kept = list(tasks)
    waiting: set[str] = set()
    for model, ids in (
        (Lead, {task.lead_id for task in kept}),
        (Deal, {task.deal_id for task in kept}),
    ):
        docs = desk.store.get_many(model.collection, [name for name in ids if name])
        records = (model.model_validate(doc) for doc in docs.values())
        waiting |= {record.id for record in records if is_waiting(record, desk.now())}
    return waiting
