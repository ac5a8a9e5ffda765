"""The time of one box: the wall's, or a virtual one that can be moved forward."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kartoteka.domain.errors import ConfigError, Invalid, NotAllowed


class BoxClock:
    """The office's time as aware UTC.

    Without arguments it is the wall clock. With `start` it is virtual: it begins at `start`,
    ticks at the speed of real time and can be moved forward. A virtual clock with `saved` keeps
    its offset in that file, so that a restart continues where the wall has carried it; it never
    goes back, so a `start` earlier than the continued time is ignored. A `saved` file that
    exists makes the clock virtual even without `start`.

    Raises:
        ConfigError: the saved file cannot be read as one of ours.
    """

    def __init__(self, start: datetime | None = None, saved: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._saved = saved
        self._held = 0
        moments = [m for m in (start, _continued(saved)) if m is not None]
        self.virtual = bool(moments)
        self._start(max(moments, default=datetime.now(UTC)))

    def now(self) -> datetime:
        if not self.virtual:
            return datetime.now(UTC)
        with self._lock:
            return self._read()

    def advance(self, step: timedelta) -> datetime:
        """Move forward by `step` and return the new time; nothing is dispatched by this alone."""
        return self.set(self.now() + step)

    def set(self, moment: datetime) -> datetime:
        """Move forward to `moment` (aware) and return it; nothing is dispatched by this alone.

        Raises:
            NotAllowed: the box runs on real time.
            Invalid: `moment` is before the present or has no zone.
        """
        self.check(moment)
        self.reach(moment)
        return moment.astimezone(UTC)

    def reach(self, moment: datetime) -> None:
        """Move a virtual clock forward to `moment`, unless it has passed it already."""
        with self._lock:
            if self.virtual and moment > self._read():
                self._start(moment)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Stop the virtual clock's own ticking inside the block; it still can be moved."""
        with self._lock:
            self._base = self._read()
            self._held += 1
        try:
            yield
        finally:
            with self._lock:
                self._held -= 1
                self._ticks = time.monotonic()

    def check(self, moment: datetime) -> None:
        """Raise what `set` would raise."""
        if not self.virtual:
            raise NotAllowed("The box runs on real time; start it with --clock to move its time.")
        if moment.tzinfo is None:
            raise Invalid("The moment has no time zone; add Z or an offset such as +03:00.")
        now = self.now()
        if moment < now:
            raise Invalid(
                f"The clock shows {now.isoformat()} and never goes back; "
                f"choose a later moment than {moment.isoformat()}."
            )

    def _read(self) -> datetime:
        if self._held:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._ticks)

    def _start(self, moment: datetime) -> None:
        """Go on from `moment`; the wall is read first, lest a restart falls behind this clock."""
        wall = datetime.now(UTC)
        self._base = moment.astimezone(UTC)
        self._ticks = time.monotonic()
        if self.virtual and self._saved is not None:
            self._save(self._saved, wall)

    def _save(self, saved: Path, wall: datetime) -> None:
        state = {
            "virtual": self._base.isoformat(),
            "offset_s": (self._base - wall).total_seconds(),
        }
        draft = saved.with_suffix(".new")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(saved)


def _continued(saved: Path | None) -> datetime | None:
    if saved is None or not saved.exists():
        return None
    try:
        state = json.loads(saved.read_text(encoding="utf-8"))
        last = datetime.fromisoformat(state["virtual"])
        carried = datetime.now(UTC) + timedelta(seconds=float(state["offset_s"]))
        return max(last, carried)
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(
            f"The virtual clock file {saved} is damaged; delete it to start anew."
        ) from exc
