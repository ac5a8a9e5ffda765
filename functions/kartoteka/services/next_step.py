"""Keep the one next action of requests and deals while tasks come and go; C10, E11."""

from collections.abc import Collection
from typing import TypeVar

from kartoteka.domain import next_step
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Lead, Task
from kartoteka.domain.next_step import NextStep
from kartoteka.domain.office import Settings
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Query, Where
from kartoteka.services.unit import Unit

R = TypeVar("R", bound=Lead | Deal)
_MOST_TASKS = 200  # of one record; more than a person can mean


def ensure_next(unit: Unit, settings: Settings, record: R) -> R:
    """Return the record with exactly one next action (closed: with none); nothing is saved.

    What is there stays; else the record's own step (wake, wait, ladder stage); else to decide.
    """
    if next_step.is_kept(record):
        return record
    if not next_step.is_open(record):
        return next_step.with_step(record, None)
    if record.next_action is not None:
        return next_step.with_step(record, record.next_action)
    office = settings.office
    pipeline = office.pipeline(record.pipeline)
    own = next_step.own_step(record, pipeline, office.work, unit.now)
    usual = next_step.usual_step(pipeline.stage(record.stage), office.work, unit.now)
    return next_step.with_step(record, own or usual)


def record_of(unit: Unit, task: Task) -> Lead | Deal | None:
    """Return the deal that the task belongs to, else the request; the one may come of the other."""
    return unit.find(Deal, task.deal_id) or unit.find(Lead, task.lead_id)


def open_tasks(unit: Unit, record: Lead | Deal, limit: int | None = None) -> list[Task]:
    """Return the tasks of a record that nobody has closed, as this unit holds them."""
    link = "lead_id" if isinstance(record, Lead) else "deal_id"
    where = (Where(link, "==", record.id), Where("state", "in", tuple(sorted(ACTIVE))))
    found = unit.search(Task, Query("tasks", where, limit=limit))
    return [task for task in found if task.state in ACTIVE]


def expect_task(unit: Unit, record: Lead | Deal, task: Task) -> None:
    """Make the task the record's next action, if nothing is due before it."""
    action = record.next_action
    if action is not None and action.due_at < task.due_at:
        return
    unit.save(next_step.with_step(record, next_step.of_task(task)))


def after_closing(
    unit: Unit,
    settings: Settings,
    task: Task,
    *,
    given: NextStep | None = None,
    coming: Task | None = None,
    closed: Collection[str] = (),
) -> None:
    """Give the task's record its next action, now that the task is closed.

    The step in the form; else, when this task (or one `closed` with it) was the next action, what
    is due first among the record's other tasks, the `coming` one that this unit made, and the
    record's own step. A machine's act falls back to the usual step.

    Raises:
        Invalid: a person closed the last action and did not say what is next: `what_next`.
    """
    record = record_of(unit, task)
    if record is None or not next_step.is_open(record):
        return
    over = record.next_action is None or record.next_action.task_id in {task.id, *closed}
    if given is not None:
        choose(unit, settings, next_step.with_step(record, None) if over else record, given)
    elif over:
        unit.save(_following(unit, settings, record, coming))


def after_rescheduling(unit: Unit, settings: Settings, task: Task) -> None:
    """Let the record's next action follow a task whose deadline has moved."""
    record = record_of(unit, task)
    if record is None or not next_step.is_open(record):
        return
    action = record.next_action
    if action is not None and action.task_id == task.id:
        unit.save(_following(unit, settings, record, task))
    else:
        expect_task(unit, record, task)


def choose(unit: Unit, settings: Settings, record: R, given: NextStep) -> R:
    """Return the record with the next step a person chose; a gate is not waited out.

    What the stage asks for comes first if it is due before, by the time it already has.

    Raises:
        Invalid: the time is past or too far away.
        NotAllowed: the stage is left by a call only, so there is nothing to wait for.
    """
    planned = next_step.chosen(record, given, unit.now)
    pipeline = settings.office.pipeline(record.pipeline)
    stage = pipeline.stage(record.stage)
    if not stage.gated:
        return unit.save(planned)
    if given.what == "wait":
        raise NotAllowed(
            f"stage {stage.id} is left by a call only", code="stage_needs_call", here=stage.name
        )
    own = next_step.own_step(record, pipeline, settings.office.work, unit.now)
    if own is None or given.due_at <= own.due_at:
        return unit.save(planned)
    present = record.next_action
    stands = present is not None and present.what == own.what and present.due_at < own.due_at
    return unit.save(next_step.with_step(record, present if stands else own))


def _following(unit: Unit, settings: Settings, record: R, also: Task | None) -> R:
    office = settings.office
    tasks = {task.id: task for task in open_tasks(unit, record, _MOST_TASKS)}
    if also is not None and also.state in ACTIVE:
        tasks[also.id] = also
    steps = [next_step.of_task(task) for task in tasks.values()]
    pipeline = office.pipeline(record.pipeline)
    own = next_step.own_step(record, pipeline, office.work, unit.now)
    if own is not None:
        steps.append(own)
    if not steps and unit.actor.is_person:
        raise Invalid(
            "this was the last action of an open record: say what is next",
            fields={"next": "required"},
            code="what_next",
        )
    usual = next_step.usual_step(pipeline.stage(record.stage), office.work, unit.now)
    return next_step.with_step(record, min(steps, key=lambda step: step.due_at, default=usual))
