"""Periodic jobs of one box: what Cloud Scheduler is in the cloud."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from kartoteka.ports import Clock
from onebox.tasks.store import TaskStore

RETRY = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SHORTEST_MONTH = 28  # days


class Plan(Protocol):
    """When a job runs; its `repr` identifies it across restarts."""

    def after(self, moment: datetime) -> datetime:
        """Return the first run later than `moment`, aware UTC."""


@dataclass(frozen=True, slots=True)
class Every:
    """At whole multiples of a step since 1970: every minute means at :00 seconds."""

    step: timedelta

    def __post_init__(self) -> None:
        if self.step <= timedelta(0):
            raise ValueError("A job's step must be positive, such as timedelta(minutes=1).")

    def after(self, moment: datetime) -> datetime:
        return _EPOCH + ((moment - _EPOCH) // self.step + 1) * self.step


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at a local time; a time that a clock change skips runs when it would have been."""

    at: time
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime:
        day = moment.astimezone(self.zone).date() - _DAY
        while True:
            run = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if run > moment:
                return run
            day += _DAY


@dataclass(frozen=True, slots=True)
class Monthly:
    """Once a month, on a day that every month has, at a local time."""

    day: int
    at: time
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not 1 <= self.day <= _SHORTEST_MONTH:
            raise ValueError(f"A job's day of the month must be 1 to {_SHORTEST_MONTH}.")

    def after(self, moment: datetime) -> datetime:
        daily = Daily(self.at, self.zone)
        run = daily.after(moment)
        while run.astimezone(self.zone).day != self.day:
            run = daily.after(run)
        return run


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic call; `path` starts with / and is relative to the base URL.

    A call that lasts longer than the deadline counts as failed. A `sweep` looks for what is left
    over: while a virtual clock passes time in which nothing else happens, it may run less often.
    """

    name: str
    path: str
    plan: Plan
    deadline: timedelta = timedelta(minutes=3)
    sweep: bool = False


class Schedule:
    """Knows when each job is due, and remembers it over restarts.

    A job that came due while the box was down runs once. One that fails is repeated after a
    minute, unless its next regular run comes first.
    """

    def __init__(self, store: TaskStore, jobs: Sequence[Job], clock: Clock) -> None:
        self._store = store
        self._jobs = {job.name: job for job in jobs}
        known = store.job_states()
        self._due: dict[str, datetime] = {}
        for job in jobs:
            plan, due = known.get(job.name, ("", _EPOCH))
            self._plan(job, due if plan == repr(job.plan) else job.plan.after(clock.now()))

    def next(self, running: Collection[str]) -> tuple[datetime, Job] | None:
        """Return the job that is due first among those not running; None without any."""
        waiting = [(due, name) for name, due in self._due.items() if name not in running]
        if not waiting:
            return None
        due, name = min(waiting)
        return due, self._jobs[name]

    def finished(self, job: Job, now: datetime, *, ok: bool) -> None:
        """Plan the next run after one that has just ended."""
        regular = job.plan.after(now)
        self._plan(job, regular if ok else min(regular, now + RETRY))

    def put_off(self, job: Job, due: datetime) -> None:
        """Let a sweep pass its runs before `due`, until somebody calls `resume`."""
        self._due[job.name] = due

    def resume(self, now: datetime) -> None:
        """Let the sweeps that were put off run again when they regularly would."""
        for job in self._jobs.values():
            if job.sweep:
                self._due[job.name] = min(self._due[job.name], job.plan.after(now))

    def _plan(self, job: Job, due: datetime) -> None:
        self._store.put_job(job.name, repr(job.plan), due)
        self._due[job.name] = due
