"""What became of one record, and what it was at a time, as one person may see it."""

from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain.errors import NotFound
from kartoteka.domain.visibility import Shown
from kartoteka.services.cards import Row, parts
from kartoteka.services.history import History, history, model
from kartoteka.services.read import Look


@dataclass(frozen=True, slots=True)
class Past:
    """The changes of a record that a person may see, the oldest first.

    `complete` tells whether they begin with its creation; if not, the log does not hold it.
    """

    steps: tuple[Row, ...]
    complete: bool


def past(look: Look, kind: str, record_id: str) -> Past:
    """Return the changes of a record, each with who, why and when.

    Raises:
        NotFound: there is no such record, it is out of reach, or its kind has no history.
    """
    life = _life(look, kind, record_id)
    told = look.changes([step.change.model_dump(mode="json") for step in life.steps])
    mine = (row for change in told for row in parts(change))
    steps = tuple(row for row in mine if row["entity"] == kind and row["id"] == record_id)
    return Past(steps, life.complete)


def state_at(look: Look, kind: str, record_id: str, moment: datetime) -> Shown:
    """Return a record as it was, as far as the person's rights in it, as it is now, go.

    Raises:
        NotFound: as `past`, or the record was not there yet (`api_no_then`).
    """
    state = _life(look, kind, record_id).at(moment)
    if state is None:
        raise NotFound(f"there was no {kind} {record_id!r} then", code="api_no_then")
    return look.then(model(kind), record_id, state)


def _life(look: Look, kind: str, record_id: str) -> History:
    look.one(model(kind), record_id)
    return history(look.store, kind, record_id)
