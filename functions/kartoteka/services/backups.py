"""What is known of the office's backups: when the newest was made, whether one came back whole.

Bookkeeping, not records: written directly and not in the change log, like checkpoints.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Lead
from kartoteka.ports import Doc, Order, Query, Store

COLLECTION = "backups"
NEWEST = "newest"
TEST = "test"
LATE = timedelta(hours=26)  # one night and two hours
TEST_LATE = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Backups:
    """Ages in seconds; None when it never happened."""

    newest_s: float | None  # since the moment that the newest backup shows
    tested_s: float | None  # since one was restored elsewhere and compared
    failed: bool  # whether that found a difference
    office_s: float  # since the office's first request, 0 without one or where it does not matter

    @property
    def is_late(self) -> bool:
        """Return whether last night's backup is missing."""
        age = self.office_s if self.newest_s is None else self.newest_s
        return age > LATE.total_seconds()

    @property
    def is_untested(self) -> bool:
        """Return whether nobody knows whether the backups would come back."""
        age = self.office_s if self.tested_s is None else self.tested_s
        return age > TEST_LATE.total_seconds()


def examine(store: Store, now: datetime) -> Backups:
    """Return how old the backups are; two reads, one more for an office that has none."""
    notes = store.get_many(COLLECTION, [NEWEST, TEST])
    newest, test = _age(notes.get(NEWEST), now), _age(notes.get(TEST), now)
    return Backups(
        newest_s=newest,
        tested_s=test,
        failed=TEST in notes and not notes[TEST].get("ok"),
        office_s=_office_age(store, now) if newest is None or test is None else 0.0,
    )


def note_made(store: Store, at: datetime, place: str, **more: str) -> None:
    """Remember that the office as it was at this moment is kept at this place."""
    doc: Doc = {"at": spell(at), "place": place, **more}
    store.run(lambda tx: tx.put(COLLECTION, NEWEST, doc))


def note_tested(store: Store, at: datetime, place: str, problem: str = "") -> None:
    """Remember that the backup at this place was restored elsewhere, and what was wrong with it."""
    doc: Doc = {"at": spell(at), "place": place, "ok": not problem, "problem": problem}
    store.run(lambda tx: tx.put(COLLECTION, TEST, doc))


def _age(note: Doc | None, now: datetime) -> float | None:
    return None if note is None else max(0.0, (now - read(str(note["at"]))).total_seconds())


def _office_age(store: Store, now: datetime) -> float:
    for first in store.query(Query(Lead.collection, order=(Order("created_at"),), limit=1)):
        return max(0.0, (now - read(str(first.doc["created_at"]))).total_seconds())
    return 0.0
