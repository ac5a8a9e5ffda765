"""Timers are kept first and held by the queue when they are near; D6."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from automation.rules import NEXT_ACTION
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Timer
from kartoteka.ports import Query, QueuedTask, Where
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

HORIZON = timedelta(days=29)  # the queue takes tasks at most 30 days ahead
_TOGETHER = 200  # timers of one transaction
_ACTOR = Actor(kind=ActorKind.RULE, id=NEXT_ACTION)


def plan(desk: Desk, timers: Sequence[Timer]) -> None:
    """Keep the timers that are new and hand the near ones to the queue; repeating is harmless.

    One that was dropped waits again: its record was deleted meanwhile and came back. When it
    fires, it looks whether it is wanted, as ever.
    """
    for at in range(0, len(timers), _TOGETHER):
        _plan(desk, timers[at : at + _TOGETHER])


def _plan(desk: Desk, timers: Sequence[Timer]) -> None:
    near = desk.now() + HORIZON
    kept = [item.model_copy(update={"queued": item.due_at <= near}) for item in timers]

    def work(unit: Unit) -> list[Timer]:
        known = unit.find_many(Timer, [item.id for item in kept])
        asked = [_asked(known.get(item.id), item) for item in kept]
        for item in asked:
            if item != known.get(item.id):
                unit.keep(item)
        return asked

    for item in transact(desk.store, _ACTOR, "plan", desk.now(), work=work):
        if item.state == "pending" and item.queued:
            _enqueue(desk, item)


def _asked(known: Timer | None, item: Timer) -> Timer:
    return item if known is None or known.state == "dropped" else known


def _enqueue(desk: Desk, item: Timer) -> None:
    payload = {"timer": item.id}
    desk.tasks.enqueue(
        QueuedTask("timers", item.id, "/automation/task/timer", payload, item.due_at)
    )


def promote(desk: Desk) -> int:
    """Hand the timers that came near to the queue; returns how many."""
    near = desk.now() + HORIZON
    query = Query("timers", (Where("state", "==", "pending"), Where("due_at", "<=", spell(near))))
    handed = 0
    for found in desk.store.query(query):
        if found.doc.get("queued"):
            continue
        item = Timer.model_validate(found.doc)
        _enqueue(desk, item)
        queued = item.model_copy(update={"queued": True})
        transact(desk.store, _ACTOR, "promote", desk.now(), work=partial(Unit.keep, record=queued))
        handed += 1
    return handed
