"""The limits of answering at work: cases are opened and ended, their people warned in time; N2."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby

from automation.sla_rules import (
    Answered,
    AwaitFirst,
    AwaitMove,
    AwaitReply,
    Moved,
    Planned,
    case_timer,
    first_id,
    stage_id,
)
from kartoteka.domain.change import Actor
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import ClientId, LeadId, StaffId, derived
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Activity, Client, Lead, Notice, Timer
from kartoteka.domain.next_step import is_open
from kartoteka.domain.sla_rules import (
    COUNTED,
    SlaCase,
    answered_at,
    due_of,
    ended,
    stage_limit,
    warned_at,
)
from kartoteka.domain.urgency import is_urgent
from kartoteka.ports import Order, Query, Where
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

WARN, LATE = "sla_warn", "sla_late"
_CODES = {
    ("first", False): "notice_sla_first_soon",
    ("first", True): "notice_sla_first_late",
    ("reply", False): "notice_sla_reply_soon",
    ("reply", True): "notice_sla_reply_late",
    ("stage", False): "notice_sla_stage_soon",
    ("stage", True): "notice_sla_stage_late",
}
_LOOKED_AT = 20  # newest activities of a client
_MOST_OPEN = 20  # cases of one client


def follow(desk: Desk, plans: Sequence[Planned], actor: Actor) -> list[Timer]:
    """Return the timers that warn, after cases were opened and ended in the order of the plans.

    What begins together is one transaction, however many there are in a batch. Repeated, cases
    are there already, and their timers too.
    """
    found: list[Timer] = []
    for is_end, group in groupby(plans, key=lambda plan: isinstance(plan, Answered | Moved)):
        work = partial(_end if is_end else _begin, desk=desk, plans=list(group))
        found += transact(desk.store, actor, "sla", desk.now(), work=work)
    return found


def _begin(unit: Unit, desk: Desk, plans: Sequence[Planned]) -> list[Timer]:
    """Open the cases that are not there; return the warnings of all that wait."""
    office = desk.settings().office
    opened: dict[str, SlaCase] = {}
    for plan in plans:
        made = _case(unit, desk, plan, opened)
        if made is None:
            continue
        known = unit.find(SlaCase, made.id)
        if known is None:
            _keep(unit, made)
        if known is None or known.state == "open":
            opened[made.id] = known or made
    percent = office.sla.warn_percent
    return [
        case_timer(WARN, case.id, warned_at(office.work, case.since, case.limit, percent))
        for case in opened.values()
    ]


def _end(unit: Unit, desk: Desk, plans: Sequence[Planned]) -> list[Timer]:
    """End the cases that waited for this, met or late; ended twice is ended once."""
    done: set[str] = set()
    for plan in plans:
        if not isinstance(plan, Answered | Moved):
            continue
        for case in _waiting(unit, plan):
            if case.state == "open" and plan.at >= case.since and case.id not in done:
                done.add(case.id)
                _keep(unit, ended(case, plan.at, desk.settings().office.work))
    return []


def fire(unit: Unit, desk: Desk, item: Timer) -> tuple[str, list[Timer]]:
    """Return what the timer did; a case that ended meanwhile drops it."""
    current = unit.need(Timer, item.id)
    if current.state != "pending":
        return "done", []
    case = unit.find(SlaCase, item.case_id)
    record = _record(unit, case) if case is not None else None
    if case is None or not _still_open(unit, desk, case, record):
        unit.keep(current.model_copy(update={"state": "dropped"}))
        return "dropped", []
    unit.keep(current.model_copy(update={"state": "fired"}))
    unit.subject = case.client_id or (record.id if record is not None else case.id)
    owner = record.owner_id if record is not None else case.staff_id
    if item.rule == WARN:
        _tell(unit, desk, case, owner, late=False)
        return "fired", [case_timer(LATE, case.id, case.due_at)]
    _keep(unit, case.model_copy(update={"breached": True}))
    _tell(unit, desk, case, owner, late=True)
    return "fired", []


def _keep(unit: Unit, case: SlaCase) -> None:
    """Write a case; the log tells of it what the figures are counted from."""
    unit.keep(case, shown=COUNTED)


def _case(unit: Unit, desk: Desk, plan: Planned, opened: Mapping[str, SlaCase]) -> SlaCase | None:
    if isinstance(plan, AwaitFirst):
        return _first(unit, desk, plan.lead_id)
    if isinstance(plan, AwaitReply):
        return _reply(unit, desk, unit.find(Activity, plan.activity_id), opened)
    return _stay(unit, desk, plan) if isinstance(plan, AwaitMove) else None


def _first(unit: Unit, desk: Desk, lead_id: LeadId) -> SlaCase | None:
    lead = unit.find(Lead, lead_id)
    limit = desk.settings().office.first_answer_minutes
    if lead is None or not is_open(lead) or not limit:
        return None
    limit = -(-limit // 2) if is_urgent(lead) else limit
    return _made(desk, lead, first_id(lead.id), lead.created_at, limit=limit, what="first")


def _reply(
    unit: Unit, desk: Desk, activity: Activity | None, opened: Mapping[str, SlaCase]
) -> SlaCase | None:
    """Return the case of an unanswered message, None while an earlier one waits."""
    limit = desk.settings().office.sla.reply_minutes
    if activity is None or activity.client_id is None or not limit:
        return None
    name = derived("sl", "reply", activity.id)
    others = [*_open_of(unit, activity.client_id), *opened.values()]
    if any(_keeps(case, activity) and case.id != name for case in others):
        return None
    client = unit.find(Client, activity.client_id)
    lead = unit.find(Lead, client.open_lead_id if client is not None else None)
    deals = client.open_deal_ids if client is not None else ()
    deal = unit.find(Deal, deals[0] if deals else None)
    record = lead or deal
    if record is None:
        return None
    case = _made(desk, record, name, activity.at, limit=limit, what="reply")
    return case.model_copy(update={"activity_id": activity.id})


def _keeps(case: SlaCase, activity: Activity) -> bool:
    """Return whether the client of the activity waits by this case already."""
    return case.what != "stage" and case.client_id == activity.client_id


def _stay(unit: Unit, desk: Desk, plan: AwaitMove) -> SlaCase | None:
    kind: type[Lead | Deal] = Lead if plan.entity == "lead" else Deal
    record = unit.find(kind, plan.record_id)
    if record is None or not is_open(record) or record.stage_version != plan.version:
        return None
    limit = stage_limit(desk.settings().office.sla, record.pipeline, record.stage)
    if not limit:
        return None
    name = stage_id(record.id, plan.version)
    return _made(desk, record, name, record.stage_entered_at, limit=limit, what="stage")


def _made(
    desk: Desk, record: Lead | Deal, name: str, since: datetime, *, limit: int, what: str
) -> SlaCase:
    hours = desk.settings().office.work
    return SlaCase.model_validate(
        {
            "id": name,
            "what": what,
            "client_id": record.client_id,
            "lead_id": record.id if isinstance(record, Lead) else None,
            "deal_id": record.id if isinstance(record, Deal) else None,
            "version": record.stage_version if what == "stage" else 0,
            "staff_id": record.owner_id,
            "since": since,
            "limit": limit,
            "due_at": due_of(hours, since, limit),
        }
    )


def _waiting(unit: Unit, plan: Answered | Moved) -> list[SlaCase]:
    if isinstance(plan, Moved):
        found = unit.find(SlaCase, plan.case_id)
        return [found] if found is not None else []
    cases = {it.id: it for it in _open_of(unit, plan.client_id) if it.what != "stage"}
    first = unit.find(SlaCase, first_id(plan.lead_id)) if plan.lead_id else None
    return [*cases.values(), *([first] if first is not None and first.id not in cases else [])]


def _open_of(unit: Unit, client_id: ClientId) -> list[SlaCase]:
    where = (Where("client_id", "==", client_id), Where("state", "==", "open"))
    return unit.search(SlaCase, Query(SlaCase.collection, where, limit=_MOST_OPEN))


def _record(unit: Unit, case: SlaCase) -> Lead | Deal | None:
    return unit.find(Deal, case.deal_id) if case.deal_id else unit.find(Lead, case.lead_id)


def _still_open(unit: Unit, desk: Desk, case: SlaCase, record: Lead | Deal | None) -> bool:
    """Return whether somebody still waits; what has ended by itself is written down."""
    if case.state != "open":
        return False
    if record is None or not is_open(record):
        _keep(unit, case.model_copy(update={"state": "dropped", "ended_at": unit.now}))
        return False
    if case.what == "stage":
        return record.stage_version == case.version
    at = _answer(unit, record, case)
    if at is not None:
        _keep(unit, ended(case, at, desk.settings().office.work))
    return at is None


def _answer(unit: Unit, record: Lead | Deal, case: SlaCase) -> datetime | None:
    """Return when the client was reached since, by the history: clients may be merged meanwhile."""
    since = Where("at", ">", spell(case.since))
    where = (Where("client_id", "==", record.client_id or ""), since)
    query = Query(Activity.collection, where, (Order("at", descending=True),), _LOOKED_AT)
    found = (answered_at(item) for item in unit.search(Activity, query))
    return min((at for at in found if at is not None and at > case.since), default=None)


def _tell(unit: Unit, desk: Desk, case: SlaCase, owner: StaffId | None, *, late: bool) -> None:
    """Warn whoever has it; of a broken limit the heads hear too.

    Who just gets the task to answer for the first time is not told a second time.
    """
    person = desk.settings().person(None if late and _has_task(unit, case) else owner)
    heads = [head.id for head in desk.settings().heads()]
    own = [person.id] if person is not None and person.active else []
    code = _CODES[case.what, late]
    for name in dict.fromkeys([*own, *heads] if late else own or heads):
        unit.save(_notice(unit, case, name, code))


def _has_task(unit: Unit, case: SlaCase) -> bool:
    """Return whether the step of the request is due: its owner gets a task with a notice."""
    lead = unit.find(Lead, case.lead_id) if case.what == "first" else None
    return lead is not None and lead.next_at is not None and lead.next_at <= unit.now


def _notice(unit: Unit, case: SlaCase, staff_id: StaffId, code: str) -> Notice:
    return Notice(
        id=derived("no", case.id, staff_id, code),
        staff_id=staff_id,
        code=code,
        lead_id=case.lead_id,
        deal_id=case.deal_id,
        at=unit.now,
    )
