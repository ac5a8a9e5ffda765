"""Tasks of people: given, started, finished, judged, cancelled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kartoteka.domain import next_step
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Role, Task
from kartoteka.domain.next_step import NextStep
from kartoteka.domain.tasks_rules import ACTIVE, check_judge, check_move, closing_state
from kartoteka.ports import Query, Where
from kartoteka.services import task_closing
from kartoteka.services.fresh import check_fresh
from kartoteka.services.next_step import expect_task, record_of
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

HEADS = frozenset({Role.HEAD, Role.DIRECTOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Told:
    """A person to be told, and the text that tells it (a code of i18n)."""

    staff_id: str
    code: str


def create(
    desk: Desk, actor: Actor, task: Task, *, cause: str, tell: tuple[Told, ...] = ()
) -> bool:
    """Return True if the task is new; a task with the same id is left as it is.

    The next action of its lead or deal becomes this task; the people in `tell` get a notice in
    the same transaction.
    """

    def work(unit: Unit) -> bool:
        if unit.find(Task, task.id) is not None:
            return False
        keep(unit, task, tell)
        return True

    added = transact(desk.store, actor, cause, desk.now(), work=work)
    if added:
        desk.waker.after_commit()
    return added


def keep(unit: Unit, task: Task, told: tuple[Told, ...] = ()) -> Task:
    """Return the new task, saved with the notices; its open record expects it."""
    record = record_of(unit, task)
    unit.subject = task.client_id or task.id
    unit.add(task)
    if record is not None and next_step.is_open(record):
        expect_task(unit, record, task)
    for person in told:
        tell(unit, person.staff_id, person.code, task)
    return task


def start(
    desk: Desk, actor: Actor, task_id: str, *, cause: str, expected: datetime | None = None
) -> Task:
    """Return the task in work; started twice is started once."""

    def work(unit: Unit, task: Task) -> Task:
        if task.state == "working":
            return task
        check_move(task, "working")
        return unit.save(task.model_copy(update={"state": "working", "updated_at": unit.now}))

    return act(desk, actor, task_id, work, cause=cause, expected=expected)


def finish(
    desk: Desk,
    actor: Actor,
    task_id: str,
    *,
    cause: str,
    result: str = "",
    evidence: str = "",
    given: NextStep | None = None,
    expected: datetime | None = None,
) -> Task:
    """Return the task done, or in review when its setter wants to look; done twice is once.

    Raises:
        NotAllowed: the task is somebody else's.
        Invalid: it was cancelled, has open subtasks, or was the last action and the form does
            not say what is next.
    """

    def work(unit: Unit, task: Task) -> Task:
        if task.state == "cancelled" and actor.is_person:
            raise Invalid("the task was cancelled", fields={"state": "cancelled"}, code="cancelled")
        if task.state not in ACTIVE or (task.state == "review" and actor.id == task.assignee_id):
            return task
        unit.evidence = evidence
        ready = task.model_copy(update={"result": result})
        if actor.is_person and closing_state(task, actor.id) == "review":
            check_move(task, "review")
            return task_closing.send_to_review(unit, ready)
        return task_closing.finish(unit, desk.settings(), ready, given)

    return act(desk, actor, task_id, work, cause=cause, expected=expected)


def accept(
    desk: Desk,
    actor: Actor,
    task_id: str,
    *,
    cause: str,
    given: NextStep | None = None,
    expected: datetime | None = None,
) -> Task:
    """Return the task done, as its setter (or a head) found the work good.

    Raises:
        NotAllowed: somebody else judges. Invalid: nothing waits for a judgement.
    """

    def work(unit: Unit, task: Task) -> Task:
        check_judge(task, actor.id, is_head=actor.role in HEADS)
        if task.state != "review":
            raise Invalid(
                "only finished work is accepted",
                fields={"state": task.state},
                code="task_not_there",
            )
        return task_closing.finish(unit, desk.settings(), task, given)

    return act(desk, actor, task_id, work, cause=cause, expected=expected)


def send_back(
    desk: Desk,
    actor: Actor,
    task_id: str,
    *,
    reason: str,
    cause: str,
    expected: datetime | None = None,
) -> Task:
    """Return the task returned to its assignee, who is told why.

    Raises:
        NotAllowed: somebody else judges. Invalid: no reason, or nothing waits for a judgement.
    """

    def work(unit: Unit, task: Task) -> Task:
        check_judge(task, actor.id, is_head=actor.role in HEADS)
        check_move(task, "returned")
        if not reason.strip():
            raise Invalid("say why", fields={"reason": "required"}, code="reason_required")
        unit.reason = reason
        if task.assignee_id is not None:
            tell(unit, task.assignee_id, "notice_task_returned", task)
        update = {"state": "returned", "result": reason, "updated_at": unit.now}
        return unit.save(task.model_copy(update=update))

    return act(desk, actor, task_id, work, cause=cause, expected=expected)


def cancel(
    desk: Desk,
    actor: Actor,
    task_id: str,
    *,
    cause: str,
    reason: str = "",
    given: NextStep | None = None,
    expected: datetime | None = None,
) -> Task:
    """Return the task cancelled, its subtasks too; a series ends here.

    Raises:
        NotAllowed: somebody else set it: only they or a head take it back.
        Invalid: it is done, or was the last action and the form does not say what is next.
    """

    def work(unit: Unit, task: Task) -> Task:
        if task.state == "cancelled":
            return task
        check_move(task, "cancelled")
        if actor.is_person and task.setter_id is not None:
            check_judge(task, actor.id, is_head=actor.role in HEADS)
        unit.reason = reason
        if task.assignee_id not in {None, actor.id}:
            tell(unit, str(task.assignee_id), "notice_task_cancelled", task)
        ready = task.model_copy(update={"result": reason})
        return task_closing.cancel(unit, desk.settings(), ready, given)

    return act(desk, actor, task_id, work, cause=cause, expected=expected)


def act(
    desk: Desk,
    actor: Actor,
    task_id: str,
    work: Callable[[Unit, Task], Task],
    *,
    cause: str,
    expected: datetime | None = None,
    operation: Operation = Operation.CHANGE,
) -> Task:
    """Return what `work` made of a task that the actor may change and that is not stale."""

    def once(unit: Unit) -> Task:
        task = unit.need(Task, task_id)
        check(actor, operation, task, within=desk.settings(), now=unit.now)
        check_fresh(task, task.updated_at, expected)
        unit.subject = task.client_id or task.id
        return work(unit, task)

    task = transact(desk.store, actor, cause, desk.now(), work=once)
    desk.waker.after_commit()
    return task


def open_of_client(desk: Desk, client_id: str, what: str) -> list[Task]:
    """Return the open tasks of one kind for a client."""
    query = Query(
        "tasks",
        (
            Where("client_id", "==", client_id),
            Where("state", "in", tuple(sorted(ACTIVE))),
            Where("what", "==", what),
        ),
    )
    return [Task.model_validate(found.doc) for found in desk.store.query(query)]
