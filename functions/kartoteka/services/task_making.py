"""Tasks that people give and change, with every link and person checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from kartoteka.domain import recurrence
from kartoteka.domain.access import Operation, check
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ClientId, DealId, LeadId, StaffId, TaskId, fresh
from kartoteka.domain.model import Client, Comment, Lead, Task
from kartoteka.domain.next_step import check_due
from kartoteka.domain.office import Settings
from kartoteka.domain.tasks_rules import (
    ACTIVE,
    REMINDERS,
    check_judge,
    check_reminders,
    commented,
    deadline,
)
from kartoteka.services.next_step import after_rescheduling
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.task_closing import open_subtasks
from kartoteka.services.task_forms import CommentTask, CreateTask, EditTask
from kartoteka.services.tasks import HEADS, Told, act, keep
from kartoteka.services.unit import Unit, transact


@dataclass(frozen=True, slots=True)
class _Link:
    """What a task is about; the client is known wherever there is one."""

    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    client_id: ClientId | None = None


def give(desk: Desk, actor: Actor, form: CreateTask, *, cause: str) -> Task:
    """Return the new task; its assignee and watchers are told.

    Raises:
        Invalid: no link, several links, an unknown person, a time in the past, a bad repetition.
        NotFound: there is no such lead, deal, client or parent.
        NotAllowed: the record is not yours to see.
    """
    task_id = TaskId(fresh("tk"))

    def work(unit: Unit) -> Task:
        task = _made(unit, desk.settings(), form, task_id)
        check(actor, Operation.ADD, task, within=desk.settings())
        return keep(unit, task, _told(task, actor, ()))

    task = transact(desk.store, actor, cause, desk.now(), work=work)
    desk.waker.after_commit()
    return task


def edit(desk: Desk, actor: Actor, form: EditTask, *, cause: str) -> Task:
    """Return the task with the given fields changed; the record's next action follows.

    Raises:
        Invalid: it is closed, a value is impossible, or its parent would be its own subtask.
        NotAllowed: only the setter or a head changes whether the work is looked at.
    """

    def work(unit: Unit, task: Task) -> Task:
        if task.state not in ACTIVE:
            raise Invalid("a closed task stays", fields={"state": task.state}, code="task_closed")
        changed = _edited(unit, desk.settings(), task, form)
        if changed == task:
            return task
        changed = unit.save(changed.model_copy(update={"updated_at": unit.now}))
        if changed.due_at != task.due_at:
            after_rescheduling(unit, desk.settings(), changed)
        _tell_new_people(unit, task, changed)
        return changed

    return act(desk, actor, form.task, work, cause=cause, expected=form.expected)


def comment(desk: Desk, actor: Actor, form: CommentTask, *, cause: str) -> Task:
    """Return the task with the comment; the others who work on it are told.

    Raises:
        Invalid: the text is empty, or there is no such comment to correct.
        NotAllowed: the comment to correct is somebody else's.
    """

    def work(unit: Unit, task: Task) -> Task:
        said = Comment(
            staff_id=StaffId(actor.id), at=unit.now, text=form.text, replaces=form.replaces
        )
        people = dict.fromkeys((task.assignee_id, task.setter_id, *task.watchers))
        for person in people:
            if person not in {None, actor.id}:
                tell(unit, str(person), "notice_task_comment", task)
        return unit.save(commented(task, said).model_copy(update={"updated_at": unit.now}))

    return act(
        desk, actor, form.task, work, cause=cause, expected=form.expected, operation=Operation.READ
    )


def _made(unit: Unit, settings: Settings, form: CreateTask, task_id: TaskId) -> Task:
    parent = _parent(unit, settings, form.parent) if form.parent else None
    link = _link(unit, settings, form, parent)
    assignee = _person(settings, form.assignee or unit.actor.id, "assignee")
    if form.personal and assignee != unit.actor.id:
        raise Invalid(
            "a personal task is your own", fields={"assignee": "personal"}, code="task_personal"
        )
    due = _due(settings, form.due, unit.now)
    task = Task(
        id=task_id,
        what=form.what,
        title=form.title,
        client_id=link.client_id,
        lead_id=link.lead_id,
        deal_id=link.deal_id,
        assignee_id=assignee,
        phone=_phone(unit, link) if form.what == "call" else "",
        due_at=due,
        text=form.text,
        priority=form.priority,
        setter_id=StaffId(unit.actor.id),
        watchers=tuple(_person(settings, item, "watchers") for item in form.watchers),
        personal=form.personal,
        needs_review=form.needs_review,
        parent_id=parent.id if parent else None,
        reminders=REMINDERS if form.reminders is None else check_reminders(form.reminders),
        created_at=unit.now,
        updated_at=unit.now,
    )
    return _repeating(task, form.repeats)


def _edited(unit: Unit, settings: Settings, task: Task, form: EditTask) -> Task:
    same = {"title", "priority", "text", "needs_review"}
    update: dict[str, object] = form.model_dump(include=same, exclude_none=True)
    if form.needs_review is not None and form.needs_review != task.needs_review:
        check_judge(task, unit.actor.id, is_head=unit.actor.role in HEADS)
    if form.due is not None:
        update["due_at"] = _due(settings, form.due, unit.now)
    if form.assignee is not None:
        update["assignee_id"] = _person(settings, form.assignee, "assignee")
        if task.personal:
            raise NotAllowed("a personal task is not handed over", code="task_personal")
    if form.watchers is not None:
        update["watchers"] = tuple(_person(settings, item, "watchers") for item in form.watchers)
    if form.reminders is not None:
        update["reminders"] = check_reminders(form.reminders)
    if form.parent is not None:
        update["parent_id"] = _new_parent(unit, settings, task, form.parent)
    changed = task.model_copy(update=update)
    return changed if form.repeats is None else _repeating(changed, form.repeats)


def _repeating(task: Task, rule: str) -> Task:
    """Return the task as the first of a new series, or without one."""
    if not rule.strip():
        return task.model_copy(update={"repeats": ""})
    recurrence.parse(rule)
    if task.parent_id is not None:
        raise Invalid(
            "a subtask does not repeat", fields={"repeats": "subtask"}, code="subtask_repeats"
        )
    series = {"series_id": task.id, "series_at": task.due_at, "slot_at": task.due_at}
    return task.model_copy(update={"repeats": rule.strip(), **series})


def _link(unit: Unit, settings: Settings, form: CreateTask, parent: Task | None) -> _Link:
    given = [name for name in ("lead", "deal", "client") if getattr(form, name)]
    if len(given) + form.personal > 1:
        raise _needs_link("choose one: a lead, a deal, a client, or a personal task")
    if form.personal:
        return _Link()
    if not given:
        if parent is None or parent.personal:
            raise _needs_link("a task belongs to a lead, a deal or a client, or is personal")
        return _Link(parent.lead_id, parent.deal_id, parent.client_id)
    record = _record(unit, form)
    check(unit.actor, Operation.READ, record, within=settings, now=unit.now)
    if isinstance(record, Client):
        return _Link(client_id=record.id)
    if isinstance(record, Lead):
        return _Link(lead_id=record.id, client_id=record.client_id)
    return _Link(deal_id=record.id, client_id=record.client_id)


def _record(unit: Unit, form: CreateTask) -> Lead | Deal | Client:
    if form.lead:
        return unit.need(Lead, form.lead)
    return unit.need(Deal, form.deal) if form.deal else unit.need(Client, form.client)


def _needs_link(message: str) -> Invalid:
    return Invalid(message, fields={"lead": "link"}, code="task_link")


def _parent(unit: Unit, settings: Settings, parent_id: str) -> Task:
    parent = unit.need(Task, parent_id)
    check(unit.actor, Operation.CHANGE, parent, within=settings)
    if parent.parent_id is not None:
        raise Invalid("a subtask has no subtasks", fields={"parent": "depth"}, code="subtask_depth")
    if parent.state not in ACTIVE:
        raise Invalid("the parent is closed", fields={"parent": "closed"}, code="task_closed")
    return parent


def _new_parent(unit: Unit, settings: Settings, task: Task, parent_id: str) -> TaskId | None:
    """Return the task's new parent; one level only, so a circle cannot come to be."""
    if not parent_id:
        return None
    parent = _parent(unit, settings, parent_id)
    if parent.id == task.id or open_subtasks(unit, task, limit=1):
        raise Invalid(
            "a task with subtasks, or itself, cannot be below another",
            fields={"parent": "circle"},
            code="subtask_depth",
        )
    if task.repeats:
        raise Invalid(
            "a subtask does not repeat", fields={"parent": "repeats"}, code="subtask_repeats"
        )
    return parent.id


def _person(settings: Settings, staff_id: str, field: str) -> StaffId:
    person = settings.person(staff_id)
    if person is None or not person.active:
        raise Invalid(
            f"nobody here is {staff_id!r}", fields={field: "staff_unknown"}, code="staff_unknown"
        )
    return person.id


def _due(settings: Settings, due: datetime | date, now: datetime) -> datetime:
    moment = due if isinstance(due, datetime) else deadline(due, settings.office.work)
    check_due(moment, now, "due")
    return moment


def _phone(unit: Unit, link: _Link) -> str:
    client = unit.find(Client, link.client_id)
    return next(iter(client.phones), "") if client else ""


def _told(task: Task, actor: Actor, known: Iterable[str | None]) -> tuple[Told, ...]:
    people = {str(person): "notice_task_watch" for person in task.watchers}
    if task.assignee_id is not None:
        people[task.assignee_id] = "notice_task_given"
    skipped = {actor.id, *known}
    return tuple(Told(person, code) for person, code in people.items() if person not in skipped)


def _tell_new_people(unit: Unit, before: Task, after: Task) -> None:
    for person in _told(after, unit.actor, (before.assignee_id, *before.watchers)):
        tell(unit, person.staff_id, person.code, after)
