"""What follows for the limits of answering: a case begins, or what it waited for has happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.batch import cause_of, is_undo
from kartoteka.domain.change import Change, Part
from kartoteka.domain.ids import ActivityId, ClientId, LeadId, TimerId, derived
from kartoteka.domain.model import Activity, Timer
from kartoteka.domain.next_step import OPEN
from kartoteka.domain.office import Settings
from kartoteka.domain.sla_rules import answered_at, is_question, stage_limit

_Doc: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class AwaitFirst:
    """A new request waits for its first answer."""

    lead_id: LeadId


@dataclass(frozen=True, slots=True)
class AwaitReply:
    """A client wrote and waits for a reply."""

    activity_id: ActivityId


@dataclass(frozen=True, slots=True)
class AwaitMove:
    """A record came to a stage on which it may not stand for ever."""

    entity: str  # lead, deal
    record_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A person reached the client: nobody waits any more."""

    client_id: ClientId
    lead_id: LeadId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A record left the stage of this case."""

    case_id: str
    at: datetime


Planned: TypeAlias = AwaitFirst | AwaitReply | AwaitMove | Answered | Moved
PLANS = (AwaitFirst, AwaitReply, AwaitMove, Answered, Moved)


def follow(part: Part, change: Change, settings: Settings) -> list[Planned]:
    """Return what follows from a changed record; mass acts and undoings begin nothing."""
    if part.after is None or is_undo(change.cause) or change.cause.startswith(cause_of("")):
        return []
    if part.entity == "activity":
        return _of_activity(part, change)
    if part.entity in {"lead", "deal"}:
        return [*_first(part), *_of_stage(part, part.after, change, settings)]
    return []


def first_id(lead_id: str) -> str:
    """Return the id of the case of a request's first answer."""
    return derived("sl", "first", lead_id)


def stage_id(record_id: str, version: int) -> str:
    """Return the id of the case of a record's stay on a stage."""
    return derived("sl", "stage", record_id, str(version))


def case_timer(rule: str, case_id: str, due_at: datetime) -> Timer:
    """Return the timer that looks at a limit; the same arguments give the same id."""
    name = TimerId(derived("tm", rule, case_id))
    return Timer(id=name, rule=rule, case_id=case_id, due_at=due_at)


def _first(part: Part) -> list[Planned]:
    after = part.after or {}
    is_new = part.before is None and part.entity == "lead" and after.get("state") in OPEN
    return [AwaitFirst(LeadId(part.id))] if is_new and not after.get("touched_at") else []


def _of_activity(part: Part, change: Change) -> list[Planned]:
    """Return that a client waits, or was answered; a call may be told as answered afterwards."""
    if part.before is None:
        activity = Activity.model_validate(part.after)
        at = answered_at(activity)
        if activity.client_id is None:
            return []
        if at is not None:
            return [Answered(activity.client_id, activity.lead_id, at)]
        by_new = any(it.entity == "lead" and it.before is None for it in change.parts)
        return [AwaitReply(activity.id)] if is_question(activity) and not by_new else []
    call = (part.after or {}).get("call")
    spoken = isinstance(call, Mapping) and bool(call.get("answered_at"))
    return [Answered(ClientId(change.subject), None, change.at)] if spoken else []


def _of_stage(part: Part, after: _Doc, change: Change, settings: Settings) -> list[Planned]:
    version, before = after.get("stage_version"), (part.before or {}).get("stage_version")
    planned: list[Planned] = []
    if isinstance(before, int):
        planned.append(Moved(stage_id(part.id, before), change.at))
    if isinstance(version, int) and settings.office.sla.stages and _may_wait(after, settings):
        planned.append(AwaitMove(part.entity, part.id, version))
    return planned if settings.office.sla.stages else []


def _may_wait(after: _Doc, settings: Settings) -> bool:
    """Return whether some pipeline limits a stage of this name; the record itself decides."""
    stage = after.get("stage")
    lines = settings.office.pipelines
    return stage is None or any(stage_limit(settings.office.sla, it.id, str(stage)) for it in lines)
