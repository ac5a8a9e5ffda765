"""The same values in many records at once: checked whole, written in steps, undone as one.

Every step keeps its records, the batch and how far the edit is together, so a crash at any moment
neither loses nor doubles a record: the same edit asked for again goes on where it stopped.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, JsonValue, ValidationError

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import Batch, EditRun
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Conflict, Invalid, NotFound
from kartoteka.domain.ids import BatchId, StaffId, derived, fresh
from kartoteka.domain.model import Client, Entity, Lead, Task, Value
from kartoteka.domain.office import Settings
from kartoteka.services import batches
from kartoteka.services.form_check import refusal
from kartoteka.services.handover import move_tasks, readers_after
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

MOST = 10_000
EDIT = "edit"
_STEP = 100  # records a transaction
_HANDED_STEP = 40  # a lead that changes hands takes its client and its tasks along
_Tag = Annotated[str, Field(min_length=1, max_length=100)]
_Tags = Annotated[tuple[_Tag, ...], Field(max_length=100)]
_HANDS = {"owner_id", "assignee_id"}


class ClientValues(Value):
    """What can be set in many clients."""

    owner_id: str = ""
    segment: Literal[
        "new", "in_work", "client", "returned", "wholesale", "partner", "blacklist"
    ] = "new"
    company: str = Field(default="", max_length=500)
    tags: _Tags = ()


class LeadValues(Value):
    """What can be set in many leads."""

    owner_id: str = ""
    priority: int = Field(default=0, ge=0, le=3)
    note: str = Field(default="", max_length=45_000)


class DealValues(Value):
    """What can be set in many deals."""

    owner_id: str = ""
    expected_close: AwareDatetime | None = None
    probability: int | None = Field(default=None, ge=0, le=100)
    tags: _Tags = ()


class TaskValues(Value):
    """What can be set in many tasks."""

    assignee_id: str = ""
    priority: int = Field(default=2, ge=1, le=3)
    due_at: AwareDatetime


_Many: TypeAlias = Client | Deal | Lead | Task
_FORMS: dict[str, tuple[type[_Many], type[Value]]] = {
    Client.kind: (Client, ClientValues),
    Deal.kind: (Deal, DealValues),
    Lead.kind: (Lead, LeadValues),
    Task.kind: (Task, TaskValues),
}
ENTITIES = tuple(_FORMS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person sets in which records; each record once."""

    actor: Actor
    model: type[_Many]
    ids: tuple[str, ...]
    update: Mapping[str, object]
    run_id: str  # the same for the same values in the same records by the same person

    @property
    def step(self) -> int:
        """Return how many records one transaction takes."""
        handed = "owner_id" in self.update and self.model in {Lead, Deal}
        return _HANDED_STEP if handed else _STEP


def edit(
    desk: Desk,
    actor: Actor,
    entity: str,
    ids: Sequence[str],
    *,
    values: Mapping[str, JsonValue],
    cause: str,
) -> Batch:
    """Return the batch that set the values; records that have them already are left alone.

    Every record is checked before the first is written. Broken off, the same call goes on where
    it stopped.

    Raises:
        Invalid: a field cannot be set in many records, or its value is impossible.
        NotFound: a record is not there; names it.
        NotAllowed: one of the records, or one of the fields, is not the actor's to change.
        Conflict: another process is at the same edit, or it was undone meanwhile.
    """
    plan = prepare(desk, actor, entity, ids, values=values)
    started = begin(desk, plan, cause=cause)
    for _ in run(desk, plan, started):
        continue
    return Batch.model_validate(desk.store.get(Batch.collection, started.batch_id))


def prepare(
    desk: Desk, actor: Actor, entity: str, ids: Sequence[str], *, values: Mapping[str, JsonValue]
) -> Plan:
    """Return what would be set; nothing is written.

    Raises:
        Invalid: a field cannot be set in many records, or its value is impossible.
    """
    model, update = _update(entity, values, desk.settings())
    wanted = tuple(dict.fromkeys(ids))
    given = json.dumps(dict(values), sort_keys=True, default=str)
    return Plan(actor, model, wanted, update, derived("ed", actor.id, entity, given, *wanted))


def begin(desk: Desk, plan: Plan, *, cause: str) -> EditRun:
    """Return the edit: an unfinished one goes on behind its last record, otherwise a new one.

    Raises:
        NotFound: a record is not there; names it.
        NotAllowed: one of the records, or one of the fields, is not the actor's to change.
    """

    def look(unit: Unit) -> EditRun | None:
        return _unfinished(unit, plan)

    earlier = transact(desk.store, plan.actor, cause, desk.now(), work=look)
    _check(desk, plan, plan.ids[earlier.rows :] if earlier else plan.ids)
    batch_id = BatchId(fresh("bt"))

    def work(unit: Unit) -> EditRun:
        stored = _unfinished(unit, plan)
        if stored is not None:
            return stored
        batches.begin(unit, batch_id, EDIT, plan.actor)
        opened = EditRun(
            id=plan.run_id,
            batch_id=batch_id,
            actor=plan.actor,
            total=len(plan.ids),
            at=unit.now,
        )
        unit.keep(opened)
        return opened

    return transact(desk.store, plan.actor, cause, desk.now(), work=work)


def run(desk: Desk, plan: Plan, started: EditRun) -> Iterator[int]:
    """Yield how many records each step took, behind its commit.

    Raises:
        Conflict: another process is at the same edit, or it was undone meanwhile.
    """
    for start in range(started.rows, len(plan.ids), plan.step):
        work = partial(_step, plan=plan, started=started, start=start)
        yield transact(desk.store, plan.actor, EDIT, desk.now(), work=work)
    desk.waker.after_commit()


def _unfinished(unit: Unit, plan: Plan) -> EditRun | None:
    """Return the same edit when it was broken off and not undone since."""
    earlier = unit.find(EditRun, plan.run_id)
    if earlier is None or earlier.state != "running":
        return None
    batch = unit.find(Batch, earlier.batch_id)
    return earlier if batch is not None and batch.state == "running" else None


def _update(
    entity: str, values: Mapping[str, JsonValue], settings: Settings
) -> tuple[type[_Many], dict[str, object]]:
    model, form = _FORMS[entity]
    names = ", ".join(form.model_fields)
    unknown = [f"set.{name}" for name in values if name not in form.model_fields]
    if unknown or not values:
        raise Invalid(
            f"in many records of {entity} can be set: {names}",
            fields=dict.fromkeys(unknown or ["set"], "field_not_settable"),
            code="field_not_settable",
            names=names,
        )
    filled = _filled(form, values)
    for name in _HANDS & set(filled):
        person = settings.person(str(filled[name]))
        if person is None or not person.active:
            raise Invalid(
                f"nobody here is {filled[name]!r}",
                fields={f"set.{name}": "staff_unknown"},
                code="staff_unknown",
            )
    return model, filled


def _filled(form: type[Value], values: Mapping[str, JsonValue]) -> dict[str, object]:
    whole = {"due_at": "2000-01-01T00:00:00Z"} if "due_at" in form.model_fields else {}
    try:
        read = form.model_validate({**whole, **values})
    except ValidationError as exc:
        raise refusal(exc, form, ("set",)) from exc
    return {name: getattr(read, name) for name in values}


def _check(desk: Desk, plan: Plan, ids: Sequence[str]) -> None:
    settings, now = desk.settings(), desk.now()
    for start in range(0, len(ids), _STEP):
        portion = ids[start : start + _STEP]
        docs = desk.store.get_many(plan.model.collection, portion)
        absent = [record_id for record_id in portion if record_id not in docs]
        if absent:
            raise NotFound(f"there is no {plan.model.kind} {absent[0]!r}", code="record_unknown")
        for doc in docs.values():
            record = plan.model.model_validate(doc)
            for name in plan.update:
                wanted = Operation.ASSIGN if name in _HANDS else Operation.CHANGE
                field = "" if name in _HANDS else name
                check(plan.actor, wanted, record, field=field, within=settings, now=now)


def _step(unit: Unit, *, plan: Plan, started: EditRun, start: int) -> int:
    """Return how many records this step took; they, the batch and the place are kept together."""
    here = unit.need(EditRun, started.id)
    batch = batches.resume(unit, started.batch_id)
    if batch is None or (here.rows, here.batch_id) != (start, started.batch_id):
        raise Conflict(f"edit {here.id} goes on elsewhere or was undone", code="edit_elsewhere")
    ids = plan.ids[start : start + plan.step]
    records = unit.find_many(plan.model, ids).values()
    changed = [record for record in records if _differs(record, plan.update)]
    if plan.model is Lead and "owner_id" in plan.update:
        _take_clients(unit, changed, plan.update)
    for record in changed:
        update = {**plan.update, **_handed_over(unit, record, plan), "updated_at": unit.now}
        unit.save(record.model_copy(update=update))
    last = start + len(ids) >= len(plan.ids)
    batches.advance(unit, batch, len(changed), done=last)
    done: dict[str, object] = {"state": "done", "done_at": unit.now} if last else {}
    unit.keep(here.model_copy(update={"rows": start + len(ids), **done}))
    return len(ids)


def _handed_over(unit: Unit, record: Entity, plan: Plan) -> dict[str, object]:
    """Give the owner's open tasks of a lead or deal to the next one; who had it reads on.

    Raises:
        Invalid: one record has more open tasks than one transaction can move.
    """
    if not isinstance(record, Lead | Deal) or "owner_id" not in plan.update:
        return {}
    move_tasks(unit, record, StaffId(str(plan.update["owner_id"])))
    return {"readers": readers_after(unit, record)}


def _differs(record: Entity, update: Mapping[str, object]) -> bool:
    return any(getattr(record, name) != value for name, value in update.items())


def _take_clients(unit: Unit, changed: Sequence[_Many], update: Mapping[str, object]) -> None:
    """Give the clients of the leads to the new owner too, as with a single lead."""
    ids = [record.client_id for record in changed if isinstance(record, Lead)]
    for client in unit.find_many(Client, ids).values():
        if client.owner_id != update["owner_id"]:
            moved = {"owner_id": update["owner_id"], "updated_at": unit.now}
            unit.save(client.model_copy(update=moved))
