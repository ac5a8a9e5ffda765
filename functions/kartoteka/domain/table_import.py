"""An import of a table: how far it is and what became of each row."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from kartoteka.domain.change import Actor
from kartoteka.domain.ids import BatchId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Entity
from kartoteka.domain.table import Fault

NEW, UPDATE, DUPLICATE, ERROR = "new", "update", "duplicate", "error"
VERDICTS = (NEW, UPDATE, DUPLICATE, ERROR)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row: `new`, `update`, `duplicate` or `error`, and why."""

    row: int
    what: str
    faults: tuple[Fault, ...] = ()
    client_id: str | None = None


class ImportRun(Entity):
    """One import of one file: written with every portion of rows, so that a crash loses nothing.

    `rows` rows of the file are done; `totals` counts their verdicts.
    """

    kind: ClassVar[str] = "import"
    collection: ClassVar[str] = "imports"
    id: str
    batch_id: BatchId
    actor: Actor
    file: str
    rows: int = 0
    totals: dict[str, int] = Field(default_factory=dict)
    state: str = "running"  # running, done
    at: Instant
    done_at: Instant | None = None
