"""A lock that serves threads in the order of their arrival.

SQLite lets writers wait by sleeping and trying again, so with many threads some wait long beyond
their turn. Behind this lock only one thread of the process asks SQLite at a time.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from kartoteka.domain.errors import ConfigError, Transient


class FairLock:
    """First come, first served; released by handing it to the longest waiting thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._owner: int | None = None

    @contextmanager
    def held(self, patience_s: float) -> Iterator[None]:
        """Hold the lock; `Transient` when its turn does not come in time."""
        self._acquire(patience_s)
        try:
            yield
        finally:
            self._release()

    def _acquire(self, patience_s: float) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner == me:
                raise ConfigError("a transaction runs inside another: pass the inner work its tx")
            if self._owner is None:
                self._owner = me
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append((me, turn))
        if not turn.acquire(timeout=patience_s) and self._gave_up(me, turn):
            raise Transient("the store is busy with other writers: repeat later")

    def _gave_up(self, me: int, turn: threading.Lock) -> bool:
        """Leave the queue; False if the lock was handed over at the last moment."""
        with self._guard:
            if (me, turn) not in self._waiting:
                return False
            self._waiting.remove((me, turn))
            return True

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                self._owner, turn = self._waiting.popleft()
                turn.release()
            else:
                self._owner = None
