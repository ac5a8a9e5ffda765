"""Clients go first: while many wait for an answer, the box's own work waits its turn.

One process has one interpreter lock. Without an order of precedence a burst of leads and the
mirrors that follow it share it evenly, and the visitors wait for the mirrors. Nothing is lost by
letting the mirrors wait: they take a burst in fewer, larger steps.
"""

import math
import threading
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

BUSY = 4  # calls under way that make a burst
BRISK = 60.0  # calls a second that make one too, even if they come one after another
PATIENCE_S = 15.0  # how long own work stands back: rows may be late, never forgotten
TURN_S = 5.0  # how long it then goes ahead, beside the clients of a burst without end
_LOOK_S = 0.05
_HALF_LIFE_S = 0.2  # how fast the measured pace forgets
_STEADY = math.log(2) / _HALF_LIFE_S  # of a pace of one call a second, once it has settled


class RightOfWay:
    """Counts the clients' calls under way; own work asks before it starts and between its steps.

    Whoever asks during a burst waits for its end. When somebody has stood back for `patience_s`,
    all own work has a turn of `turn_s`, then stands back again.
    """

    def __init__(
        self,
        busy: int = BUSY,
        brisk: float = BRISK,
        *,
        patience_s: float = PATIENCE_S,
        turn_s: float = TURN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._busy = busy
        self._brisk = brisk
        self._patience_s = patience_s
        self._turn_s = turn_s
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self._recent = 0.0  # calls, each counting half after every half-life
        self._recent_at = clock()
        self._standing_since: float | None = None

    def for_clients(self, app: ASGIApp) -> ASGIApp:
        """Return the application, with each of its calls counted while it is under way."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self._count(1)
            try:
                await app(scope, receive, send)
            finally:
                self._count(-1)

        return counted

    def for_own_work(self, app: ASGIApp) -> ASGIApp:
        """Return the application, with each of its calls standing back for clients."""

        async def patient(scope: Scope, receive: Receive, send: Send) -> None:
            if self._must_wait():
                await run_in_threadpool(self.give_way)
            await app(scope, receive, send)

        return patient

    def give_way(self) -> None:
        """Wait until the burst is over or own work has its turn."""
        while self._must_wait():
            time.sleep(_LOOK_S)

    def _must_wait(self) -> bool:
        with self._lock:
            now = self._clock()
            if not self._is_burst(now):
                self._standing_since = None
                return False
            if self._standing_since is None or now >= self._turn_ends(self._standing_since):
                self._standing_since = now
            return now < self._standing_since + self._patience_s

    def _turn_ends(self, since: float) -> float:
        return since + self._patience_s + self._turn_s

    def _is_burst(self, now: float) -> bool:
        return self._under_way >= self._busy or self._faded(now) * _STEADY >= self._brisk

    def _faded(self, now: float) -> float:
        faded: float = self._recent * 0.5 ** ((now - self._recent_at) / _HALF_LIFE_S)
        return faded

    def _count(self, by: int) -> None:
        with self._lock:
            self._under_way += by
            if by > 0:
                now = self._clock()
                self._recent, self._recent_at = self._faded(now) + by, now
