"""The one next action: every open request and every open deal has exactly one.

A record sleeps until `wake_at` (deferred demand), waits until `wait_until` (the client has to
act), or somebody has something to do by `next_at`.
"""

from datetime import datetime, timedelta
from typing import Literal, TypeVar, cast

from pydantic import AwareDatetime

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Lead, NextAction, Task, Value
from kartoteka.domain.pipeline import Pipeline, Stage
from kartoteka.domain.worktime import Delay, WorkTime

R = TypeVar("R", bound=Lead | Deal)

OPEN = frozenset({"open", "ongoing"})
LONGEST = timedelta(days=365)
_USUAL_WHAT = "decide"
_USUAL_DUE = Delay(work_days=1)


class NextStep(Value):
    """A person's answer to «what next?»."""

    what: Literal["call", "letter", "meeting", "wait"]
    due_at: AwareDatetime


def is_open(record: Lead | Deal) -> bool:
    """Return whether somebody still has to act on the record."""
    return record.state in OPEN


def is_kept(record: Lead | Deal) -> bool:
    """Return whether the record has its one next action, or is closed and has none."""
    if not is_open(record):
        return record.next_action is None and record.next_at is None
    return record.next_action is not None and record.next_action.due_at == record.next_at


def with_step(record: R, action: NextAction | None) -> R:
    """Return the record with this next action and no other."""
    return _changed(record, next_action=action, next_at=action.due_at if action else None)


def of_task(task: Task) -> NextAction:
    """Return the next action that this task is."""
    return NextAction(what=task.what, due_at=task.due_at, task_id=task.id)


def own_step(
    record: Lead | Deal, pipeline: Pipeline, hours: WorkTime, now: datetime
) -> NextAction | None:
    """Return what the record itself asks for: to wake, to wait, or what its ladder stage says.

    The stages of deals say what to do on entry only, so nothing follows from them here.
    """
    if record.wake_at is not None:
        return NextAction(what="wake", due_at=record.wake_at)
    if is_waiting(record, now):
        return NextAction(what="wait", due_at=record.wait_until or now)
    stage = pipeline.stage(record.stage)
    if pipeline.kind != "lead" or stage.due is None or not stage.action:
        return None
    return NextAction(what=stage.action, due_at=hours.add(now, stage.due))


def usual_step(stage: Stage, hours: WorkTime, now: datetime) -> NextAction:
    """Return what is to be done when nobody has said: the stage's action, else to decide."""
    due = hours.add(now, stage.due or _USUAL_DUE)
    return NextAction(what=stage.action or _USUAL_WHAT, due_at=due)


def is_waiting(record: Lead | Deal, now: datetime) -> bool:
    """Return whether nothing is to be done until the client acts or the time is over."""
    return record.wait_until is not None and record.wait_until > now


def chosen(record: R, step: NextStep, now: datetime) -> R:
    """Return the record with the step a person chose; to wait hides it from the counters.

    Raises:
        Invalid: the time is past or more than a year away.
    """
    check_due(step.due_at, now, "next.due_at")
    wait = step.due_at if step.what == "wait" else None
    planned = with_step(record, NextAction(what=step.what, due_at=step.due_at))
    return _changed(planned, wait_until=wait, updated_at=now)


def check_due(due_at: datetime, now: datetime, field: str) -> None:
    """Refuse a time that is past, or so far away that it means never."""
    if not now < due_at <= now + LONGEST:
        raise Invalid(
            f"{field} must be later than now and within a year",
            fields={field: "due_range"},
            code="due_range",
        )


def client_acted(record: R, hours: WorkTime, now: datetime) -> R:
    """Return a waiting record as due at once, because the client acted; any other as it is."""
    if record.wait_until is None:
        return record
    action = NextAction(what=_USUAL_WHAT, due_at=hours.add_minutes(now, 0))
    return _changed(with_step(record, action), wait_until=None, updated_at=now)


def _changed(record: R, **update: object) -> R:
    return cast("R", record.model_copy(update=update))
