"""Moving a virtual clock so that everything due on the way happens at its own moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kartoteka.domain.errors import KartotekaError
from onebox.clock import BoxClock
from onebox.tasks.model import Task
from onebox.tasks.schedule import Every, Job, Schedule

IDLE_SWEEP = Every(timedelta(minutes=30))  # how often a sweep looks while nothing happens
# Calls that count and mirror: whatever they change, they ask for what follows by themselves.
_QUIET = ("/sync/drain/calendar", "/sync/drain/segments", "/sync/drain/stats", "/sync/look/")

# Work that creates more work for the same moment for ever would stop the time.
MOST_AT_ONE_MOMENT = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to happen: `fire` makes it happen and returns when it has ended."""

    due: datetime
    fire: Callable[[], None]


@dataclass
class Sweeps:
    """Spares the sweeps of an idle stretch: a month has 43,200 minutes, and an office few events.

    A sweep that has run since the last task would find what it found; it is put off, at most by
    half an hour, for what depends on the time of day. The next task ends that, unless it only
    counts what the last sweep asked it to count.
    """

    schedule: Schedule
    _swept: set[str] = field(default_factory=set)

    def happened(self, task: Task, now: datetime) -> None:
        """Note that a task ran: everything may be different."""
        if any(path in task.url for path in _QUIET):
            return
        self._swept.clear()
        self.schedule.resume(now)

    def ran(self, job: Job) -> None:
        """Note that a job ran."""
        self._swept.add(job.name)

    def next(self) -> tuple[datetime, Job] | None:
        """Return the job that is due first, with sweeps put off that would find nothing."""
        while (entry := self.schedule.next(())) is not None:
            due, job = entry
            later = IDLE_SWEEP.after(due - timedelta(microseconds=1))
            if not job.sweep or job.name not in self._swept or later == due:
                break
            self.schedule.put_off(job, later)
        return entry


def pass_time(clock: BoxClock, target: datetime, next_step: Callable[[], Step | None]) -> int:
    """Take steps up to `target` in their order, then set the clock there; return their number.

    Raises:
        KartotekaError: more than 10,000 steps at one moment: something creates itself anew.
    """
    fired = at_this_moment = 0
    while (step := next_step()) is not None and step.due <= target:
        before = clock.now()
        clock.reach(step.due)
        step.fire()
        fired += 1
        at_this_moment = at_this_moment + 1 if clock.now() == before else 1
        if at_this_moment > MOST_AT_ONE_MOMENT:
            raise KartotekaError(
                f"More than {MOST_AT_ONE_MOMENT} calls at {before.isoformat()}: a task creates "
                "itself again without a later time; the clock stays here."
            )
    clock.reach(target)
    return fired
