"""What follows from a change, as plans: pure, so that every firing can be explained."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain.change import Change, Part
from kartoteka.domain.ids import ActivityId, ClientId, LeadId, TimerId, derived
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Activity, CallStatus, Timer
from kartoteka.domain.office import Settings
from kartoteka.domain.worktime import Delay

NEXT_ACTION = "next_action"
ESCALATE = "escalate"
ESCALATE_AFTER = Delay(work_minutes=60)
TOO_LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PlanTimer:
    """Look at a lead again at a time."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class CallBack:
    """Somebody must call a client whose call was missed."""

    activity_id: ActivityId
    client_id: ClientId
    lead_id: LeadId | None
    phone: str
    due_at: datetime


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


Planned = PlanTimer | CallBack | FinishCallBacks | FinishSteps


def decide(change: Change, settings: Settings) -> list[Planned]:
    """Return what must follow from one change; the same change always gives the same plans."""
    planned: list[Planned] = []
    for part in change.parts:
        if part.entity == "lead":
            planned += _of_lead(part, change)
        elif part.entity == "activity" and part.before is None:
            planned += _of_activity(part, settings)
    return planned


def _of_lead(part: Part, change: Change) -> list[Planned]:
    after = part.after or {}
    planned: list[Planned] = []
    if part.before is not None and "stage" in after:
        planned.append(FinishSteps(LeadId(part.id), change.evidence))
    due, version = after.get("next_at"), after.get("stage_version")
    if isinstance(due, str):
        known = version if isinstance(version, int) else None
        planned.append(PlanTimer(timer(NEXT_ACTION, LeadId(part.id), read(due), known)))
    return planned


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


def _of_activity(part: Part, settings: Settings) -> list[Planned]:
    activity = Activity.model_validate(part.after)
    call = activity.call
    if call is None or activity.client_id is None:
        return []
    if call.status is CallStatus.ANSWERED:
        return [FinishCallBacks(activity.client_id, activity.id)]
    if call.status is not CallStatus.MISSED or activity.direction != "in":
        return []
    office = settings.office
    ended = call.ended_at or call.started_at
    due = office.work.add(ended, Delay(work_minutes=office.callback_minutes))
    return [CallBack(activity.id, activity.client_id, activity.lead_id, call.client_number, due)]
