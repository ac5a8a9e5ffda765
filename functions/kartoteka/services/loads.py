"""Who has had their share of leads: counted at most once a minute in each instance."""

import threading
import time
from datetime import datetime, timedelta

from kartoteka.domain.instant import spell
from kartoteka.domain.office import Settings
from kartoteka.ports import Query, Store, Where

SPAN = timedelta(days=30)


class Loads:
    """People over their quota of new leads in the last 30 days.

    Source: one indexed count per person, kept for `ttl_s` seconds; what this instance hands out
    meanwhile is not seen until then, so a quota may be passed by a minute's worth of leads.
    """

    def __init__(self, ttl_s: float = 60) -> None:
        self._ttl_s = ttl_s
        self._lock = threading.Lock()
        self._kept: tuple[float, frozenset[str]] | None = None

    def full(self, store: Store, settings: Settings, now: datetime) -> frozenset[str]:
        """Return the ids of those who get no more from a queue."""
        kept = self._kept
        if kept is not None and time.monotonic() - kept[0] < self._ttl_s:
            return kept[1]
        with self._lock:
            found = _count(store, settings, now)
            self._kept = (time.monotonic(), found)
        return found


def _count(store: Store, settings: Settings, now: datetime) -> frozenset[str]:
    since = Where("created_at", ">=", spell(now - SPAN))
    limited = [p for p in settings.staff if p.active and p.takes_leads and p.quota]
    return frozenset(
        person.id
        for person in limited
        if store.count(Query("leads", (Where("owner_id", "==", person.id), since))) >= person.quota
    )
