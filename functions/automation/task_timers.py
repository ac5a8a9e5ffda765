"""What a timer does to a task: remind its assignee, make the next of a series at its due time."""

from datetime import datetime

from automation.rules import REMIND, REPEAT, task_timer
from kartoteka.domain.ids import TaskId
from kartoteka.domain.model import Task, Timer
from kartoteka.domain.tasks_rules import ACTIVE, reminder_moments
from kartoteka.services.next_step import expect_task, record_of
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.task_closing import next_in_series
from kartoteka.services.unit import Unit


def timers_of(desk: Desk, task_id: TaskId) -> list[Timer]:
    """Return the timers that the task, as it is now, still needs."""
    doc = desk.store.get(Task.collection, task_id)
    if doc is None:
        return []
    task = Task.model_validate(doc)
    if task.state not in ACTIVE:
        return []
    wanted = [(REMIND, moment) for moment in _reminders(desk, task) if moment > desk.now()]
    if task.repeats:
        wanted.append((REPEAT, task.due_at))
    return [task_timer(rule, task.id, due) for rule, due in wanted]


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did; a task that was closed or moved drops it."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    task = unit.find(Task, item.task_id)
    if task is None or task.state not in ACTIVE or not _still_wanted(desk, task, item):
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.subject = task.client_id or task.id
    unit.keep(current.model_copy(update={"state": "fired"}))
    if item.rule == REPEAT:
        _repeat(unit, desk, task)
    else:
        _remind(unit, task)
    return "fired", []


def _reminders(desk: Desk, task: Task) -> list[datetime]:
    return list(reminder_moments(task, desk.settings().office.work.zone))


def _still_wanted(desk: Desk, task: Task, item: Timer) -> bool:
    if item.rule == REPEAT:
        return bool(task.repeats) and task.due_at == item.due_at
    return item.due_at in _reminders(desk, task)


def _remind(unit: Unit, task: Task) -> None:
    code = "notice_due" if unit.now >= task.due_at else "notice_soon"
    if task.assignee_id is not None:
        tell(unit, task.assignee_id, code, task)


def _repeat(unit: Unit, desk: Desk, task: Task) -> None:
    """Make the next task; a record without another action expects it."""
    coming = next_in_series(unit, desk.settings(), task)
    record = record_of(unit, task)
    if coming is not None and record is not None:
        expect_task(unit, record, coming)
