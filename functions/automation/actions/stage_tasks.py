"""Give the tasks of a stage once per entry, and end what the stage before asked for; D13."""

from datetime import datetime

from automation import stage_papers
from automation.rules import EnterStage
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal, Visit
from kartoteka.domain.ids import StaffId, TaskId, derived
from kartoteka.domain.model import NextAction, Task
from kartoteka.domain.next_step import with_step
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Stage, TaskTemplate
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Query, Where
from kartoteka.services import tasks
from kartoteka.services.notices import tell
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def enter_stage(desk: Desk, plan: EnterStage, actor: Actor, cause: str) -> None:
    """Do what an entry asks for; a deal that has moved on since asks for it elsewhere."""
    doc = desk.store.get(Deal.collection, plan.deal_id)
    deal = Deal.model_validate(doc) if doc else None
    if deal is None or deal.stage_version != plan.version:
        return
    for task in _settled(desk, deal):
        tasks.finish(desk, actor, task.id, cause=cause, result="moved", evidence=plan.evidence)
    stage = _stage(desk.settings(), deal.stage_log[-1])
    if stage is not None and stage.tasks:
        transact(
            desk.store, actor, cause, desk.now(), work=lambda unit: _give(unit, desk, plan, stage)
        )
        desk.waker.after_commit()
    stage_papers.hand_over(desk, deal)


def _give(unit: Unit, desk: Desk, plan: EnterStage, stage: Stage) -> None:
    deal = unit.find(Deal, plan.deal_id)
    if deal is None or deal.stage_version != plan.version:
        return
    unit.subject = deal.client_id or deal.id
    ids = task_ids(deal.id, plan.version, stage)
    known = unit.find_many(Task, ids)
    for task_id, template in zip(ids, stage.tasks, strict=True):
        if task_id in known:
            continue
        task = _task(deal, template, desk.settings(), unit.now)
        task = unit.add(task.model_copy(update={"id": task_id}))
        if task.assignee_id is not None and task.assignee_id != deal.owner_id:
            tell(unit, task.assignee_id, f"notice_{task.what}", task)
        deal = unit.save(_expecting(deal, task))


def task_ids(deal_id: str, version: int, stage: Stage) -> list[TaskId]:
    """Return the ids of the tasks of one entry: the same entry always gives the same."""
    places = range(len(stage.tasks))
    return [TaskId(derived("tk", "stage", deal_id, str(version), str(at))) for at in places]


def _expecting(deal: Deal, task: Task) -> Deal:
    """Return the deal whose next action is this task, if it is what the stage asked for."""
    action = deal.next_action
    if action is None or action.task_id is not None or action.what != task.what:
        return deal
    return with_step(deal, NextAction(what=task.what, due_at=task.due_at, task_id=task.id))


def _task(deal: Deal, template: TaskTemplate, settings: Settings, now: datetime) -> Task:
    office = settings.office
    return Task(
        id=TaskId(""),
        what=template.what,
        title=template.title_en if office.locale == "en" else template.title,
        client_id=deal.client_id,
        deal_id=deal.id,
        assignee_id=_assignee(settings, deal, template.assignee),
        due_at=office.work.add(now, template.due),
        priority=template.priority,
        created_at=now,
    )


def _assignee(settings: Settings, deal: Deal, rule: str) -> StaffId | None:
    """Return whom a template means: owner, author, head, editor (who edits along), a staff id."""
    editors = [item.staff_id for item in deal.participants if item.edit]
    heads = settings.heads()
    found = {
        "owner": deal.owner_id,
        "author": deal.author_id or deal.owner_id,
        "head": heads[0].id if heads else deal.owner_id,
        "editor": editors[0] if editors else deal.owner_id,
    }
    wanted = found.get(rule, StaffId(rule))
    person = settings.person(wanted)
    return person.id if person is not None and person.active else deal.owner_id


def _settled(desk: Desk, deal: Deal) -> list[Task]:
    """Return the open tasks that leaving the former stage has settled."""
    settings = desk.settings()
    stage = _stage(settings, deal.stage_log[-2]) if deal.stage_log[1:] else None
    if stage is None:
        return []
    given = _given_before(settings, deal)
    where = (Where("deal_id", "==", deal.id), Where("state", "in", tuple(sorted(ACTIVE))))
    found = [Task.model_validate(row.doc) for row in desk.store.query(Query("tasks", where))]
    return [
        task
        for task in found
        if (given[task.id].ends_with_stage if task.id in given else _asked_by(stage, deal, task))
    ]


def _given_before(settings: Settings, deal: Deal) -> dict[TaskId, TaskTemplate]:
    """Return the templates of all earlier entries: a deal may pass a stage before its tasks."""
    first = deal.stage_version - len(deal.stage_log) + 1
    templates: dict[TaskId, TaskTemplate] = {}
    for version, visit in enumerate(deal.stage_log[:-1], first):
        stage = _stage(settings, visit)
        if stage is not None:
            ids = task_ids(deal.id, version, stage)
            templates |= dict(zip(ids, stage.tasks, strict=True))
    return templates


def _asked_by(stage: Stage, deal: Deal, task: Task) -> bool:
    """Return whether a timer gave this task because the former stage wanted its action."""
    asked = {stage.action or "decide", "wake"}
    by_machine = task.setter_id is None and task.created_at <= deal.stage_entered_at
    return by_machine and task.what in asked


def _stage(settings: Settings, visit: Visit) -> Stage | None:
    """Return the stage of a stay, None when the office has removed it since."""
    lines = (line for line in settings.office.pipelines if line.id == visit.pipeline)
    return next((item for line in lines for item in line.stages if item.id == visit.stage), None)
