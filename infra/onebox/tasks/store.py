"""The runner's memory: queues, waiting tasks, used names and failures in tasks.sqlite3."""

import json
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from onebox.tasks.commits import GroupCommit
from onebox.tasks.model import (
    TOMBSTONE,
    Oidc,
    Outcome,
    Queue,
    QueueState,
    RateLimits,
    RetryConfig,
    Task,
)
from onebox.tasks.retry import exhausted, pause
from onebox.tasks.schema import SCHEMA
from onebox.tasks.wire import retry_from_json, retry_to_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SWEPT_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that was given up."""

    name: str
    queue: str
    url: str
    created: datetime
    failed: datetime
    attempts: int
    status: int
    reason: str


class TaskStore:
    """Queues and tasks on the disk; every method is safe in every thread.

    Raises:
        StoreBroken: a write did not become durable.
    """

    def __init__(self, path: Path) -> None:
        self._db = GroupCommit(path, SCHEMA)
        self._queues: dict[str, Queue] | None = None
        self._queues_lock = threading.Lock()

    def close(self) -> None:
        self._db.close()

    # Queues

    def queues(self) -> dict[str, Queue]:
        """Return every queue by its full name."""
        with self._queues_lock:
            if self._queues is None:
                rows = self._db.read("SELECT * FROM queues ORDER BY name")
                self._queues = {row["name"]: _queue(row) for row in rows}
            return self._queues

    def put_queue(self, queue: Queue) -> None:
        """Create or replace a queue; its tasks stay."""
        values = (
            queue.name,
            queue.rate.per_second,
            queue.rate.concurrent,
            json.dumps(retry_to_json(queue.retry)),
            queue.state.value,
            _micros_or_none(queue.purged),
        )
        with self._queues_lock:
            self._db.write(
                lambda db: db.execute("INSERT OR REPLACE INTO queues VALUES (?,?,?,?,?,?)", values)
            )
            self._queues = None

    def purge(self, queue: Queue, now: datetime) -> None:
        """Delete all tasks of a queue; their names stay used."""

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT OR REPLACE INTO tombstones SELECT name, ? FROM tasks WHERE queue=?",
                (_micros(now + TOMBSTONE), queue.name),
            )
            db.execute("DELETE FROM tasks WHERE queue=?", (queue.name,))

        self._db.write(work)
        self.put_queue(replace(queue, purged=now))

    # Tasks

    def create(self, task: Task) -> bool:
        """Add a task; False if its name is in use or was used within the last day."""

        def work(db: sqlite3.Connection) -> bool:
            if _name_is_used(db, task):
                return False
            db.execute(_INSERT, _row(task))
            return True

        return self._db.write(work)

    def get(self, name: str) -> Task | None:
        rows = self._db.read("SELECT * FROM tasks WHERE name=?", name)
        return _task(rows[0]) if rows else None

    def listing(self, queue: str, after: str, limit: int) -> list[Task]:
        """Return the tasks of a queue by name, behind the name `after`."""
        rows = self._db.read(
            "SELECT * FROM tasks WHERE queue=? AND name>? ORDER BY name LIMIT ?",
            queue,
            after,
            limit,
        )
        return [_task(row) for row in rows]

    def head(self, queue: str, limit: int) -> list[Task]:
        """Return the next tasks of a queue, the earliest due first, later ones included."""
        rows = self._db.read(
            "SELECT * FROM tasks WHERE queue=? ORDER BY due, seq LIMIT ?", queue, limit
        )
        return [_task(row) for row in rows]

    def first(self, queues: Collection[str]) -> Task | None:
        """Return the task of these queues, or a forced one, that is due before all others."""
        rows = self._db.read(
            "SELECT * FROM tasks INDEXED BY tasks_by_due"
            " WHERE forced=1 OR queue IN (SELECT value FROM json_each(?))"
            " ORDER BY due, seq LIMIT 1",
            json.dumps([*queues]),
        )
        return _task(rows[0]) if rows else None

    def forced(self) -> list[Task]:
        """Return the tasks somebody asked to run at once."""
        return [_task(row) for row in self._db.read("SELECT * FROM tasks WHERE forced=1")]

    def force(self, name: str, now: datetime) -> None:
        """Make a task run at once, whatever its queue's state and limits."""
        self._db.write(
            lambda db: db.execute(
                "UPDATE tasks SET forced=1, due=? WHERE name=?", (_micros(now), name)
            )
        )

    def begin(self, tasks: list[Task], now: datetime) -> list[Task]:
        """Record that attempts begin, and return the tasks with these attempts counted."""
        moment = _micros(now)
        self._db.write(
            lambda db: db.executemany(
                "UPDATE tasks SET dispatches=dispatches+1, last_dispatch=?,"
                " first_dispatch=coalesce(first_dispatch, ?) WHERE name=?",
                [(moment, moment, task.name) for task in tasks],
            ),
            lasting=False,
        )
        return [
            replace(
                task,
                dispatches=task.dispatches + 1,
                first_dispatch=task.first_dispatch or now,
                last_dispatch=now,
            )
            for task in tasks
        ]

    def finish(self, task: Task, outcome: Outcome, now: datetime) -> None:
        """Record the end of the attempt of a begun task: done, given up, or to be repeated.

        The disk is not waited for: a call whose end a power cut undoes is made once more.
        """
        queue = self.queues().get(task.queue, Queue(task.queue))
        retry = task.retry or queue.retry
        since_first = now - (task.first_dispatch or now)
        if outcome.ok:
            self._db.write(lambda db: _bury(db, task.name, now), lasting=False)
        elif exhausted(retry, task.dispatches, since_first):
            self._give_up(task, outcome, now)
        else:
            wait = max(pause(retry, task.dispatches), outcome.retry_after)
            self._repeat(task, outcome, now, now + wait)

    def delete(self, name: str, now: datetime) -> bool:
        """Delete a task and keep its name used; False if there was none."""
        return self._db.write(lambda db: _bury(db, name, now))

    def _give_up(self, task: Task, outcome: Outcome, now: datetime) -> None:
        values = (
            task.name,
            task.queue,
            task.url,
            _micros(task.created),
            _micros(now),
            task.dispatches,
            outcome.status,
            outcome.reason,
        )

        def work(db: sqlite3.Connection) -> None:
            if _bury(db, task.name, now):
                db.execute("INSERT INTO failed VALUES (?,?,?,?,?,?,?,?)", values)

        self._db.write(work, lasting=False)

    def _repeat(self, task: Task, outcome: Outcome, now: datetime, due: datetime) -> None:
        answered = outcome.status > 0
        handled = answered and outcome.status < 500  # noqa: PLR2004 - HTTP's server errors
        self._db.write(
            lambda db: db.execute(
                "UPDATE tasks SET due=?, forced=0, status=?, reason=?, last_response=?,"
                " responses=responses+?, executions=executions+? WHERE name=?",
                (
                    _micros(due),
                    outcome.status,
                    outcome.reason,
                    _micros(now) if answered else None,
                    int(answered),
                    int(handled),
                    task.name,
                ),
            ),
            lasting=False,
        )

    # What people look at

    def failures(self, limit: int) -> list[Failure]:
        """Return the tasks given up, the latest first."""
        rows = self._db.read("SELECT * FROM failed ORDER BY failed DESC LIMIT ?", limit)
        return [
            Failure(
                name=row["name"],
                queue=row["queue"],
                url=row["url"],
                created=_moment(row["created"]),
                failed=_moment(row["failed"]),
                attempts=row["attempts"],
                status=row["status"],
                reason=row["reason"],
            )
            for row in rows
        ]

    def count(self) -> int:
        """Return the number of tasks that are not finished."""
        return int(self._db.read("SELECT count(*) FROM tasks")[0][0])

    # Periodic jobs

    def job_states(self) -> dict[str, tuple[str, datetime]]:
        """Return, per job, the plan it was last stored with and the next time it is due."""
        rows = self._db.read("SELECT * FROM jobs")
        return {row["name"]: (row["plan"], _moment(row["due"])) for row in rows}

    def put_job(self, name: str, plan: str, due: datetime) -> None:
        """Keep when a job is due next; after a power cut it may run once more."""
        values = (name, plan, _micros(due))
        self._db.write(
            lambda db: db.execute("INSERT OR REPLACE INTO jobs VALUES (?,?,?)", values),
            lasting=False,
        )


_INSERT = (
    "INSERT INTO tasks (name, queue, url, headers, body, oidc_email, oidc_audience, deadline,"
    " retry, due, created) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)


def _name_is_used(db: sqlite3.Connection, task: Task) -> bool:
    now = _micros(task.created)
    live = db.execute("SELECT 1 FROM tasks WHERE name=?", (task.name,)).fetchone()
    dead = db.execute("SELECT free_at FROM tombstones WHERE name=?", (task.name,)).fetchone()
    return live is not None or (dead is not None and dead["free_at"] > now)


def _bury(db: sqlite3.Connection, name: str, now: datetime) -> bool:
    if db.execute("DELETE FROM tasks WHERE name=?", (name,)).rowcount == 0:
        return False
    free_at = _micros(now + TOMBSTONE)
    db.execute("INSERT OR REPLACE INTO tombstones VALUES (?,?)", (name, free_at))
    db.execute(
        "DELETE FROM tombstones WHERE name IN"
        " (SELECT name FROM tombstones WHERE free_at<=? LIMIT ?)",
        (_micros(now), _SWEPT_AT_ONCE),
    )
    return True


def _row(task: Task) -> tuple[object, ...]:
    return (
        task.name,
        task.queue,
        task.url,
        json.dumps(dict(task.headers)),
        task.body,
        task.oidc.email if task.oidc else None,
        task.oidc.audience if task.oidc else None,
        task.deadline // _MICROSECOND,
        json.dumps(retry_to_json(task.retry)) if task.retry else None,
        _micros(task.due),
        _micros(task.created),
    )


def _task(row: sqlite3.Row) -> Task:
    email = row["oidc_email"]
    return Task(
        name=row["name"],
        queue=row["queue"],
        url=row["url"],
        due=_moment(row["due"]),
        created=_moment(row["created"]),
        headers=json.loads(row["headers"]),
        body=row["body"],
        oidc=Oidc(email, row["oidc_audience"]) if email else None,
        deadline=row["deadline"] * _MICROSECOND,
        retry=_retry(row["retry"]) if row["retry"] else None,
        dispatches=row["dispatches"],
        responses=row["responses"],
        executions=row["executions"],
        first_dispatch=_moment_or_none(row["first_dispatch"]),
        last_dispatch=_moment_or_none(row["last_dispatch"]),
        last_response=_moment_or_none(row["last_response"]),
        status=row["status"],
        reason=row["reason"],
        forced=bool(row["forced"]),
    )


def _queue(row: sqlite3.Row) -> Queue:
    return Queue(
        name=row["name"],
        rate=RateLimits(row["per_second"], row["concurrent"]),
        retry=_retry(row["retry"]),
        state=QueueState(row["state"]),
        purged=_moment_or_none(row["purged"]),
    )


def _retry(text: str) -> RetryConfig:
    return retry_from_json(json.loads(text))


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else _micros(moment)


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def _moment_or_none(micros: int | None) -> datetime | None:
    return None if micros is None else _moment(micros)
