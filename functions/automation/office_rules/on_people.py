"""Actions that ask something of colleagues: tasks, notices, questions."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from automation.office_rules.job import DONE, About, Job
from automation.office_rules.on_records import moment
from automation.office_rules.receivers import people
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId, TaskId, derived
from kartoteka.domain.model import Lead, Notice, Staff, Task
from kartoteka.domain.rules.model import Relative
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.tasks_rules import deadline
from kartoteka.services import approvals, tasks
from kartoteka.services.approvals import Wish
from kartoteka.services.firings import GO_ON
from kartoteka.services.unit import Unit, transact

_USUAL_DUE = Span(work_days=1)


def give_task(job: Job) -> str:
    """Give a task to each person whom the rule names; who cannot be found leaves it to nobody."""
    record = job.record()
    found = people(job.settings, record, job.word("who") or "owner")
    if not found:
        return "rule_nobody"
    noting = job.noting()

    def work(unit: Unit) -> None:
        for person in found:
            task = _task(job, record, person)
            if unit.find(Task, task.id) is None:
                tasks.keep(unit, task, (tasks.Told(person.id, "notice_task_given"),))

    transact(noting.desk.store, job.actor, job.cause, job.desk.now(), work=work)
    job.desk.waker.after_commit()
    return DONE


def _task(job: Job, record: About | None, person: Staff) -> Task:
    now, what = job.desk.now(), job.word("kind")
    client = job.client()
    return Task(
        id=TaskId(derived("tk", job.firing.id, str(job.number), person.id)),
        what=what or "other",
        title=job.word("title") or job.rule.row.name,
        client_id=job.firing.client_id,
        lead_id=record.id if isinstance(record, Lead) else getattr(record, "lead_id", None),
        deal_id=record.id if isinstance(record, Deal) else getattr(record, "deal_id", None),
        assignee_id=person.id,
        phone=next(iter(client.phones), "") if client and what == "call" else "",
        due_at=_due(job),
        created_at=now,
    )


def _due(job: Job) -> datetime:
    """Return when the task is to be done: so long from now, a moment, or a day."""
    due, work, now = job.args.get("due"), job.settings.office.work, job.desk.now()
    if isinstance(due, Relative):
        found = moment(job, due)
        return deadline(found.astimezone(ZoneInfo(work.zone)).date(), work) if due.day else found
    if isinstance(due, datetime):
        return due
    if isinstance(due, date):
        return deadline(due, work)
    span = due if isinstance(due, Span) else _USUAL_DUE
    return span.after(now, work)


def notify(job: Job) -> str:
    """Tell each person whom the rule names; the words are the rule's, shown with its name."""
    record = job.record()
    found = people(job.settings, record, job.word("who") or "owner")
    if not found:
        return "rule_nobody"
    noting = job.noting()

    def work(unit: Unit) -> None:
        unit.subject = job.firing.client_id or job.firing.record_id
        for person in found:
            unit.save(_notice(job, record, person.id, unit))

    transact(noting.desk.store, job.actor, job.cause, job.desk.now(), work=work)
    job.desk.waker.after_commit()
    return DONE


def _notice(job: Job, record: About | None, staff_id: StaffId, unit: Unit) -> Notice:
    return Notice(
        id=derived("no", job.firing.id, str(job.number), staff_id),
        staff_id=staff_id,
        code="notice_rule",
        words=job.word("text") or job.rule.row.name,
        lead_id=record.id if isinstance(record, Lead) else getattr(record, "lead_id", None),
        deal_id=record.id if isinstance(record, Deal) else getattr(record, "deal_id", None),
        task_id=record.id if isinstance(record, Task) else None,
        at=unit.now,
    )


def ask(job: Job) -> str:
    """Ask somebody to agree; what the rule does behind this waits for their word."""
    record = job.record()
    found = people(job.settings, record, job.word("who") or "head")
    if not found:
        return "rule_nobody"
    linked = {record.kind: record.id} if isinstance(record, Deal | Lead) else {}
    wish = Wish(
        command=GO_ON,
        given={"firing": job.firing.id, **linked},
        why="rule",
        judge=found[0].id,
        words=job.word("text"),
        mark=f"{job.firing.id}:{job.number}",
    )
    approvals.ask(job.noting().desk, job.actor, wish, cause=job.cause)
    return DONE
