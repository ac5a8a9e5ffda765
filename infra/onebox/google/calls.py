"""How often each method was called since the start."""

import threading
from collections import Counter


class Calls:
    """Counters by method id, which threads may share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, method_id: str) -> None:
        """Count one call."""
        with self._lock:
            self._counts[method_id] += 1

    def total(self, prefix: str = "") -> int:
        """Return the number of calls of the methods whose id begins so; all by default."""
        return sum(count for name, count in self.by_method().items() if name.startswith(prefix))

    def by_method(self) -> dict[str, int]:
        """Return the number of calls by method id, ids in alphabetical order."""
        with self._lock:
            return dict(sorted(self._counts.items()))
