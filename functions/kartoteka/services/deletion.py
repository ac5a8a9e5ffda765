"""Deletion by right: the record goes with all that hangs on it, the log keeps it for an undo; 4.5.

The first transaction checks everything, takes the record away and frees its identity keys; what
hangs on it follows in the same or in further steps of 200. A crash leaves the batch running; the
same command goes on. `services/undo` brings all of it back for 30 days.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from kartoteka.domain.access import Operation, check
from kartoteka.domain.batch import STEP, Batch, Space
from kartoteka.domain.change import Actor
from kartoteka.domain.deletion import checked_reason
from kartoteka.domain.errors import Conflict, NotFound
from kartoteka.domain.ids import fresh
from kartoteka.domain.model import Entity
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Where
from kartoteka.services import batches
from kartoteka.services.fresh import check_fresh
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

E = TypeVar("E", bound=Entity)
DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants deleted and why; `expected` is the version of the record they saw."""

    record_id: str
    reason: str
    expected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One transaction of a deletion."""

    unit: Unit
    settings: Settings

    @property
    def processes(self) -> frozenset[str]:
        """Return the pipelines that have nothing to do with sales."""
        lines = self.settings.office.pipelines
        return frozenset(line.id for line in lines if line.kind == "process")


@dataclass(frozen=True, slots=True)
class Going(Generic[E]):
    """How records of one kind go.

    Attributes:
        model: the kind.
        subject: whose history the deletion belongs to: the client's, or the record's own.
        leave: refuses what must stay, else takes the record away and puts right whatever named
            it; returns how many further records it took away.
        hanging: yields what still hangs on a record with this id.
        let_go: takes away, or frees, one of those.
    """

    model: type[E]
    subject: Callable[[E], str]
    leave: Callable[[Act, E], int]
    hanging: Callable[[Act, str], Iterator[Entity]]
    let_go: Callable[[Unit, Entity], None]


def delete(desk: Desk, actor: Actor, going: Going[E], wish: Wish, *, cause: str) -> Batch:
    """Return the batch of the deletion, by which it is undone.

    Raises:
        NotAllowed: the person's role deletes nothing of the kind, or something has to stay.
        NotFound: there is no such record. Invalid: no reason, or nobody said what is next.
        Conflict: the record was changed since the caller read it (`stale`).
    """
    deletion = _Deletion(desk.settings(), going, wish, fresh("bt"))
    reason = checked_reason(wish.reason)

    def work(unit: Unit) -> Batch:
        unit.reason = reason
        return deletion.begun(unit)

    def further(unit: Unit) -> Batch:
        unit.reason = reason
        resumed = batches.resume(unit, batch.id)
        return deletion.went_on(unit, resumed, 0) if resumed else unit.need(Batch, batch.id)

    check(actor, Operation.DELETE, going.model, within=desk.settings())
    batch = transact(desk.store, actor, cause, desk.now(), work=work)
    while batch.state == "running":
        batch = transact(desk.store, actor, batch.cause, desk.now(), work=further)
    desk.waker.after_commit()
    return batch


def check_settled(unit: Unit, card_id: str) -> None:
    """Refuse while records of a card are still on their way to another one.

    Raises:
        Conflict: a merge or its undo is not done yet.
    """
    where = (Where("other", "==", card_id), Where("state", "in", ("running", "undoing")))
    if unit.search(Batch, Query(Batch.collection, where)):
        raise Conflict(f"{card_id} is being merged", code="delete_merging")


@dataclass(frozen=True, slots=True)
class _Deletion(Generic[E]):
    settings: Settings
    going: Going[E]
    wish: Wish
    batch_id: str  # drawn outside the transaction

    def begun(self, unit: Unit) -> Batch:
        """Return the batch after its first transaction, or the one that a crash stopped."""
        record = unit.find(self.going.model, self.wish.record_id)
        if record is None:
            return self._stopped(unit)
        check(unit.actor, Operation.DELETE, record, within=self.settings, now=unit.now)
        check_fresh(record, getattr(record, "updated_at", None), self.wish.expected)
        unit.subject = self.going.subject(record)
        batch = batches.begin(unit, self.batch_id, DELETE, unit.actor, other=record.id)
        taken = 1 + self.going.leave(Act(unit, self.settings), record)
        return self.went_on(unit, batch, taken)

    def went_on(self, unit: Unit, batch: Batch, taken: int) -> Batch:
        """Return the batch after as much as one transaction may hold has gone."""
        hanging = self.going.hanging(Act(unit, self.settings), batch.other)
        space = Space(max(STEP - taken, 1))
        for record in hanging:
            if not space.takes(record.model_dump_json()):
                return batches.advance(unit, batch, taken + space.held, done=False)
            self.going.let_go(unit, record)
        return batches.advance(unit, batch, taken + space.held, done=not space.is_full)

    def _stopped(self, unit: Unit) -> Batch:
        where = (Where("other", "==", self.wish.record_id), Where("state", "==", "running"))
        found = unit.search(Batch, Query(Batch.collection, where))
        batch = next((one for one in found if one.what == DELETE), None)
        if batch is None:
            kind = self.going.model.kind
            raise NotFound(f"there is no {kind} {self.wish.record_id!r}", code="record_unknown")
        return batch
