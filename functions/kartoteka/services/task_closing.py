"""What follows when a task is closed: the next of its series, its parent, what is next."""

from kartoteka.domain import recurrence
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import TaskId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Task
from kartoteka.domain.next_step import NextStep
from kartoteka.domain.office import Settings
from kartoteka.domain.tasks_rules import ACTIVE, closing_state
from kartoteka.ports import Query, Where
from kartoteka.services.next_step import after_closing
from kartoteka.services.notices import tell
from kartoteka.services.unit import Unit

_MOST_SUBTASKS = 200


def finish(unit: Unit, settings: Settings, task: Task, given: NextStep | None = None) -> Task:
    """Return the task done, with everything that follows saved in the unit.

    What happened cannot be refused: a machine finishes a task whatever hangs on it.

    Raises:
        Invalid: it has open subtasks, or it was the last action and nobody said what is next.
    """
    if unit.actor.is_person:
        _check_no_subtasks(unit, task)
    return _finish(unit, settings, task, given)


def _finish(unit: Unit, settings: Settings, task: Task, given: NextStep | None) -> Task:
    done = _close(unit, task, "done")
    _tell_done(unit, done)
    coming = next_in_series(unit, settings, done)
    after_closing(unit, settings, done, given=given, coming=coming)
    _close_parent(unit, settings, done)
    return done


def cancel(unit: Unit, settings: Settings, task: Task, given: NextStep | None = None) -> Task:
    """Return the task cancelled together with its subtasks; a series ends here.

    Raises:
        Invalid: there are too many subtasks for one act, or nobody said what is next.
    """
    parts = _subtasks_to_cancel(unit, task)
    for part in parts:
        _close(unit, part, "cancelled")
    cancelled = _close(unit, task, "cancelled")
    closed = [part.id for part in parts]
    after_closing(unit, settings, cancelled, given=given, closed=closed)
    _close_parent(unit, settings, cancelled)
    return cancelled


def _close(unit: Unit, task: Task, state: str) -> Task:
    update = {"state": state, "done_at": unit.now, "updated_at": unit.now}
    return unit.save(task.model_copy(update=update))


def _check_no_subtasks(unit: Unit, task: Task) -> None:
    if open_subtasks(unit, task, limit=1):
        raise Invalid(
            "finish the subtasks first; the task then closes by itself",
            fields={"state": "subtasks"},
            code="subtasks_open",
        )


def open_subtasks(unit: Unit, task: Task, *, limit: int) -> list[Task]:
    """Return the open subtasks of a task, as this unit holds them."""
    where = (Where("parent_id", "==", task.id), Where("state", "in", tuple(sorted(ACTIVE))))
    found = unit.search(Task, Query("tasks", where, limit=limit))
    return [item for item in found if item.state in ACTIVE]


def _subtasks_to_cancel(unit: Unit, task: Task) -> list[Task]:
    found = open_subtasks(unit, task, limit=_MOST_SUBTASKS + 1)
    if len(found) > _MOST_SUBTASKS:
        raise Invalid(
            f"more than {_MOST_SUBTASKS} open subtasks: close some of them first",
            fields={"state": "subtasks"},
            code="subtasks_many",
        )
    return found


def next_in_series(unit: Unit, settings: Settings, task: Task) -> Task | None:
    """Return the next task of a series, made now unless it is there; None when it has ended.

    Times that passed while nobody looked are left out, not piled up.
    """
    if not task.repeats or task.series_at is None or task.slot_at is None:
        return None
    zone = settings.office.work.zone
    behind = max(task.slot_at, unit.now)
    due = recurrence.following(task.repeats, task.series_at, behind, zone)
    if due is None:
        return None
    series = task.series_id or task.id
    name = TaskId(derived("tk", series, spell(due)))
    found = unit.find(Task, name)
    if found is not None:
        return found
    return unit.add(
        task.model_copy(
            update={
                "id": name,
                "series_id": series,
                "slot_at": due,
                "due_at": due,
                "state": "open",
                "result": "",
                "comments": (),
                "created_at": unit.now,
                "updated_at": unit.now,
                "done_at": None,
            }
        )
    )


def _tell_done(unit: Unit, task: Task) -> None:
    people = dict.fromkeys(filter(None, (task.setter_id, *task.watchers)))
    for person in people:
        if person != unit.actor.id:
            tell(unit, person, "notice_task_done", task)


def _close_parent(unit: Unit, settings: Settings, task: Task) -> None:
    """Close the parent when its last subtask closed; the setter still looks if they wanted to."""
    parent = unit.find(Task, task.parent_id)
    if parent is None or parent.state not in ACTIVE or parent.state == "review":
        return
    if open_subtasks(unit, parent, limit=2):  # the one closed here is still open in the store
        return
    if closing_state(parent, "") == "review" and parent.setter_id is not None:
        send_to_review(unit, parent)
        return
    _finish(unit, settings, parent.model_copy(update={"result": "subtasks"}), None)


def send_to_review(unit: Unit, task: Task) -> Task:
    """Return the task waiting for its setter, who is told.

    Raises:
        Invalid: it has open subtasks.
    """
    _check_no_subtasks(unit, task)
    if task.setter_id is not None:
        tell(unit, task.setter_id, "notice_task_review", task)
    return unit.save(task.model_copy(update={"state": "review", "updated_at": unit.now}))
