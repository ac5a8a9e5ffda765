"""The owner of a lead is told at once; unseen it is repeated, then the heads hear of it; B13."""

from datetime import datetime

from automation import sla_rules
from automation.rules import UNSEEN_AGAIN, UNSEEN_HEAD, TellOwner, notice_timer
from kartoteka.domain.change import Actor
from kartoteka.domain.ids import LeadId, StaffId, derived
from kartoteka.domain.model import Lead, Notice, Timer
from kartoteka.domain.next_step import is_open
from kartoteka.domain.sla_rules import SlaCase
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact


def tell_owner(desk: Desk, plan: TellOwner, actor: Actor, cause: str) -> list[Timer]:
    """Return the timers that look whether the notice was seen; told twice is told once."""
    name = derived("no", plan.lead_id, plan.owner_id, plan.code, cause)

    def work(unit: Unit) -> bool:
        lead = unit.find(Lead, plan.lead_id)
        if lead is None or lead.owner_id != plan.owner_id or not is_open(lead):
            return False
        if unit.find(Notice, name) is None:
            unit.subject = lead.client_id
            unit.add(_notice(name, plan.owner_id, plan.code, lead.id, at=unit.now))
        return True

    if not transact(desk.store, actor, cause, desk.now(), work=work):
        return []
    desk.waker.after_commit()
    office = desk.settings().office
    rules, hours = office.notices, office.work
    steps = ((UNSEEN_AGAIN, rules.again_minutes), (UNSEEN_HEAD, rules.head_minutes))
    due = ((rule, hours.add_minutes(plan.at, minutes)) for rule, minutes in steps)
    return [notice_timer(rule, name, at) for rule, at in due]


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did; a notice that was seen, or a lead in work, drops it."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    notice = unit.find(Notice, item.notice_id)
    lead = unit.find(Lead, notice.lead_id) if notice else None
    if notice is None or lead is None or not _unseen(unit, notice, lead):
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.subject = lead.client_id
    unit.keep(current.model_copy(update={"state": "fired"}))
    if item.rule == UNSEEN_AGAIN:
        name = _again(notice.id)
        unit.save(_notice(name, notice.staff_id, "notice_again", lead.id, at=unit.now))
        return "fired", []
    if _is_late(unit, notice, item.due_at):
        return "fired", []
    for head in desk.settings().heads():
        name = derived("no", notice.id, head.id, "notice_unseen")
        unit.save(_notice(name, head.id, "notice_unseen", lead.id, at=unit.now))
    return "fired", []


def _unseen(unit: Unit, notice: Notice, lead: Lead) -> bool:
    """Return whether neither the notice nor its repeat was seen and nobody acts on the lead."""
    again = unit.find(Notice, _again(notice.id))
    seen = notice.seen_at is not None or (again is not None and again.seen_at is not None)
    acted = lead.touched_at is not None or lead.owner_id != notice.staff_id
    return not seen and not acted and is_open(lead)


def _is_late(unit: Unit, notice: Notice, until: datetime) -> bool:
    """Return whether the heads hear anyway that nobody answered: once is enough."""
    case = unit.find(SlaCase, sla_rules.first_id(notice.lead_id or ""))
    return case is not None and notice.at < case.due_at <= until


def _again(notice_id: str) -> str:
    return derived("no", notice_id, "again")


def _notice(name: str, staff_id: StaffId, code: str, lead_id: LeadId, *, at: datetime) -> Notice:
    return Notice(id=name, staff_id=staff_id, code=code, lead_id=lead_id, at=at)
