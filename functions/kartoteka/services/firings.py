"""Firings of the office's rules: kept once each, handed to the queue, listed, repeated."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from kartoteka.domain.access import Level, check_setup, level
from kartoteka.domain.approval import Approval
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound, Transient
from kartoteka.domain.firing import Firing, Outcome
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Value
from kartoteka.domain.office import Office
from kartoteka.log import log
from kartoteka.ports import Order, Query, QueuedTask, Store, Tx, Where
from kartoteka.services.commands import Command, Registry
from kartoteka.services.office import Desk, read_settings
from kartoteka.services.task_forms import Id
from kartoteka.services.unit import Unit, transact

GO_ON = "firing.go_on"
QUEUE = "automation"
PATH = "/automation/task/firing"
_LATE = timedelta(minutes=5)
_MOST = 200
_ACTOR = Actor(kind=ActorKind.SYSTEM, id="rules")
_PARKED = "parked"


class ListFirings(Value):
    """Which firings to show: those of a state (the failed ones), or of one record; newest first."""

    state: Literal["", "done", "parked", "planned", "skipped", "waiting"] = "parked"
    record: Id = Field(default="", description="id of a lead, deal, client or task")
    before: AwareDatetime | None = Field(default=None, description="older than this")
    limit: int = Field(default=50, ge=1, le=_MOST)


class RepeatFiring(Value):
    """Do again what a firing could not do; what it has done stays done."""

    firing: Id


class LeaveFiring(RepeatFiring):
    """Leave what failed as it is: it is not tried again and goes out of the failures."""


class GoOn(RepeatFiring):
    """Go on with a firing that waited for somebody's word; the approval runs it."""

    deal: Id = ""
    lead: Id = ""


class Firings(Value):
    """Firings as they stand, newest first."""

    firings: tuple[Firing, ...]


def keep_new(desk: Desk, firings: Sequence[Firing]) -> list[Firing]:
    """Return the firings as they are stored: new ones as given, known ones as they were."""
    if not firings:
        return []

    def work(unit: Unit) -> list[Firing]:
        known = unit.find_many(Firing, [it.id for it in firings])
        for item in firings:
            if item.id not in known:
                unit.keep(item, shown=_told("", item.state))
        return [known.get(it.id, it) for it in firings]

    return transact(desk.store, _ACTOR, _PARKED, desk.now(), work=work)


def _told(before: str, after: str) -> tuple[str, ...]:
    """Return what the log tells of a firing: that it came into the failures, or left them."""
    return ("state",) if (before == _PARKED) is not (after == _PARKED) else ()


def note(desk: Desk, firing_id: str, outcome: Outcome) -> Firing:
    """Return the firing with how one action ended, unless an earlier call settled it."""

    def change(firing: Firing) -> Firing:
        return firing if firing.is_settled(outcome.number) else firing.with_outcome(outcome)

    return _changed(desk, firing_id, change)


def end(desk: Desk, firing_id: str, state: str, why: str = "") -> Firing:
    """Return the firing as it ended."""
    return _changed(desk, firing_id, lambda it: it.model_copy(update={"state": state, "why": why}))


def end_waiting(desk: Desk, firing_id: str, state: str, why: str) -> Firing | None:
    """Return the firing as it goes on from waiting; None when it does not wait any more."""
    waited = False

    def change(firing: Firing) -> Firing:
        nonlocal waited
        waited = firing.state == "waiting"
        return firing.model_copy(update={"state": state, "why": why}) if waited else firing

    changed = _changed(desk, firing_id, change)
    return changed if waited else None


def end_declined(unit: Unit, asked: Approval) -> None:
    """End the firing of a rule that asked and was refused; nothing when something else asked."""
    if asked.command != GO_ON:
        return
    firing = unit.find(Firing, str(asked.given.get("firing", "")))
    if firing is not None and firing.state == "waiting":
        update = {"state": "skipped", "why": "rule_declined", "updated_at": unit.now}
        unit.keep(firing.model_copy(update=update))


def _changed(desk: Desk, firing_id: str, change: Callable[[Firing], Firing]) -> Firing:
    told: tuple[str, ...] = ()

    def work(unit: Unit) -> Firing:
        nonlocal told
        firing = unit.need(Firing, firing_id)
        changed = change(firing).model_copy(update={"updated_at": desk.now()})
        told = _told(firing.state, changed.state)
        unit.keep(changed, shown=told)
        return changed

    changed = transact(desk.store, _ACTOR, _PARKED, desk.now(), work=work)
    if told:
        desk.waker.after_commit()
    return changed


def find(desk: Desk, firing_id: str) -> Firing | None:
    """Return the firing, None when there is none."""
    doc = desk.store.get(Firing.collection, firing_id)
    return None if doc is None else Firing.model_validate(doc)


def need(desk: Desk, firing_id: str) -> Firing:
    """Return the firing as it is now.

    Raises:
        NotFound: there is none.
    """
    firing = find(desk, firing_id)
    if firing is None:
        raise NotFound(f"there is no firing {firing_id!r}", code="record_unknown")
    return firing


def claim(desk: Desk, firing_id: str) -> Firing | None:
    """Return the firing with one more try counted; None when nothing of it is to be done."""

    def work(tx: Tx) -> Firing | None:
        doc = tx.get(Firing.collection, firing_id)
        firing = None if doc is None else Firing.model_validate(doc)
        if firing is None or firing.state != "planned":
            return None
        update = {"tries": firing.tries + 1, "updated_at": desk.now()}
        claimed = firing.model_copy(update=update)
        tx.put(Firing.collection, firing_id, claimed.model_dump(mode="json"))
        return claimed

    return desk.store.run(work)


def hand_over(desk: Desk, firing: Firing, *, again: datetime | None = None) -> None:
    """Ask the queue to act; asked twice, or twice in the same hour, it is one task.

    Raises:
        Transient: the queue does not answer.
    """
    name = derived("firing", firing.id, f"{again:%Y-%m-%d %H}" if again else "")
    desk.tasks.enqueue(QueuedTask(QUEUE, name, PATH, {"firing": firing.id}))


def hand_over_late(desk: Desk) -> int:
    """Ask again for firings that wait although their task should have been done."""
    before = spell(desk.now() - _LATE)
    where = (Where("state", "==", "planned"), Where("updated_at", "<=", before))
    query = Query(Firing.collection, where, (Order("updated_at"),), limit=_MOST)
    late = [Firing.model_validate(hit.doc) for hit in desk.store.query(query)]
    for firing in late:
        hand_over(desk, firing, again=desk.now())
    return len(late)


def listed(desk: Desk, actor: Actor, form: ListFirings, cause: str) -> Firings:
    """Return firings as they stand: why each happened, what it saw and what came of it.

    Who reads no amounts of deals does not see what conditions saw.

    Raises:
        NotAllowed: the actor does not set the office up.
    """
    del cause  # nothing is written
    settings = read_settings(desk.store)
    check_setup(actor, Office, settings, field="pipelines")
    firings = found(desk.store, form)
    if level(actor, Deal, "amount_minor", within=settings) is Level.NONE:
        firings = tuple(it.model_copy(update={"facts": {}}) for it in firings)
    return Firings(firings=firings)


def found(store: Store, form: ListFirings) -> tuple[Firing, ...]:
    """Return the firings that are asked for, newest first."""
    where = [Where("record_id", "==", form.record)] if form.record else []
    if form.state and not form.record:
        where.append(Where("state", "==", form.state))
    if form.before is not None:
        where.append(Where("updated_at", "<", spell(form.before)))
    query = Query(
        Firing.collection, tuple(where), (Order("updated_at", descending=True),), form.limit
    )
    return tuple(Firing.model_validate(hit.doc) for hit in store.query(query))


def repeat(desk: Desk, actor: Actor, form: RepeatFiring, cause: str) -> Firing:
    """Return the firing on its way again.

    Raises:
        NotAllowed: the actor does not set the office up. NotFound: there is no such firing.
        Invalid: it has not failed.
    """
    update = {"state": "planned", "tries": 0, "why": ""}
    firing = _out_of_failures(desk, actor, form, cause, update=update)
    try:
        again = derived("firing", firing.id, spell(desk.now()))
        desk.tasks.enqueue(QueuedTask(QUEUE, again, PATH, {"firing": firing.id}))
    except Transient:
        log("warning", event="firing_waits", firing=firing.id)
    return firing


def leave(desk: Desk, actor: Actor, form: LeaveFiring, cause: str) -> Firing:
    """Return the firing as it stays: what was done stays done, the rest is not tried again.

    Raises:
        NotAllowed: the actor does not set the office up. NotFound: there is no such firing.
        Invalid: it has not failed.
    """
    update = {"state": "skipped", "why": "rule_left"}
    return _out_of_failures(desk, actor, form, cause, update=update)


def _out_of_failures(
    desk: Desk, actor: Actor, form: RepeatFiring, cause: str, *, update: Mapping[str, object]
) -> Firing:
    check_setup(actor, Office, read_settings(desk.store), field="pipelines")

    def work(unit: Unit) -> Firing:
        firing = unit.need(Firing, form.firing)
        if firing.state != _PARKED:
            raise Invalid("it has not failed", fields={"firing": firing.state}, code="not_parked")
        firing = firing.model_copy(update={**update, "updated_at": desk.now()})
        unit.keep(firing, shown=("state",))
        return firing

    return transact(desk.store, actor, cause, desk.now(), work=work)


def go_on(desk: Desk, actor: Actor, form: GoOn, cause: str) -> Firing:
    """Return the firing on its way again: somebody agreed.

    Raises:
        NotAllowed: only the rule itself goes on, once it is approved.
        NotFound: there is no such firing.
    """
    del cause  # bookkeeping; what it does names its own cause
    if actor.is_person:
        raise NotAllowed("an approval lets a rule go on", code="role_forbids")
    firing = end_waiting(desk, need(desk, form.firing).id, "planned", "")
    if firing is None:
        return need(desk, form.firing)
    hand_over(desk, firing, again=desk.now())
    return firing


FIRING_COMMANDS: Registry = {
    GO_ON: Command("let a rule go on that asked somebody", GoOn, go_on),
    "firing.leave": Command("leave what a rule could not do", LeaveFiring, leave),
    "firing.list": Command("show what rules did, why, and what failed", ListFirings, listed),
    "firing.repeat": Command("do again what a rule could not do", RepeatFiring, repeat),
}
