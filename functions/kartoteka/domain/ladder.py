"""The call ladder: nobody leaves a gated stage unless a call was made.

A call is a *conversation* (talk of 5 s or more) or an *attempt* (ringing of 15 s or more, or a
busy, rejected or unanswered line). Each call serves one transition, and only a call that started
after the stage was entered counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ids import ActivityId
from kartoteka.domain.model import CallFact, CallStatus, Lead, NextAction, Role, Value
from kartoteka.domain.pipeline import Pipeline, Stage
from kartoteka.domain.worktime import WorkTime

TALK_S = 5
RING_S = 15
OVERRIDE_REASON = 10  # characters
DEFAULT_WAKE = timedelta(days=30)
LONGEST_WAKE = timedelta(days=365)
_UNANSWERED = {CallStatus.BUSY, CallStatus.REJECTED, CallStatus.NO_ANSWER}
_HEADS = {Role.HEAD, Role.DIRECTOR, Role.ADMIN}


class Weight(StrEnum):
    """What a finished call proves."""

    CONVERSATION = "conversation"
    ATTEMPT = "attempt"
    NOTHING = "nothing"


class Move(Value):
    """A wish to enter a stage: who, why, and what proves it."""

    to: str
    reason: str = ""
    wake_at: datetime | None = None
    no_number: bool = False  # a call proved that the client's number does not exist


def weigh(call: CallFact) -> Weight:
    """Return what this call proves: nothing if it is unfinished, a robot's or to no number."""
    if call.ended_at is None or call.robot or call.status is CallStatus.NO_NUMBER:
        return Weight.NOTHING
    if call.talk_s >= TALK_S:
        return Weight.CONVERSATION
    if call.ring_s >= RING_S or call.status in _UNANSWERED:
        return Weight.ATTEMPT
    return Weight.NOTHING


def counts(lead: Lead, call_id: ActivityId, call: CallFact) -> bool:
    """Return whether this call may serve a transition of this lead."""
    return call.started_at > lead.stage_entered_at and call_id not in lead.used_calls


@dataclass(frozen=True)
class Ladder:
    """The rules of one pipeline in one office's working time."""

    pipeline: Pipeline
    hours: WorkTime

    def after_call(self, lead: Lead, weight: Weight, now: datetime) -> Lead:
        """Return the lead after a call that counts; the same lead when nothing follows."""
        stage = self.pipeline.stage(lead.stage)
        if weight is Weight.CONVERSATION and stage.on_conversation:
            return self.enter(lead, self.pipeline.stage(stage.on_conversation), now)
        if weight is not Weight.ATTEMPT:
            return lead
        if stage.on_attempt:
            return self.enter(lead, self.pipeline.stage(stage.on_attempt), now)
        return self._after_attempt(lead, stage, now) if stage.tries else lead

    def _after_attempt(self, lead: Lead, stage: Stage, now: datetime) -> Lead:
        tries = lead.tries + 1
        if tries < stage.tries and stage.retry is not None:
            due = self.hours.add(now, stage.retry)
            action = NextAction(what=stage.action or "call", due_at=due)
            update = {"tries": tries, "next_action": action, "next_at": due, "updated_at": now}
            return lead.model_copy(update=update)
        target = self.pipeline.stage(stage.exhausted)
        moved = self.enter(lead, target, now)
        if not target.needs_wake:
            return moved
        return _asleep(moved, self.hours.add_minutes(now + DEFAULT_WAKE, 0), "no_answer")

    def enter(self, lead: Lead, stage: Stage, now: datetime) -> Lead:
        """Return the lead on `stage`, with the next action that stage asks for."""
        action = None
        if stage.due is not None:
            action = NextAction(what=stage.action, due_at=self.hours.add(now, stage.due))
        return lead.model_copy(
            update={
                "stage": stage.id,
                "state": stage.state,
                "stage_entered_at": now,
                "stage_version": lead.stage_version + 1,
                "tries": 0,
                "next_action": action,
                "next_at": action.due_at if action else None,
                "wake_at": None,
                "wait_until": None,
                "reason": "",
                "updated_at": now,
            }
        )

    def by_hand(self, lead: Lead, move: Move, actor: Actor, now: datetime) -> Lead:
        """Return the lead where a person wants it.

        Raises:
            NotAllowed: the stage lets nobody go without a call, or does not lead there.
            Invalid: a reason or a wake date is missing or impossible.
        """
        here, there = self.pipeline.stage(lead.stage), self.pipeline.stage(move.to)
        if here.id == there.id:
            return lead
        check_leave(here, there, move, actor)
        moved = self.enter(lead, there, now)
        if there.needs_reason or move.reason:
            moved = moved.model_copy(update={"reason": _reason(there, move)})
        if there.needs_wake:
            moved = _asleep(moved, _wake(move, self.hours, now), moved.reason)
        return moved

    def wake(self, lead: Lead, now: datetime) -> Lead:
        """Return a deferred lead at the start again, marked as a repeat."""
        return self.enter(lead, self.pipeline.first, now).model_copy(update={"repeat": True})


def check_leave(here: Stage, there: Stage, move: Move, actor: Actor) -> None:
    """Refuse a move that the stage forbids; a head may override with a reason, a rule may not."""
    if actor.kind is ActorKind.RULE and here.gated and not is_excused(here, there, move):
        raise _needs_call(here)
    if actor.kind is not ActorKind.STAFF:
        return
    if here.state in {"won", "lost"}:
        _check_reopen(here, actor)
        return
    if here.gated and not is_excused(here, there, move):
        _check_override(here, move, actor)
        return
    if not here.gated and there.id not in here.leads_to:
        raise NotAllowed(
            f"stage {here.id} does not lead to {there.id}",
            code="stage_not_reachable",
            here=here,
            there=there,
        )


def is_override(here: Stage, there: Stage, move: Move, actor: Actor) -> bool:
    """Return whether an allowed move left a stage without the call that it asks for."""
    guarded = here.gated and here.state not in {"won", "lost"}
    return actor.is_person and guarded and not is_excused(here, there, move)


def is_excused(here: Stage, there: Stage, move: Move) -> bool:
    """Return whether a gated stage lets anybody refuse the request, without a call."""
    free = move.reason.strip().casefold() in here.free_reasons
    return there.state == "lost" and (free or move.no_number)


def _check_reopen(here: Stage, actor: Actor) -> None:
    if actor.role not in here.reopen_roles:
        raise NotAllowed(f"stage {here.id} is final", code="stage_final", here=here)


def _check_override(here: Stage, move: Move, actor: Actor) -> None:
    if actor.is_backed:
        return
    if actor.role not in _HEADS:
        raise _needs_call(here)
    if len(move.reason.strip()) < OVERRIDE_REASON:
        raise NotAllowed(
            f"leaving {here.id} without a call needs a reason of {OVERRIDE_REASON} characters",
            code="override_needs_reason",
            here=here,
            count=OVERRIDE_REASON,
        )


def _needs_call(here: Stage) -> NotAllowed:
    return NotAllowed(f"stage {here.id} is left by a call only", code="stage_needs_call", here=here)


def _reason(there: Stage, move: Move) -> str:
    reason = move.reason.strip()
    if there.needs_reason and not reason:
        raise Invalid(
            f"stage {there.id} needs a reason",
            fields={"reason": "required"},
            code="reason_required",
        )
    return reason


def _wake(move: Move, hours: WorkTime, now: datetime) -> datetime:
    wake = move.wake_at or now + DEFAULT_WAKE
    if not now < wake <= now + LONGEST_WAKE:
        raise Invalid(
            "the wake date must be within a year from now",
            fields={"wake_at": "wake_range"},
            code="wake_range",
        )
    return hours.add_minutes(wake, 0)


def _asleep(lead: Lead, wake: datetime, reason: str) -> Lead:
    action = NextAction(what="wake", due_at=wake)
    return lead.model_copy(
        update={"wake_at": wake, "next_action": action, "next_at": wake, "reason": reason}
    )
