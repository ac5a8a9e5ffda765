"""Acts on many records that are one act: undone as one."""

from datetime import datetime, timedelta
from typing import ClassVar

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import BatchId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity

UNDO_FOR = timedelta(days=30)
_UNDO = "undo:"
_ENTRY_BYTES = 400_000  # of the whole records that one transaction takes away or brings back
STEP = 200  # documents that one transaction of a batch writes at most


class Space:
    """How much one transaction takes: so many records, and an entry of the log that fits.

    A record that goes, or comes back, stands in the log whole; an entry holds one megabyte.
    """

    def __init__(self, records: int) -> None:
        self._records = records
        self._bytes = 0
        self.held = 0

    @property
    def is_full(self) -> bool:
        """Return whether it holds as many records as it may."""
        return self.held >= self._records

    def takes(self, spelled: str) -> bool:
        """Return whether one more record, as JSON, goes in; the first one always does."""
        size = len(spelled.encode("utf-8", "replace"))
        full = self.is_full or self._bytes + size > _ENTRY_BYTES
        if full and self.held:
            return False
        self.held += 1
        self._bytes += size
        return True


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


def taken_back(cause: str) -> str:
    """Return which batch a change with this cause took something back of."""
    return cause.removeprefix(_UNDO)
