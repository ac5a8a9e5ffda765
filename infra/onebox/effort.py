"""Where the processor time of a box goes: seconds of its threads, by what they worked for."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from onebox.wsgi import Environ, StartResponse, Wsgi

BACKUPS, CLIENTS, GOOGLE, REST = "backups", "clients", "google", "rest"
_NAMES = (
    ("/automation/task/drain", "decisions"),
    ("/automation/task/firing", "decisions"),
    ("/automation/task/notice", "notices"),
    ("/automation/task/timer", "timers"),
    ("/automation/task/", "messages"),
    ("/automation/tick", "ticks"),
    ("/automation/", "nights"),
    ("/ingest/mailboxes", "ticks"),
    ("/ingest/", CLIENTS),
    ("/sync/drain/calendar", "calendars"),
    ("/sync/look/calendar", "calendars"),
    ("/sync/drain/contacts", "contacts"),
    ("/sync/look/contacts", "contacts"),
    ("/sync/drain/segments", "figures"),
    ("/sync/drain/stats", "figures"),
    ("/sync/", "books"),
)


def part_of(path: str) -> str:
    """Return for which part of the office a function works that is called at this path."""
    return next((name for start, name in _NAMES if path.startswith(start)), REST)


class Effort:
    """Adds up; every method is safe in every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def spent_on(self, part: str) -> Iterator[None]:
        """Count what this thread does inside the block."""
        began = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                self._seconds[part] += time.thread_time() - began

    def measured(self, function: Wsgi) -> Wsgi:
        """Return the function, with its calls counted by their paths."""

        def call(environ: Environ, start: StartResponse) -> Iterable[bytes]:
            with self.spent_on(part_of(environ["PATH_INFO"])):
                return function(environ, start)

        return call

    def seconds(self) -> dict[str, float]:
        """Return processor seconds since the start by part; `rest` is what no part accounts for."""
        with self._lock:
            parts = dict(self._seconds)
        rest = time.process_time() - sum(parts.values()) + parts.get(REST, 0.0)
        return {name: round(spent, 1) for name, spent in sorted({**parts, REST: rest}.items())}
