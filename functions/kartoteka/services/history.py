"""The time machine: what one record was at any time, from the change log alone.

The log is asked for by the clients that the record belonged to. Should a part be missing there
(a change without a client), or the record be gone, the whole log is read once: slow, but never
wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain.change import Change, Part
from kartoteka.domain.errors import NotFound
from kartoteka.domain.history import State, Step, after, before, in_order, whole
from kartoteka.domain.model import Entity
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.kinds import KINDS
from kartoteka.services.unit import LOG

_LINKS = ("client_id", "lead_id", "deal_id", "company_id")
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class History:
    """The life of one record.

    Attributes:
        steps: its changes in the order in which they happened.
        stored: the record as it is now, None when it is gone.
        complete: whether the steps lead from its creation to `stored`; if not, the log does not
            hold the beginning and earlier states are rolled back from the present one.
    """

    steps: tuple[Step, ...]
    stored: State | None
    complete: bool

    def at(self, moment: datetime) -> State | None:
        """Return the record as it was at a moment, None while it did not exist."""
        last = max((n for n, step in enumerate(self.steps, 1) if step.at <= moment), default=0)
        state: State | None = None
        if self.complete:
            for step in self.steps[:last]:
                state = after(state, step.part)
            return state
        state = self.stored
        for step in reversed(self.steps[last:]):
            state = before(state, step.part)
        return state


def history(store: Store, kind: str, record_id: str) -> History:
    """Return the life of a record.

    Raises:
        NotFound: there is no such record, and there never was.
    """
    stored = store.get(model(kind).collection, record_id)
    found = _by_subjects(store, kind, record_id, stored)
    if not found or not whole(in_order(found), stored):
        found = list(_scanned(store, kind, record_id))
    steps = tuple(in_order(found))
    if not steps and stored is None:
        raise NotFound(f"there is no {kind} {record_id!r}", code="record_unknown")
    return History(steps, stored, whole(steps, stored))


def model(kind: str) -> type[Entity]:
    """Return the model of a kind; `NotFound` names the kinds that have a history."""
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise NotFound(f"{kind!r} has no history; use one of {known}", code="kind_unknown")
    return KINDS[kind]


def _by_subjects(store: Store, kind: str, record_id: str, stored: State | None) -> list[Step]:
    """Return what is found under the record itself and whatever it ever belonged to."""
    found: dict[str, Step] = {}
    asked: set[str] = set()
    waiting = {record_id, *_links(stored)}
    while waiting:
        subject = waiting.pop()
        asked.add(subject)
        for step in _about(store, subject, kind, record_id):
            found[step.change.id] = step
            waiting |= {*_links(step.part.before), *_links(step.part.after)} - asked
    return list(found.values())


def _about(store: Store, subject: str, kind: str, record_id: str) -> Iterator[Step]:
    query = Query(LOG, (Where("subject", "==", subject),), (Order("at"),))
    for entry in store.query(query):
        yield from _steps(Change.model_validate(entry.doc), kind, record_id)


def _scanned(store: Store, kind: str, record_id: str) -> Iterator[Step]:
    position: str | None = None
    while entries := store.read_log(LOG, position, _PAGE):
        for entry in entries:
            yield from _steps(Change.model_validate(entry.doc), kind, record_id)
        position = entries[-1].position


def _steps(change: Change, kind: str, record_id: str) -> Iterator[Step]:
    for part in change.parts:
        if _is_of(part, kind, record_id):
            yield Step(change, part)


def _is_of(part: Part, kind: str, record_id: str) -> bool:
    return part.entity == kind and part.id == record_id


def _links(side: State | None) -> set[str]:
    return {str(side[name]) for name in _LINKS if side and side.get(name)}
