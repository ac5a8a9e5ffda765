"""Who has had their share of leads: counted off the intake's path, read once a minute on it."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from kartoteka.domain.change import Change, Part
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead
from kartoteka.domain.office import Settings
from kartoteka.ports import Doc, Query, Store, Tx, Where

SPAN = timedelta(days=30)
_PLACE = ("loads", "month")


class Loads:
    """People over their quota of new leads in the last 30 days.

    Source: one record with a count per person, read at most once in `ttl_s` seconds by each
    instance. `recount` keeps it a second or two behind the leads, so a quota may be passed by what
    comes meanwhile.
    """

    def __init__(self, ttl_s: float = 60) -> None:
        self._ttl_s = ttl_s
        self._lock = threading.Lock()
        self._kept: tuple[float, Mapping[str, int]] | None = None

    def full(self, store: Store, settings: Settings) -> frozenset[str]:
        """Return the ids of those who get no more from a queue; what one may get counts now."""
        counts = self._counts(store)
        return frozenset(
            person.id
            for person in settings.staff
            if person.quota and counts.get(person.id, 0) >= person.quota
        )

    def _counts(self, store: Store) -> Mapping[str, int]:
        kept = self._kept
        if kept is not None and time.monotonic() - kept[0] < self._ttl_s:
            return kept[1]
        with self._lock:
            found = _stored(store.get(*_PLACE))
            self._kept = (time.monotonic(), found)
        return found


def concerned(changes: Sequence[Change], settings: Settings) -> frozenset[str]:
    """Return the people with a quota who got or lost leads by these changes."""
    limited = {person.id for person in settings.staff if person.quota}
    owners = (owner for change in changes for part in change.parts for owner in _owners(part))
    return frozenset(owners) & limited


def recount(store: Store, people: Iterable[str], now: datetime) -> None:
    """Count the new leads of these people in the last 30 days; the others' counts stay.

    One indexed count per person; done again it gives the same.
    """
    since = Where("created_at", ">=", spell(now - SPAN))
    counted: dict[str, JsonValue] = {
        name: store.count(Query(Lead.collection, (Where("owner_id", "==", name), since)))
        for name in sorted(people)
    }
    if not counted:
        return

    def work(tx: Tx) -> None:
        tx.put(*_PLACE, {"counts": {**_stored(tx.get(*_PLACE)), **counted}, "at": spell(now)})

    store.run(work)


def _stored(doc: Doc | None) -> dict[str, int]:
    counts = doc.get("counts") if doc else None
    known = counts if isinstance(counts, Mapping) else {}
    return {name: count for name, count in known.items() if isinstance(count, int)}


def _owners(part: Part) -> Iterator[str]:
    for side in (part.before, part.after) if part.entity == Lead.kind else ():
        owner = side.get("owner_id") if side else None
        if isinstance(owner, str):
            yield owner
