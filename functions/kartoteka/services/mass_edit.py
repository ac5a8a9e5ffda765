"""The same values in many records at once: checked whole, written 200 a step, undone as one."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field, JsonValue, ValidationError

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.domain.ids import fresh
from kartoteka.domain.model import Client, Entity, Lead, Task, Value
from kartoteka.domain.office import Settings
from kartoteka.services import batches
from kartoteka.services.form_check import refusal
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

MOST = 10_000
EDIT = "edit"
_STEP = 100  # records a transaction: an owner takes the client along, which is a second document
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

    Every record is checked before the first is written.

    Raises:
        Invalid: a field cannot be set in many records, or its value is impossible.
        NotFound: a record is not there; names it.
        NotAllowed: one of the records, or one of the fields, is not the actor's to change.
    """
    settings = desk.settings()
    model, update = _update(entity, values, settings)
    wanted = list(dict.fromkeys(ids))
    _check(desk, actor, model, (wanted, update))
    batch_id = fresh("bt")
    for start in range(0, len(wanted), _STEP):
        portion = wanted[start : start + _STEP]
        work = partial(
            _step,
            model=model,
            ids=portion,
            update=update,
            batch_id=batch_id,
            ends=(start == 0, start + _STEP >= len(wanted)),
        )
        batch = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return batch


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


def _check(
    desk: Desk, actor: Actor, model: type[_Many], wish: tuple[list[str], Mapping[str, object]]
) -> None:
    ids, update = wish
    settings, now = desk.settings(), desk.now()
    for start in range(0, len(ids), _STEP):
        portion = ids[start : start + _STEP]
        docs = desk.store.get_many(model.collection, portion)
        absent = [record_id for record_id in portion if record_id not in docs]
        if absent:
            raise NotFound(f"there is no {model.kind} {absent[0]!r}", code="record_unknown")
        for doc in docs.values():
            record = model.model_validate(doc)
            for name in update:
                wanted = Operation.ASSIGN if name in _HANDS else Operation.CHANGE
                field = "" if name in _HANDS else name
                check(actor, wanted, record, field=field, within=settings, now=now)


def _step(
    unit: Unit,
    *,
    model: type[_Many],
    ids: Sequence[str],
    update: Mapping[str, object],
    batch_id: str,
    ends: tuple[bool, bool],
) -> Batch:
    first, last = ends
    if first:
        batch: Batch | None = batches.begin(unit, batch_id, EDIT, unit.actor)
    else:
        batch = batches.resume(unit, batch_id)
    if batch is None:  # undone while it was running
        return unit.need(Batch, batch_id)
    records = unit.find_many(model, ids).values()
    changed = [record for record in records if _differs(record, update)]
    if model is Lead and "owner_id" in update:
        _take_clients(unit, changed, update)
    for record in changed:
        unit.save(record.model_copy(update={**update, "updated_at": unit.now}))
    return batches.advance(unit, batch, len(changed), done=last)


def _differs(record: Entity, update: Mapping[str, object]) -> bool:
    return any(getattr(record, name) != value for name, value in update.items())


def _take_clients(unit: Unit, changed: Sequence[_Many], update: Mapping[str, object]) -> None:
    """Give the clients of the leads to the new owner too, as with a single lead."""
    ids = [record.client_id for record in changed if isinstance(record, Lead)]
    for client in unit.find_many(Client, ids).values():
        if client.owner_id != update["owner_id"]:
            moved = {"owner_id": update["owner_id"], "updated_at": unit.now}
            unit.save(client.model_copy(update=moved))
