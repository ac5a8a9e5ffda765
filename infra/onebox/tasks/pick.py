"""Which tasks may run now: due, within their queue's limits, every queue in its turn."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from onebox.tasks.model import Queue, QueueState, Task
from onebox.tasks.store import TaskStore


@dataclass(frozen=True, slots=True)
class Picked:
    """Tasks to start now, and when there may be more (None: when something changes)."""

    tasks: list[Task]
    again: datetime | None


class Pace:
    """A token bucket in real time: at most `per_second`, with a burst of one second's worth."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._tokens = self._burst = max(1.0, per_second)
        self._at = time.monotonic()

    def room(self) -> int:
        """Return how many may start now."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        return int(self._tokens)

    def take(self) -> None:
        self._tokens -= 1

    def wait(self) -> timedelta:
        """Return the time until one may start."""
        return timedelta(seconds=max(0.0, 1.0 - self._tokens) / self.per_second)


class Picker:
    """Chooses among the queues of a store."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store
        self._paces: dict[str, Pace] = {}
        self._turn = 0

    def pick(self, running: Mapping[str, str], free: int, now: datetime) -> Picked:
        """Choose at most `free` tasks; `running` maps task names to their queues."""
        if free <= 0:
            return Picked([], None)
        forced = [task for task in self._store.forced() if task.name not in running][:free]
        taken = set(running) | {task.name for task in forced}
        held = Counter(running.values()) + Counter(task.queue for task in forced)
        lines: list[list[Task]] = []
        later: list[datetime] = []
        for queue in self._in_turn():
            room = min(queue.rate.concurrent - held[queue.name], free)
            self._look(queue, room, taken, now, lines=lines, later=later)
        turns = chain.from_iterable(zip_longest(*lines))
        chosen = [task for task in turns if task is not None][: free - len(forced)]
        for task in chosen:
            self._paces[task.queue].take()
        return Picked(forced + chosen, min(later, default=None))

    def first(self) -> Task | None:
        """Return the task that is to run first, whenever that is; limits are left out.

        Of several due at one moment it is the one that was asked for first.
        """
        return self._store.first([queue.name for queue in self._in_turn()])

    def _look(
        self,
        queue: Queue,
        room: int,
        taken: set[str],
        now: datetime,
        *,
        lines: list[list[Task]],
        later: list[datetime],
    ) -> None:
        if room <= 0:
            return
        pace = self._pace(queue)
        head = self._store.head(queue.name, room + len(taken))
        waiting = [task for task in head if task.name not in taken]
        due = [task for task in waiting if task.due <= now]
        lines.append(due[: min(room, pace.room())])
        if due and not lines[-1]:
            later.append(now + pace.wait())
        later += [task.due for task in waiting[len(due) : len(due) + 1]]

    def _in_turn(self) -> list[Queue]:
        active = [q for q in self._store.queues().values() if q.state is QueueState.RUNNING]
        self._turn = (self._turn + 1) % max(1, len(active))
        return active[self._turn :] + active[: self._turn]

    def _pace(self, queue: Queue) -> Pace:
        pace = self._paces.get(queue.name)
        if pace is None or pace.per_second != queue.rate.per_second:
            pace = self._paces[queue.name] = Pace(queue.rate.per_second)
        return pace
