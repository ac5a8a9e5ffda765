"""Mass acts: a record of each, steps of at most 200 documents, one cause for all its changes."""

from kartoteka.domain.batch import Batch
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import BatchId
from kartoteka.services.unit import Unit


def begin(unit: Unit, batch_id: str, what: str, actor: Actor, *, other: str = "") -> Batch:
    """Return the new record of a mass act, with this unit as its first step.

    The unit's subject must be set: it is what the act is about.
    """
    batch = Batch(
        id=BatchId(batch_id),
        what=what,
        actor=actor,
        at=unit.now,
        asked=unit.cause,
        subject=unit.subject,
        other=other,
    )
    unit.cause, unit.apart = batch.cause, True
    unit.keep(batch)
    return batch


def resume(unit: Unit, batch_id: str, state: str = "running") -> Batch | None:
    """Return the batch for a further step of this unit, None when it left that state."""
    batch = unit.need(Batch, batch_id)
    unit.cause, unit.apart, unit.subject = batch.cause, True, batch.subject
    return batch if batch.state == state else None


def advance(unit: Unit, batch: Batch, count: int, *, done: bool) -> Batch:
    """Return the batch with what this step wrote, kept in the same transaction."""
    update: dict[str, object] = {"count": batch.count + count}
    if done:
        update |= {"state": "done", "done_at": unit.now}
    moved = batch.model_copy(update=update)
    unit.keep(moved)
    return moved
