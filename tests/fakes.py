"""Stand-ins for ports that a test steers and looks into."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kartoteka.ports import QueuedTask


class FixedClock:
    """A clock that moves only when told; starts on a working Monday morning in Moscow."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class FakeTasks:
    """Keeps what was enqueued; a used name is refused."""

    def __init__(self) -> None:
        self.queued: list[QueuedTask] = []
        self._names: set[str] = set()

    def enqueue(self, task: QueuedTask) -> bool:
        if task.name in self._names:
            return False
        self._names.add(task.name)
        self.queued.append(task)
        return True


class TrustingCallers:
    """Takes every token for one of Google Chat."""

    def email(self, bearer: str) -> str:
        return "chat@system.gserviceaccount.com"


class TrustingTopics:
    """Believes every signature; keeps what it was asked to confirm."""

    def __init__(self) -> None:
        self.confirmed: list[Mapping[str, object]] = []

    def check(self, envelope: Mapping[str, object]) -> None:
        return

    def confirm(self, envelope: Mapping[str, object]) -> None:
        self.confirmed.append(envelope)
