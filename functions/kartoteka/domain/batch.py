"""Acts on many records that are one act: undone as one."""

from datetime import datetime, timedelta
from typing import ClassVar

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import BatchId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

UNDO_FOR = timedelta(days=30)
_UNDO = "undo:"
STEP = 200  # documents that one transaction of a batch writes at most


class Batch(Entity):
    """One mass act; its changes carry the cause `batch:<id>`."""

    kind: ClassVar[str] = "batch"
    collection: ClassVar[str] = "batches"
    id: BatchId
    what: str  # merge, edit, import, forget, delete
    actor: Actor
    at: Instant
    state: str = "running"  # running, done, undoing, undone
    count: int = 0  # records written so far
    subject: str = ""  # the record it is about: of a merge the survivor
    asked: str = ""  # what led to it, as a change says it: command:client.merge
    other: str = ""  # of a merge what became part of the survivor, of a deletion what goes
    done_at: Instant | None = None

    @property
    def cause(self) -> str:
        """Return what its changes name as their cause."""
        return cause_of(self.id)

    def undoable(self, now: datetime) -> bool:
        """Return whether it is young enough to be undone."""
        return self.what != "forget" and now - self.at <= UNDO_FOR


class EditRun(Entity):
    """How far a mass edit is: written with every step, so that a crash neither loses nor doubles.

    `rows` of the `total` records are done; `id` follows from who sets what in which records.
    """

    kind: ClassVar[str] = "edit"
    collection: ClassVar[str] = "edits"
    batch_id: BatchId
    actor: Actor
    total: int
    rows: int = 0
    state: str = "running"  # running, done
    at: Instant
    done_at: Instant | None = None


def cause_of(batch_id: str) -> str:
    """Return the cause that the changes of a batch carry."""
    return f"batch:{batch_id}"


def undo_of(batch_id: str) -> str:
    """Return the cause that the changes of its undo carry."""
    return f"{_UNDO}{batch_id}"


def is_undo(cause: str) -> bool:
    """Return whether a change with this cause took something back."""
    return cause.startswith(_UNDO)
