"""Undo of a mass act as one: what it changed comes back, what it made goes.

First the whole batch is checked without writing: a record that somebody changed since in the
same fields refuses it, named. Then it is undone newest first, in steps of at most 200 records, and
goes on where a crash stopped it: what is back already counts as done.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from kartoteka.domain import company_numbers
from kartoteka.domain.access import Operation, can, check
from kartoteka.domain.batch import STEP, UNDO_FOR, Batch, Space, undo_of
from kartoteka.domain.catalogue import Company
from kartoteka.domain.change import Actor, Change, Part
from kartoteka.domain.deal import Deal
from kartoteka.domain.duplicates import read_key
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.domain.history import KEY, Stand, State, stand, undone
from kartoteka.domain.instant import spell
from kartoteka.domain.merging import keys_of
from kartoteka.domain.model import Client, Entity, Lead, Task
from kartoteka.domain.next_step import is_open
from kartoteka.domain.office import Settings
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services import duplicates
from kartoteka.services.deal_records import with_deal
from kartoteka.services.forget import FORGET
from kartoteka.services.forget_deleted import FORGOTTEN
from kartoteka.services.kinds import KINDS
from kartoteka.services.office import Desk
from kartoteka.services.undo_refusals import refusal
from kartoteka.services.unit import LOG, Unit, transact

_Place = tuple[str, str]  # collection, id
_EXPECTED: dict[str, type[Lead | Deal]] = {Lead.kind: Lead, Deal.kind: Deal}


def undo(
    desk: Desk, actor: Actor, batch_id: str, *, cause: str, keep_changed: bool = False
) -> Batch:
    """Return the batch, undone.

    Args:
        desk: the ports and settings of the office.
        actor: who wants it; the one who did it, of a merge whoever may change the client.
        batch_id: the mass act.
        cause: what led to it.
        keep_changed: leave what was changed since as it is, and undo the rest.

    Raises:
        NotAllowed: the batch is somebody else's, older than 30 days, or cannot be undone.
        Invalid: it was undone before.
        Conflict: records were changed since in the same fields (`undo_changed`), each named, or
            somebody else has a number or address by now (`undo_key_taken`), named too.
    """
    batch = _begun(desk, actor, batch_id, keep_changed=keep_changed)
    undoer = undo_of(batch.id)
    walk = Walk(desk.store, batch.cause)
    for parts in _steps(walk):
        work = partial(_undo_step, batch=batch, parts=parts, keep_changed=keep_changed)
        transact(desk.store, actor, undoer, desk.now(), work=work)
    left = [parts[0] for parts in walk.waiting.values()]
    closing = partial(_close, batch_id=batch.id, left=left)
    closed = transact(desk.store, actor, cause, desk.now(), work=closing)
    desk.waker.after_commit()
    return closed


@dataclass
class Walk:
    """The parts of a batch, newest first, each at the moment when the record stands behind it.

    Changes of one moment come in any order: a part whose record is elsewhere waits until another
    part of the batch brought it there. `waiting` holds in the end what was changed since.
    """

    store: Store
    cause: str
    waiting: dict[_Place, list[Part]] = field(default_factory=dict)
    _moved: dict[_Place, State | None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Part]:
        query = Query(LOG, (Where("cause", "==", self.cause),), (Order("at", descending=True),))
        for found in self.store.query(query):
            parts = Change.model_validate(found.doc).parts
            states = self._states([place_of(part) for part in parts])
            for part in reversed(parts):
                yield from self._taken(part, states)

    def _taken(self, part: Part, states: dict[_Place, State]) -> Iterator[Part]:
        place = place_of(part)
        state = self._moved[place] if place in self._moved else states.get(place)
        where = stand(part, state)
        if where is Stand.ELSEWHERE:
            self.waiting.setdefault(place, []).append(part)
            return
        if where is Stand.AFTER:
            yield part
            self._moved[place] = undone(part, state, None)
        for other in self.waiting.pop(place, []):
            yield from self._taken(other, states)

    def _states(self, places: Sequence[_Place]) -> dict[_Place, State]:
        by_collection: dict[str, list[str]] = {}
        for collection, name in places:
            by_collection.setdefault(collection, []).append(name)
        return {
            (collection, name): doc
            for collection, names in by_collection.items()
            for name, doc in self.store.get_many(collection, names).items()
        }


def place_of(part: Part) -> _Place:
    """Return where the record of a part is kept."""
    return ("keys" if part.entity == KEY else KINDS[part.entity].collection, part.id)


def _begun(desk: Desk, actor: Actor, batch_id: str, *, keep_changed: bool) -> Batch:
    """Return the batch, marked as being undone; nothing else is written when it is refused."""
    check_batch = partial(_allowed, settings=desk.settings(), batch_id=batch_id)
    batch = transact(desk.store, actor, "undo", desk.now(), work=check_batch)
    if not keep_changed:
        _check_unchanged(desk, actor, Walk(desk.store, batch.cause))
    work = partial(_mark, settings=desk.settings(), batch_id=batch_id)
    return transact(desk.store, actor, "undo", desk.now(), work=work)


def _allowed(unit: Unit, *, settings: Settings, batch_id: str) -> Batch:
    batch = unit.need(Batch, batch_id)
    _check(unit, batch, settings)
    if batch.state == "undone":
        raise Invalid(f"batch {batch.id} was undone before", code="undone_already")
    if batch.what == FORGET or batch.state == FORGOTTEN:
        raise NotAllowed(f"batch {batch.id} was forgotten", code="undo_forgotten")
    if not batch.undoable(unit.now):
        raise NotAllowed(
            f"batch {batch.id} can be undone for {UNDO_FOR.days} days only",
            code="undo_too_late",
            days=UNDO_FOR.days,
        )
    return batch


def _check(unit: Unit, batch: Batch, settings: Settings) -> None:
    """Let the one who did it undo it, and a merge whoever may change the client."""
    subject = batch.subject if batch.what == "merge" else None
    merged = unit.find(Client, subject) or unit.find(Company, subject)
    if merged is None or not can(unit.actor, Operation.CHANGE, merged, within=settings):
        check(unit.actor, Operation.CHANGE, batch, within=settings)


def _mark(unit: Unit, *, settings: Settings, batch_id: str) -> Batch:
    batch = _allowed(unit, settings=settings, batch_id=batch_id)
    marked = batch.model_copy(update={"state": "undoing"})
    unit.keep(marked)
    return marked


def _check_unchanged(desk: Desk, actor: Actor, walk: Walk) -> None:
    for _ in walk:
        continue
    if walk.waiting:
        raise refusal(desk.store, walk.waiting, actor, desk.settings())


def _steps(walk: Walk) -> Iterator[list[Part]]:
    """Yield portions of at most 200 parts that fit a log entry; a record comes once in each."""
    portion: dict[_Place, Part] = {}
    space = Space(STEP)
    for part in walk:
        spelled = _whole(part)
        if place_of(part) in portion or not space.takes(spelled):
            yield list(portion.values())
            portion, space = {}, Space(STEP)
            space.takes(spelled)
        portion[place_of(part)] = part
    if portion:
        yield list(portion.values())


def _whole(part: Part) -> str:
    """Return the record that comes back or goes, as JSON; nothing for one that only changes."""
    if part.before is not None and part.after is not None:
        return ""
    return json.dumps(part.before or part.after, ensure_ascii=False)


def _undo_step(unit: Unit, *, batch: Batch, parts: Sequence[Part], keep_changed: bool) -> None:
    unit.apart, unit.subject = True, batch.subject
    for part in parts:
        moved = _key_back(unit, part) if part.entity == KEY else _record_back(unit, part)
        if moved is Stand.ELSEWHERE and not keep_changed:
            raise Conflict(
                f"{part.entity} {part.id} was changed meanwhile",
                code="undo_changed",
                records=part.id,
                count=1,
            )
    for part in parts if keep_changed else ():
        _expect_again(unit, part)


def _expect_again(unit: Unit, part: Part) -> None:
    """Name a lead or deal that came back open in its client's card.

    The card names another one by now when the client came by meanwhile.
    """
    model = _EXPECTED.get(part.entity)
    record = unit.find(model, part.id) if model is not None and part.after is None else None
    client = unit.find(Client, record.client_id) if record is not None else None
    if record is None or client is None or not is_open(record):
        return
    if isinstance(record, Deal) and record.id not in client.open_deal_ids:
        unit.save(with_deal(client, record).model_copy(update={"updated_at": unit.now}))
    if isinstance(record, Lead) and client.open_lead_id is None:
        update = {"open_lead_id": record.id, "updated_at": unit.now}
        unit.save(client.model_copy(update=update))


def _ask_of_taken(unit: Unit, part: Part) -> None:
    """Ask whether a client that came back is the one who has its number or address by now."""
    if part.entity != KEY or part.before is None:
        return
    key = unit.key_records([part.id]).get(part.id)
    users = [*read_key(part.before).users, *(key.users if key else ())]
    people = unit.find_many(Client, users)
    for back in read_key(part.before).users:
        if key is not None and back not in key.users and {back, key.client_id} <= people.keys():
            duplicates.ask(unit, key.client_id, back, why="key")


def _key_back(unit: Unit, part: Part) -> Stand:
    key = unit.key_records([part.id]).get(part.id)
    where = stand(part, key.doc if key else None)
    if where is Stand.AFTER:
        unit.hold(part.id, read_key(part.before) if part.before else None)
    return where


def _record_back(unit: Unit, part: Part) -> Stand:
    model = KINDS[part.entity]
    record = unit.find(model, part.id)
    state = record.model_dump(mode="json") if record else None
    where = stand(part, state)
    if where is not Stand.AFTER:
        return where
    restored = undone(part, state, spell(unit.now))
    if restored is not None:
        write = unit.add if record is None else unit.save
        write(model.model_validate(restored))
    elif record is not None:
        duplicates.release(unit, record.id, _keys_of(record))
        _cancel_tasks(unit, record)
        unit.remove(record)
    return where


def _cancel_tasks(unit: Unit, record: Entity) -> None:
    """Close what rules planned for a lead or deal that goes."""
    if isinstance(record, Lead | Deal):
        states = Where("state", "in", ("open", "working"))
        where = (Where(f"{record.kind}_id", "==", record.id), states)
        for task in unit.search(Task, Query(Task.collection, where)):
            closed = {"state": "cancelled", "done_at": unit.now, "updated_at": unit.now}
            unit.save(task.model_copy(update=closed))


def _keys_of(record: Entity) -> list[str]:
    if isinstance(record, Company) and record.inn:
        return [company_numbers.key(record.inn, record.kpp)]
    return keys_of(record) if isinstance(record, Client) else []


def _close(unit: Unit, *, batch_id: str, left: Sequence[Part]) -> Batch:
    batch = unit.need(Batch, batch_id).model_copy(update={"state": "undone", "done_at": unit.now})
    unit.subject = batch.subject
    for part in left:
        _ask_of_taken(unit, part)
    unit.keep(batch)
    return batch
