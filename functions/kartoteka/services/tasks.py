"""Tasks of people: created once, done or cancelled."""

from dataclasses import dataclass

from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Invalid
from kartoteka.domain.ids import StaffId, derived
from kartoteka.domain.model import Lead, Notice, Task
from kartoteka.ports import Query, Where
from kartoteka.services.leads import after_task, expect_task
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


@dataclass(frozen=True, slots=True)
class Told:
    """A person to be told, and the text that tells it (a code of i18n)."""

    staff_id: str
    code: str


def create(
    desk: Desk, actor: Actor, task: Task, *, cause: str, tell: tuple[Told, ...] = ()
) -> bool:
    """Return True if the task is new; a task with the same id is left as it is.

    The lead's next action becomes this task; the people in `tell` get a notice in the same
    transaction.
    """

    def work(unit: Unit) -> bool:
        if unit.find(Task, task.id) is not None:
            return False
        lead = unit.find(Lead, task.lead_id)
        unit.subject = task.client_id or task.id
        unit.add(task)
        if lead is not None and lead.state in {"open", "ongoing"}:
            expect_task(unit, lead, task)
        for told in tell:
            unit.add(_notice(task, told, unit))
        return True

    added = transact(desk.store, actor, cause, desk.now(), work=work)
    if added:
        desk.waker.after_commit()
    return added


def _notice(task: Task, told: Told, unit: Unit) -> Notice:
    return Notice(
        id=derived("no", task.id, told.staff_id, told.code),
        staff_id=StaffId(told.staff_id),
        code=told.code,
        lead_id=task.lead_id,
        task_id=task.id,
        at=unit.now,
    )


def finish(
    desk: Desk, actor: Actor, task_id: str, *, cause: str, result: str = "", evidence: str = ""
) -> Task:
    """Return the task done; done twice is done once.

    Raises:
        NotAllowed: the task is somebody else's. Invalid: it was cancelled.
    """

    def work(unit: Unit) -> Task:
        task = unit.need(Task, task_id)
        check(actor, Operation.CHANGE, task)
        if task.state == "cancelled":
            raise Invalid("the task was cancelled", fields={"state": "cancelled"}, code="cancelled")
        if task.state == "done":
            return task
        unit.subject = task.client_id or task.id
        unit.evidence = evidence
        after_task(unit, desk.settings(), task)
        done = {"state": "done", "done_at": unit.now, "result": result}
        return unit.save(task.model_copy(update=done))

    task = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return task


def open_of_client(desk: Desk, client_id: str, what: str) -> list[Task]:
    """Return the open tasks of one kind for a client."""
    query = Query(
        "tasks",
        (
            Where("client_id", "==", client_id),
            Where("state", "==", "open"),
            Where("what", "==", what),
        ),
    )
    return [Task.model_validate(found.doc) for found in desk.store.query(query)]
