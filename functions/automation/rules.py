"""What follows from a change, as plans: pure, so that every firing can be explained.

Fixed here is what is no opinion of an office: the next action of whatever is open and its overdue
call, which the ladder counts on; tasks of stages, set with the stages; a missed call's call-back,
which a conversation ends; word to who gets a request; reminders and repetitions that a person
asked for; ways out of what came in. What an office may want otherwise is a row of its table, see
`office_rules`; those of these that people ask about stand there too, to be read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from automation import chat_rules, recordings, sla_rules
from kartoteka.domain.approval import APPROVED
from kartoteka.domain.batch import is_undo
from kartoteka.domain.change import ActorKind, Change, Part
from kartoteka.domain.generator import SOURCE
from kartoteka.domain.ids import (
    ActivityId,
    ClientId,
    DealId,
    LeadId,
    StaffId,
    TaskId,
    TimerId,
    derived,
)
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Activity, CallStatus, Timer
from kartoteka.domain.office import Settings
from kartoteka.domain.routing_rules import crossed
from kartoteka.domain.worktime import Delay

NEXT_ACTION = "next_action"
ESCALATE = "escalate"
REMIND = "remind"
REPEAT = "repeat"
UNSEEN_AGAIN = "unseen_again"
UNSEEN_HEAD = "unseen_head"
COLD = "cold"
COLD_TWICE = "cold_twice"
FORWARD = "forward"
APPROVAL = "approval"
COME_BACK = "come_back"
CROSS_SELL = "cross_sell"
ESCALATE_AFTER = Delay(work_minutes=60)
TOO_LATE = timedelta(hours=24)
_MOVES_REMINDERS = {"due_at", "reminders", "repeats", "state"}
_MOVES_THE_LIMIT = {"stage_version", "last_touch_at", "contractor_due", "invoice_due", "wake_at"}


@dataclass(frozen=True, slots=True)
class PlanTimer:
    """Look at a lead again at a time."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class CallBack:
    """Somebody must call a client whose call was missed, or who asked for it (`asked`)."""

    activity_id: ActivityId
    client_id: ClientId
    lead_id: LeadId | None
    phone: str
    due_at: datetime
    deal_id: DealId | None = None
    asked: bool = False  # the number stands in the event


@dataclass(frozen=True, slots=True)
class FinishCallBacks:
    """A conversation happened: open call-backs of the client are done."""

    client_id: ClientId
    evidence: ActivityId


@dataclass(frozen=True, slots=True)
class FinishSteps:
    """The lead moved on: what its last stage asked for is done."""

    lead_id: LeadId
    evidence: str


@dataclass(frozen=True, slots=True)
class EnterStage:
    """A deal came to a stage: give its tasks, end those of the stage before."""

    deal_id: DealId
    version: int
    evidence: str


@dataclass(frozen=True, slots=True)
class AfterWin:
    """A deal was won: ask its owner when to sell again, plan what else is offered."""

    deal_id: DealId


@dataclass(frozen=True, slots=True)
class WatchDeal:
    """Something moved the moment at which a deal goes cold."""

    deal_id: DealId


@dataclass(frozen=True, slots=True)
class WatchTask:
    """Something moved the moments at which a task reminds or repeats."""

    task_id: TaskId


@dataclass(frozen=True, slots=True)
class AskHeads:
    """A deal's amount reached a threshold of the routing: the heads decide who leads it."""

    deal_id: DealId
    rule_id: str


@dataclass(frozen=True, slots=True)
class TellOwner:
    """A lead came to a new owner, who did not take it."""

    lead_id: LeadId
    owner_id: StaffId
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CarryOut:
    """A judge allowed what somebody asked for: do it as its asker."""

    approval_id: str


@dataclass(frozen=True, slots=True)
class AskProvider:
    """A payment is true only if its provider says so; `asked` counts the askings."""

    payment_id: str
    asked: int


@dataclass(frozen=True, slots=True)
class TellOfOrder:
    """A shop told something of an order that nobody heard of yet."""

    order_id: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """A notice for a person is new: it goes out on the ways that they chose."""

    notice_id: str


Planned = (
    PlanTimer
    | AfterWin
    | Deliver
    | TellOfOrder
    | AskProvider
    | CallBack
    | CarryOut
    | FinishCallBacks
    | FinishSteps
    | EnterStage
    | WatchDeal
    | WatchTask
    | TellOwner
    | AskHeads
    | chat_rules.Planned
    | sla_rules.Planned
    | recordings.CopyRecording
)


def decide(change: Change, settings: Settings) -> list[Planned]:
    """Return what must follow from one change; the same change always gives the same plans."""
    planned: list[Planned] = []
    for part in change.parts:
        if part.entity == "lead":
            planned += _of_lead(part, change)
        elif part.entity == "deal":
            planned += [*_of_deal(part, change), *_of_amount(part, settings)]
        elif part.entity == "task" and _MOVES_REMINDERS & (part.after or {}).keys():
            planned.append(WatchTask(TaskId(part.id)))
        elif part.entity == "activity" and not _came_back(part, change):
            planned += _of_activity(part, settings, change)
        else:
            planned += _of_other(part)
        planned += chat_rules.follow(part, change)
        planned += sla_rules.follow(part, change, settings)
        planned += recordings.follow(part)
    return planned


def _of_other(part: Part) -> list[Planned]:
    """Return what follows from a payment, a decision of a head, an order, or a new notice."""
    if part.entity == "notice":
        return [Deliver(part.id)] if part.before is None and part.after is not None else []
    if part.entity == "approval":
        return _of_approval(part)
    if part.entity == "order":
        return [TellOfOrder(part.id)] if (part.after or {}).get("untold") else []
    return _of_payment(part) if part.entity == "payment" else []


def _of_payment(part: Part) -> list[Planned]:
    """Return that the provider must be asked: its word is the only one that counts."""
    asked = (part.after or {}).get("asked")
    return [AskProvider(part.id, asked)] if isinstance(asked, int) and asked else []


def _of_approval(part: Part) -> list[Planned]:
    """Return that an approved act is to be done, or that its judge is waited for until a time."""
    after = part.after or {}
    due = after.get("due_at")
    if after.get("state") == APPROVED:
        return [CarryOut(part.id)]
    return [PlanTimer(approval_timer(part.id, read(due)))] if isinstance(due, str) else []


def _came_back(part: Part, change: Change) -> bool:
    """Return whether a record that was deleted is here again: what it led to is behind it."""
    return part.before is None and is_undo(change.cause)


def _of_lead(part: Part, change: Change) -> list[Planned]:
    after = part.after or {}
    planned: list[Planned] = []
    if part.before is not None and "stage" in after:
        planned.append(FinishSteps(LeadId(part.id), change.evidence))
    due, version = after.get("next_at"), after.get("stage_version")
    if isinstance(due, str):
        known = version if isinstance(version, int) else None
        planned.append(PlanTimer(timer(NEXT_ACTION, LeadId(part.id), read(due), known)))
    return planned + _of_owner(part, change)


def _of_owner(part: Part, change: Change) -> list[Planned]:
    """Return that the new owner must be told, unless they took the lead or have just talked.

    Of what the generator made each hears once a day, from it.
    """
    after = part.after or {}
    owner = after.get("owner_id")
    told = after.get("touched_at") or after.get("routed_by") == SOURCE
    if not isinstance(owner, str) or owner == change.actor.id or told:
        return []
    code = "notice_new_lead" if part.before is None else "notice_lead_given"
    return [TellOwner(LeadId(part.id), StaffId(owner), code, change.at)]


def _of_deal(part: Part, change: Change) -> list[Planned]:
    after = part.after or {}
    deal_id = DealId(part.id)
    planned: list[Planned] = []
    due, version = after.get("next_at"), after.get("stage_version")
    if isinstance(version, int) and not _came_back(part, change):
        planned.append(EnterStage(deal_id, version, change.evidence))
    if after.get("state") == "won" and not _is_past(part, change):
        planned.append(AfterWin(deal_id))
    if _MOVES_THE_LIMIT & after.keys():
        planned.append(WatchDeal(deal_id))
    again = after.get("repeat_at")
    if isinstance(again, str):
        planned.append(PlanTimer(deal_timer(COME_BACK, deal_id, read(again), None)))
    if isinstance(due, str):
        known = version if isinstance(version, int) else None
        planned.append(PlanTimer(deal_timer(NEXT_ACTION, deal_id, read(due), known)))
    return planned


def _is_past(part: Part, change: Change) -> bool:
    """Return whether the deal was won before it came here: imported, or back from a deletion."""
    return change.actor.kind is ActorKind.IMPORT or _came_back(part, change)


def _of_amount(part: Part, settings: Settings) -> list[Planned]:
    """Return that the heads must be asked; the deal itself stays where it is."""
    before, after = ((side or {}).get("amount_minor") for side in (part.before, part.after))
    if not isinstance(before, int) or not isinstance(after, int):
        return []
    rule = crossed(settings.office.routing, before, after)
    return [AskHeads(DealId(part.id), rule.id)] if rule is not None else []


def deal_timer(rule: str, deal_id: DealId, due_at: datetime, version: int | None) -> Timer:
    """Return the timer of a rule for a deal; the same arguments give the same id."""
    return Timer(
        id=TimerId(derived("tm", rule, deal_id, spell(due_at), str(version or 0))),
        rule=rule,
        deal_id=deal_id,
        version=version or 0,
        due_at=due_at,
    )


def timer(rule: str, lead_id: LeadId, due_at: datetime, version: int | None) -> Timer:
    """Return the timer of a rule for a lead; the same arguments give the same id.

    `version` None: the stage did not change with the due time.
    """
    return Timer(
        id=TimerId(derived("tm", rule, lead_id, spell(due_at), str(version or 0))),
        rule=rule,
        lead_id=lead_id,
        version=version or 0,
        due_at=due_at,
    )


def task_timer(rule: str, task_id: TaskId, due_at: datetime) -> Timer:
    """Return the timer of a rule for a task; the same arguments give the same id."""
    name = TimerId(derived("tm", rule, task_id, spell(due_at)))
    return Timer(id=name, rule=rule, task_id=task_id, due_at=due_at)


def notice_timer(rule: str, notice_id: str, due_at: datetime) -> Timer:
    """Return the timer that looks at a notice again; the same arguments give the same id."""
    name = TimerId(derived("tm", rule, notice_id))
    return Timer(id=name, rule=rule, notice_id=notice_id, due_at=due_at)


def _of_correction(part: Part, change: Change) -> list[Planned]:
    """Return that call-backs are done: a call told as missed was answered after all."""
    before, after = ((side or {}).get("call") for side in (part.before, part.after))
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    if before.get("answered_at") or not after.get("answered_at"):
        return []
    return [FinishCallBacks(ClientId(change.subject), ActivityId(part.id))]


def approval_timer(approval_id: str, due_at: datetime) -> Timer:
    """Return the timer that asks the next judge; the same arguments give the same id."""
    name = TimerId(derived("tm", APPROVAL, approval_id, spell(due_at)))
    return Timer(id=name, rule=APPROVAL, approval_id=approval_id, due_at=due_at)


def chat_timer(rule: str, chat_id: str, due_at: datetime, version: int) -> Timer:
    """Return the timer that looks at a chat again; the same arguments give the same id."""
    name = TimerId(derived("tm", rule, chat_id, spell(due_at), str(version)))
    return Timer(id=name, rule=rule, chat_id=chat_id, version=version, due_at=due_at)


def _of_activity(part: Part, settings: Settings, change: Change) -> list[Planned]:
    if part.before is not None:
        return _of_correction(part, change)
    activity = Activity.model_validate(part.after)
    call = activity.call
    if activity.client_id is not None and activity.what == "callback":
        return [_asked_for(activity, activity.client_id, settings)]
    if call is None or activity.client_id is None:
        return []
    if call.status is CallStatus.ANSWERED:
        return [FinishCallBacks(activity.client_id, activity.id)]
    if call.status is not CallStatus.MISSED or activity.direction != "in":
        return []
    office = settings.office
    ended = call.ended_at or call.started_at
    due = office.work.add(ended, Delay(work_minutes=office.callback_minutes))
    return [
        CallBack(
            activity.id,
            activity.client_id,
            activity.lead_id,
            call.client_number,
            due,
            activity.deal_id,
        )
    ]


def _asked_for(activity: Activity, client_id: ClientId, settings: Settings) -> CallBack:
    """Return that a visitor wants to be called: in working time at once, else when it begins."""
    office = settings.office
    minutes = office.callback_minutes if office.work.is_open(activity.at) else 0
    due = office.work.add(activity.at, Delay(work_minutes=minutes))
    return CallBack(activity.id, client_id, activity.lead_id, "", due, activity.deal_id, asked=True)
