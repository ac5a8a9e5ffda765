"""Runs what is due: sleeps until then, wakes when something changes, calls from a small pool."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from kartoteka.ports import Clock
from onebox.clock import BoxClock
from onebox.tasks.calls import Caller, outcome_of
from onebox.tasks.errors import StoreBroken
from onebox.tasks.model import Oidc, Outcome, Task
from onebox.tasks.pick import Picker
from onebox.tasks.schedule import Job, Schedule
from onebox.tasks.store import TaskStore
from onebox.tasks.travel import Step, Sweeps, pass_time

WORKERS = 8
# A sleeping laptop stops the monotonic clock; looking this often heals it at no cost.
LONGEST_SLEEP = timedelta(seconds=30)
_AFTER_TROUBLE = timedelta(seconds=1)

# Periodic jobs stand in no queue.
_NO_QUEUE = ""

_log = logging.getLogger("onebox.tasks")


class Runner:
    """Dispatches tasks and periodic jobs, each at least once.

    A task whose attempt was cut off by a crash is still in the store and runs again. `base_url`
    is where the jobs' paths lead, and the audience of their tokens; `email` is who calls.
    """

    def __init__(
        self,
        store: TaskStore,
        clock: Clock,
        caller: Caller,
        schedule: Schedule,
        *,
        base_url: str,
        email: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._caller = caller
        self._schedule = schedule
        self._base_url = base_url
        self._job_identity = Oidc(email, base_url)
        self._picker = Picker(store)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="task")
        self._thread = threading.Thread(target=self._loop, name="tasks", daemon=True)
        self._gate = threading.RLock()
        self._stopping = False
        self._change = threading.Condition()
        self._changed = False
        self._running: dict[str, str] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more and wait for the calls under way."""
        self._stopping = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)

    def wake(self) -> None:
        """Look again for something to run; cheap, callable from any thread."""
        with self._change:
            self._changed = True
            self._change.notify_all()

    def alive(self) -> bool:
        """Tell whether the dispatcher is at work; for the health page."""
        return self._thread.is_alive() and not self._stopping

    def running(self) -> frozenset[str]:
        """Return the full names of the tasks being called now."""
        with self._change:
            return frozenset(self._running)

    def travel(self, clock: BoxClock, target: datetime) -> int:
        """Move the time to `target` and fire all that is due on the way, in its order.

        Each call happens at its own moment and ends before the next begins; what it creates
        joins in. A failing task is repeated in virtual time. Paused queues stay paused.

        Returns:
            The number of calls made, of tasks and of periodic jobs.

        Raises:
            NotAllowed: the box runs on real time. Invalid: `target` is in the past.
        """
        clock.check(target)
        with self._alone(), clock.held():
            sweeps = Sweeps(self._schedule)
            try:
                return pass_time(clock, target, partial(self._next_step, sweeps))
            finally:
                self._schedule.resume(clock.now())

    def _loop(self) -> None:
        sleep = timedelta(0)
        while not self._stopping:
            with self._change:
                if not self._changed:
                    self._change.wait(sleep.total_seconds())
                self._changed = False
            sleep = self._look()

    def _look(self) -> timedelta:
        """Start what is due and return the time until there is more."""
        try:
            with self._gate:
                return timedelta(0) if self._stopping else self._start_due(self._clock.now())
        except StoreBroken as exc:
            _log.warning("nothing started: %s", exc)
            return _AFTER_TROUBLE

    def _start_due(self, now: datetime) -> timedelta:
        with self._change:
            running = dict(self._running)
        again: list[datetime] = []
        while (entry := self._schedule.next(running)) is not None:
            due, job = entry
            if due > now:
                again.append(due)
                break
            running[job.name] = _NO_QUEUE
            self._start_job(due, job)
        picked = self._picker.pick(running, WORKERS - len(running), now)
        self._start_tasks(picked.tasks, now)
        if picked.again is not None:
            again.append(picked.again)
        wait = min(again, default=now + LONGEST_SLEEP) - now
        return min(max(wait, timedelta(0)), LONGEST_SLEEP)

    def _start_job(self, due: datetime, job: Job) -> None:
        self._start(
            _Call(
                name=job.name,
                queue=_NO_QUEUE,
                make=partial(
                    self._caller.call_job,
                    job,
                    self._base_url + job.path,
                    due,
                    self._job_identity,
                ),
                end=lambda outcome: self._schedule.finished(job, self._clock.now(), ok=outcome.ok),
            )
        )

    def _start_tasks(self, tasks: list[Task], now: datetime) -> None:
        for task in self._store.begin(tasks, now) if tasks else []:
            self._start(
                _Call(
                    name=task.name,
                    queue=task.queue,
                    make=partial(self._caller.call_task, task),
                    end=partial(self._finish_task, task),
                )
            )

    def _finish_task(self, task: Task, outcome: Outcome) -> None:
        self._store.finish(task, outcome, self._clock.now())

    def _start(self, call: "_Call") -> None:
        with self._change:
            self._running[call.name] = call.queue
        self._pool.submit(call.make).add_done_callback(partial(self._ended, call))

    def _ended(self, call: "_Call", future: "Future[Outcome]") -> None:
        try:
            call.end(outcome_of(future, call.name))
        except StoreBroken as exc:
            _log.warning("the end of %s was not recorded, it runs again: %s", call.name, exc)
        finally:
            with self._change:
                self._running.pop(call.name, None)
                self._changed = True
                self._change.notify_all()

    # Travelling

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep the dispatcher waiting; enter when no call is under way."""
        try:
            with self._gate:
                self._wait_until_idle()
                yield
        finally:
            self.wake()

    def _wait_until_idle(self) -> None:
        with self._change:
            self._change.wait_for(lambda: not self._running)

    def _next_step(self, sweeps: Sweeps) -> Step | None:
        if self._stopping:
            return None
        task = self._picker.first()
        entry = sweeps.next()
        if task is not None and (entry is None or task.due <= entry[0]):
            return Step(task.due, partial(self._fire_task, task, sweeps))
        if entry is None:
            return None
        due, job = entry
        return Step(due, partial(self._fire_job, due, job, sweeps))

    def _fire_task(self, task: Task, sweeps: Sweeps) -> None:
        self._start_tasks([task], self._clock.now())
        self._wait_until_idle()
        sweeps.happened(task, self._clock.now())

    def _fire_job(self, due: datetime, job: Job, sweeps: Sweeps) -> None:
        self._start_job(due, job)
        self._wait_until_idle()
        sweeps.ran(job)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: how it is made, and what is recorded when it has ended."""

    name: str
    queue: str
    make: Callable[[], Outcome]
    end: Callable[[Outcome], None]
