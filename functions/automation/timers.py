"""A follow-up fires: looked at again, for the world may have moved on; D6."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from automation import (
    approvals,
    chat_timers,
    deal_timers,
    owner_notices,
    sla_timers,
    task_timers,
)
from automation.office_rules import waiting
from automation.planning import plan
from automation.rules import ESCALATE, ESCALATE_AFTER, NEXT_ACTION, TOO_LATE, timer
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import StaffId, TaskId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Lead, Notice, RuleWait, Staff, Task, Timer
from kartoteka.domain.urgency import halved, is_urgent
from kartoteka.domain.worktime import Delay
from kartoteka.i18n import text
from kartoteka.ports import Query, Where
from kartoteka.services import leads
from kartoteka.services.next_step import expect_task
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_EARLY = timedelta(seconds=1)
_SWEEP = 500  # timers per tick; the next tick goes on
_ACTOR = Actor(kind=ActorKind.RULE, id=NEXT_ACTION)


def fire_late(desk: Desk) -> int:
    """Fire the timers whose time has passed without a call from the queue; returns how many."""
    query = Query(
        "timers",
        (Where("state", "==", "pending"), Where("due_at", "<=", spell(desk.now()))),
        limit=_SWEEP,
    )
    late = [found.id for found in desk.store.query(query)]
    for timer_id in late:
        fire(desk, timer_id)
    return len(late)


def fire(desk: Desk, timer_id: str) -> str:
    """Return what the timer did: fired, dropped or done before.

    Raises:
        Transient: it is not due yet; the queue repeats.
    """
    doc = desk.store.get(Timer.collection, timer_id)
    if doc is None:
        return "unknown"
    item = Timer.model_validate(doc)
    if item.state != "pending":
        return "done"
    if item.due_at - desk.now() > _EARLY:
        raise Transient(f"timer {timer_id} is not due yet")
    if item.wait is not None:
        return _fire_rule(desk, item, item.wait)
    outcome, follow_ups = transact(
        desk.store, _ACTOR, f"timer:{item.id}", desk.now(), work=lambda u: _fire(u, desk, item)
    )
    if outcome == "fired":  # what is dropped tells nobody anything that could not wait for the tick
        desk.waker.after_commit()
    plan(desk, follow_ups)
    return outcome


def _fire_rule(desk: Desk, item: Timer, wait: RuleWait) -> str:
    """Return what a timer of the office's rules did; it is marked behind what it did."""
    outcome, follow_ups = waiting.fire(desk, item, wait)
    plan(desk, follow_ups)
    ended = item.model_copy(update={"state": outcome})
    transact(desk.store, _ACTOR, "fired", desk.now(), work=partial(Unit.keep, record=ended))
    return outcome


def _fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did, as whatever it looks at decides."""
    found = (fires for names, fires in _FIRES if names(item) is not None)
    return next(found, _fire_lead)(unit, desk, item)


def _fire_lead(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    current = unit.need(Timer, item.id)
    lead = unit.find(Lead, item.lead_id)
    if current.state != "pending":
        return "done", []
    if lead is None or not _still_wanted(lead, item):
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.subject = lead.client_id
    unit.keep(current.model_copy(update={"state": "fired"}))
    if item.rule == ESCALATE:
        _tell_heads(unit, desk, lead, item)
        return "fired", []
    if lead.wake_at == item.due_at:
        unit.save(leads.ladder(desk.settings(), lead).wake(lead, unit.now))
        return "fired", []
    return "fired", [_follow_up(unit, desk, lead, item)]


def _still_wanted(lead: Lead, item: Timer) -> bool:
    """Return whether the lead still waits for what the timer was planned for."""
    if lead.state not in {"open", "ongoing"}:
        return False
    if item.version and lead.stage_version != item.version:
        return False
    if item.rule == ESCALATE:
        return lead.next_at is not None and lead.next_at <= item.due_at
    return item.due_at in {lead.next_at, lead.wake_at}


def _follow_up(unit: Unit, desk: Desk, lead: Lead, item: Timer) -> Timer:
    """Give the owner a task and a notice, and return the timer that tells the head."""
    task = _task(unit, lead, item, desk)
    if unit.find(Task, task.id) is None:
        unit.add(task)
    if lead.next_action is not None and lead.next_action.task_id is None:
        expect_task(unit, lead, task)
    owner = desk.settings().person(lead.owner_id)
    if owner is not None:
        unit.save(_notice(lead, task, owner, unit))
    if unit.now - item.due_at > TOO_LATE or owner is None:
        _tell_heads(unit, desk, lead, item)
    due = desk.settings().office.work.add(unit.now, _grace(desk, lead, task))
    return timer(ESCALATE, lead.id, due, lead.stage_version)


def _grace(desk: Desk, lead: Lead, task: Task) -> Delay:
    office = desk.settings().office
    if task.what == "first_contact":
        usual = Delay(work_minutes=office.head_after_minutes - office.first_answer_minutes)
        return halved(usual) if is_urgent(lead) else usual
    return ESCALATE_AFTER


def _task(unit: Unit, lead: Lead, item: Timer, desk: Desk) -> Task:
    action = lead.next_action
    if action is not None and action.task_id is not None:
        return unit.need(Task, action.task_id)
    what = action.what if action else "call"
    client = unit.find(Client, lead.client_id)
    locale = desk.settings().office.locale
    return Task(
        id=TaskId(derived("tk", item.id)),
        what=what,
        title=text(f"task_{what}", locale),
        client_id=lead.client_id,
        lead_id=lead.id,
        assignee_id=lead.owner_id,
        phone=next(iter(client.phones), "") if client else "",
        due_at=item.due_at,
        created_at=unit.now,
    )


def _tell_heads(unit: Unit, desk: Desk, lead: Lead, item: Timer) -> None:
    for head in desk.settings().heads():
        notice_id = derived("no", item.id, head.id)
        unit.save(
            Notice(
                id=notice_id,
                staff_id=head.id,
                code="notice_overdue",
                lead_id=lead.id,
                at=unit.now,
            )
        )


def _notice(lead: Lead, task: Task, person: Staff, unit: Unit) -> Notice:
    code = f"notice_{task.what}"
    return Notice(
        id=derived("no", task.id, person.id, code),
        staff_id=StaffId(person.id),
        code=code,
        lead_id=lead.id,
        task_id=task.id,
        at=unit.now,
    )


_Fires = Callable[[Unit, Desk, Timer], tuple[str, list[Timer]]]
_FIRES: Sequence[tuple[Callable[[Timer], str | None], _Fires]] = (
    (lambda item: item.case_id, sla_timers.fire),
    (lambda item: item.deal_id, deal_timers.fire),
    (lambda item: item.task_id, task_timers.fire),
    (lambda item: item.notice_id, owner_notices.fire),
    (lambda item: item.approval_id, approvals.fire),
    (lambda item: item.chat_id, chat_timers.fire),
)
