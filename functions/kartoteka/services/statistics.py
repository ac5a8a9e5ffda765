"""The consumer `stats`: folds the change log into figures, each change exactly once; D5.

A batch's facts and cells are written in one transaction with the position behind it. So a batch
that is delivered again, or a crash between any two steps, changes nothing: either all of it is
counted and the position has moved, or nothing is and the position has not. One transaction reads
and writes the facts of the records that changed and the days on which they count, whatever the
size of the base.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kartoteka.domain.change import Change
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity
from kartoteka.domain.office import Office
from kartoteka.domain.stat_cells import Place, Ruler, cells_of
from kartoteka.domain.statistics import Fact, concerned, fold, led_to, read_fact
from kartoteka.ports import Doc, LogEntry, Query, Store, Tx
from kartoteka.services.consume import Drained, checkpoint, put_checkpoint, rewind
from kartoteka.services.office import Desk, read_office
from kartoteka.services.unit import LOG
from kartoteka.services.wake import CONSUMERS

STATS = CONSUMERS["stats"]
FACTS, CELLS = "stat_facts", "statistics"
_STATE = "state"
_BATCH = 200  # changes of one transaction
_MOST = 20_000  # changes a drain; a call of the queue may last ten minutes
_PAGE = 400  # documents of one deletion
_Cells = dict[str, dict[str, int]]  # by day, then by name of the cell


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes to be counted: behind which position of the log, and up to which."""

    behind: str | None
    changes: Sequence[Change]
    position: str

    @classmethod
    def of(cls, behind: str | None, entries: Sequence[LogEntry]) -> "_Batch":
        changes = [Change.model_validate(entry.doc) for entry in entries]
        return cls(behind, changes, entries[-1].position)


def drain(desk: Desk, *, batch: int = _BATCH, most: int = _MOST) -> Drained:
    """Return how many changes were counted; what is left gets a drain of its own.

    When the office counts in another way (stages, hours, zone, currency), or was rewound,
    everything counted so far is dropped and the log is read from its beginning.
    """
    ruler = Ruler(read_office(desk.store))
    _prepare(desk, ruler)
    handled = 0
    while handled < most:
        position = checkpoint(desk.store, STATS.name)
        entries = desk.store.read_log(LOG, position, min(batch, most - handled))
        if not entries:
            _caught_up(desk.store, ruler)
            return Drained(handled, more=False)
        work = partial(_count, work=_Batch.of(position, entries), ruler=ruler, at=spell(desk.now()))
        if not desk.store.run(work):
            break
        handled += len(entries)
    desk.waker.ask(STATS)
    return Drained(handled, more=True)


def is_whole(store: Store, office: Office) -> bool:
    """Return whether the figures hold everything up to a moment ago, counted as the office does."""
    state = store.get(CELLS, _STATE) or {}
    return bool(state.get("whole")) and state.get("print") == Ruler(office).print


def cells(store: Store, days: Iterable[str]) -> _Cells:
    """Return the cells of these days, read by id; a day on which nothing happened is left out."""
    return {day: _numbers(doc) for day, doc in store.get_many(CELLS, list(days)).items()}


def facts(store: Store) -> dict[str, Fact]:
    """Return every fact by its key."""
    return {hit.id: read_fact(hit.doc) for hit in store.query(Query(FACTS))}


def _prepare(desk: Desk, ruler: Ruler) -> None:
    """Drop what was counted, if it has to be counted anew."""
    state = desk.store.get(CELLS, _STATE)
    is_known = state is not None and state.get("print") == ruler.print
    if is_known and checkpoint(desk.store, STATS.name) is not None:
        return
    if is_known and state is not None and not state.get("begun"):
        return
    rewind(desk, STATS.name)
    desk.store.run(lambda tx: tx.delete(CELLS, _STATE))
    for collection in (FACTS, CELLS):
        _clear(desk.store, collection)
    fresh: Doc = {"print": ruler.print, "begun": False, "whole": False}
    desk.store.run(lambda tx: tx.put(CELLS, _STATE, fresh))


def _clear(store: Store, collection: str) -> None:
    while found := [hit.id for hit in store.query(Query(collection, limit=_PAGE))]:
        store.run(partial(_delete, collection=collection, ids=found))


def _delete(tx: Tx, collection: str, ids: Sequence[str]) -> None:
    for name in ids:
        tx.delete(collection, name)


def _caught_up(store: Store, ruler: Ruler) -> None:
    """Note that the figures may be shown: the log was read to its end once."""
    state = store.get(CELLS, _STATE)
    if state is not None and state.get("print") == ruler.print and not state.get("whole"):
        whole: Doc = {**state, "whole": True}
        store.run(lambda tx: tx.put(CELLS, _STATE, whole))


def _count(tx: Tx, *, work: _Batch, ruler: Ruler, at: str) -> bool:
    """Count a batch, unless somebody else did; return whether it was counted here."""
    place = tx.get("checkpoints", STATS.name) or {}
    state = tx.get(CELLS, _STATE) or {}
    if place.get("position") != work.behind or state.get("print") != ruler.print:
        return False
    known = _facts(tx, work.changes)
    now = dict(known)
    for change in work.changes:
        fold(now, change)
    moved = {key: fact for key, fact in now.items() if fact != known.get(key)}
    _add(tx, _difference(known, moved, ruler))
    for key, fact in moved.items():
        _keep(tx, key, fact)
    if not state.get("begun"):
        tx.put(CELLS, _STATE, {**state, "begun": True})
    put_checkpoint(tx, STATS.name, work.position, at)
    return True


def _facts(tx: Tx, changes: Sequence[Change]) -> dict[str, Fact]:
    """Return the facts that the changes concern, and the requests that their calls belong to."""
    found = _read(tx, concerned(changes))
    return found | _read(tx, [key for key in led_to(found) if key not in found])


def _read(tx: Tx, keys: Sequence[str]) -> dict[str, Fact]:
    docs = tx.get_many(FACTS, keys) if keys else {}
    return {key: read_fact(doc) for key, doc in docs.items()}


def _difference(
    known: Mapping[str, Fact], moved: Mapping[str, Fact], ruler: Ruler
) -> Counter[Place]:
    """Return by how much each cell differs now."""
    total: Counter[Place] = Counter()
    for key, fact in moved.items():
        total.update(cells_of(fact, ruler))
        if key in known:
            total.subtract(cells_of(known[key], ruler))
    return total


def _add(tx: Tx, difference: Mapping[Place, int]) -> None:
    """Bring the days up to date; a cell that counts nothing is no more."""
    changed = {place: number for place, number in difference.items() if number}
    days = list(dict.fromkeys(day for day, _ in changed))
    docs = tx.get_many(CELLS, days) if days else {}
    kept = {day: _numbers(docs.get(day, {})) for day in days}
    for (day, name), number in changed.items():
        kept[day][name] = kept[day].get(name, 0) + number
    for day, numbers in kept.items():
        tx.put(CELLS, day, {"cells": {name: it for name, it in numbers.items() if it}})


def _keep(tx: Tx, key: str, fact: Fact) -> None:
    if fact.entity == Activity.kind and not fact.there:
        tx.delete(FACTS, key)
    else:
        tx.put(FACTS, key, fact.doc())


def _numbers(doc: Doc) -> dict[str, int]:
    found = doc.get("cells")
    if not isinstance(found, Mapping):
        return {}
    return {name: number for name, number in found.items() if isinstance(number, int)}
