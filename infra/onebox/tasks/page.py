"""What the page of queued work shows. Never payloads: they hold clients' data."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from onebox.tasks.model import QueueState, Task
from onebox.tasks.store import Failure, TaskStore

ROWS = 200


class RowState(StrEnum):
    """How a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `last` is the last answer in words, empty before the first attempt."""

    queue: str
    name: str
    path: str
    due: datetime
    attempts: int
    last: str
    state: RowState


def rows(store: TaskStore, running: Collection[str], limit: int = ROWS) -> list[Row]:
    """Return the tasks given up, the latest first, then the waiting ones, the next due first."""
    failed = [_failed(failure) for failure in store.failures(limit)]
    waiting: list[Task] = []
    paused = set()
    for queue in store.queues().values():
        waiting += store.head(queue.name, limit)
        if queue.state is QueueState.PAUSED:
            paused.add(queue.name)
    waiting.sort(key=lambda task: task.due)
    return failed + [_waiting(task, running, paused) for task in waiting[:limit]]


def _failed(failure: Failure) -> Row:
    return Row(
        queue=_short(failure.queue),
        name=_short(failure.name),
        path=urlsplit(failure.url).path,
        due=failure.failed,
        attempts=failure.attempts,
        last=failure.reason,
        state=RowState.FAILED,
    )


def _waiting(task: Task, running: Collection[str], paused: Collection[str]) -> Row:
    return Row(
        queue=_short(task.queue),
        name=task.id,
        path=urlsplit(task.url).path,
        due=task.due,
        attempts=task.dispatches,
        last=task.reason,
        state=_state(task, running, paused),
    )


def _state(task: Task, running: Collection[str], paused: Collection[str]) -> RowState:
    if task.name in running:
        return RowState.RUNNING
    if task.queue in paused:
        return RowState.PAUSED
    return RowState.RETRYING if task.status is not None else RowState.WAITING


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]
