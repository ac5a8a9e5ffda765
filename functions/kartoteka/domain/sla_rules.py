"""How soon the office answers and acts, in working time: the limits, and one case of each; N2."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from kartoteka.domain.ids import ActivityId, ClientId, DealId, LeadId, StaffId
from kartoteka.domain.instant import Instant
from kartoteka.domain.model import Activity, CallStatus, Entity, Value
from kartoteka.domain.worktime import WorkTime

LONGEST = 60 * 24 * 30  # working minutes
_SPOKEN = frozenset({CallStatus.ANSWERED, CallStatus.TALKING})
_ASKED = frozenset({"message", "mail"})
COUNTED = (
    "what",
    "staff_id",
    "since",
    "state",
    "breached",
    "minutes",
)  # what the log tells of a case
SlaKind = Literal["first", "reply", "stage"]


class SlaRules(Value):
    """The limits; that of the first answer is the office's own `first_answer_minutes`."""

    reply_minutes: int = Field(default=240, ge=0, le=LONGEST)  # to a message or letter; 0: none
    stages: dict[str, int] = Field(default_factory=dict)  # minutes on a stage, by pipeline.stage
    warn_percent: int = Field(default=67, ge=1, le=99)  # of the limit: whoever has it is warned


class SlaCase(Entity):
    """One limit at work: since when, until when, and how it ended; nothing personal.

    `state`: open, met, late (ended after the limit), dropped (nobody waits any more). `minutes`
    are working ones, from `since` to `ended_at`; `breached` is set at the limit.
    """

    kind: ClassVar[str] = "sla_case"
    collection: ClassVar[str] = "sla_cases"
    what: SlaKind
    client_id: ClientId | None = None
    lead_id: LeadId | None = None
    deal_id: DealId | None = None
    activity_id: ActivityId | None = None  # what has to be answered
    version: int = 0  # `stage_version` of the stage
    staff_id: StaffId | None = None  # whose it was at first
    since: Instant
    limit: int  # working minutes
    due_at: Instant
    state: Literal["open", "met", "late", "dropped"] = "open"
    breached: bool = False
    ended_at: Instant | None = None
    minutes: int | None = None


def due_of(hours: WorkTime, since: datetime, limit: int) -> datetime:
    """Return when the limit is over."""
    return hours.add_minutes(since, limit)


def warned_at(hours: WorkTime, since: datetime, limit: int, percent: int) -> datetime:
    """Return when whoever has it is warned: before the limit, never after it."""
    return hours.add_minutes(since, limit * percent // 100)


def ended(case: SlaCase, at: datetime, hours: WorkTime) -> SlaCase:
    """Return the case as it ended at this moment: met, or late when the limit had passed."""
    minutes = int(hours.minutes_between(case.since, at))
    late = case.breached or at > case.due_at
    update = {
        "state": "late" if late else "met",
        "breached": late,
        "ended_at": at,
        "minutes": minutes,
    }
    return case.model_copy(update=update)


def is_question(activity: Activity) -> bool:
    """Return whether a client wrote and waits for an answer."""
    return activity.what in _ASKED and activity.direction == "in"


def answered_at(activity: Activity) -> datetime | None:
    """Return when a person reached the client by this, None when nobody did.

    What a machine of the office sends has no author and came from nowhere.
    """
    call = activity.call
    if call is not None and call.status in _SPOKEN:
        return call.answered_at or activity.at
    if activity.direction != "out" or activity.what == "note":
        return None
    return activity.at if activity.staff_id or activity.inbound_id else None


def stage_limit(rules: SlaRules, pipeline: str, stage: str) -> int:
    """Return how many working minutes a record may stand there, 0 when nobody said."""
    return rules.stages.get(f"{pipeline}.{stage}", 0)


def unknown_stages(stages: Mapping[str, int], known: frozenset[str]) -> tuple[str, ...]:
    """Return the stages that the office has not, in the order given."""
    return tuple(name for name in stages if name not in known)
