"""What lets a deal in and out of a stage: rights, fields, proofs, reasons; pure."""

from datetime import datetime, timedelta

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.ladder import LONGEST_WAKE, OVERRIDE_REASON
from kartoteka.domain.model import Role, Value
from kartoteka.domain.pipeline import Proof, Requirement, Stage
from kartoteka.domain.scope import may_work

_HEADS = {Role.HEAD, Role.DIRECTOR, Role.ADMIN}
_CLOSED = {"won", "lost"}
_LOOP_MOVES = 5
_LOOP_TIME = timedelta(hours=1)


class Way(Value):
    """A step from one stage to another."""

    here: Stage
    there: Stage


class DealMove(Value):
    """A wish to enter a stage: why, and until when the deal sleeps there."""

    to: str
    reason: str = ""
    note: str = ""
    wake_at: datetime | None = None


def is_open(deal: Deal) -> bool:
    """Return whether the deal is neither won nor lost."""
    return deal.state not in _CLOSED


def check_work(deal: Deal, stage: Stage, actor: Actor, also: tuple[str, ...] = ()) -> None:
    """Refuse a change of a deal that is locked or in other hands; `also`: the actor's other roles.

    Raises:
        NotAllowed: says who may.
    """
    if actor.is_person and deal.locked:
        raise NotAllowed(f"deal {deal.id} is locked after payment", code="deal_locked")
    if not may_work(stage, actor, also):
        raise NotAllowed(
            f"a deal on {stage.id} is changed by {', '.join(stage.edit_roles)}",
            code="stage_in_other_hands",
            here=stage,
        )


def check_out(deal: Deal, way: Way, move: DealMove, actor: Actor) -> None:
    """Refuse to go this way; a head may override a closed way or a call with a reason.

    Raises:
        NotAllowed: the stage is final, does not lead there, or asks for a proof on this way.
    """
    if not actor.is_person:
        return
    if way.here.state in _CLOSED:
        check_reopen(way.here, actor)
        return
    unproved = next((proof for proof in _asked(way) if not proved(deal, proof)), None)
    if unproved and not _overridden(move, actor):
        raise NotAllowed(f"{way.here.id} is left with {unproved}", code=f"proof_{unproved}")
    leads_there = not way.here.leads_to or way.there.id in way.here.leads_to
    if not leads_there and not _overridden(move, actor):
        raise NotAllowed(
            f"stage {way.here.id} does not lead to {way.there.id}",
            code="stage_not_reachable",
            here=way.here,
            there=way.there,
        )


def is_override(deal: Deal, way: Way, actor: Actor) -> bool:
    """Return whether an allowed move went a closed way, or without a proof that it asks for."""
    if not actor.is_person or way.here.state in _CLOSED:
        return False
    closed = bool(way.here.leads_to) and way.there.id not in way.here.leads_to
    return closed or any(not proved(deal, proof) for proof in _asked(way))


def check_loop(deal: Deal, actor: Actor, now: datetime) -> None:
    """Refuse a rule that moves the deal for the sixth time within an hour (D5).

    Raises:
        NotAllowed: rules chase each other; an administrator must look at them.
    """
    if actor.kind is not ActorKind.RULE:
        return
    by_rules = (visit for visit in deal.stage_log if visit.by.startswith(f"{ActorKind.RULE}:"))
    recent = sum(now - visit.entered_at < _LOOP_TIME for visit in by_rules)
    if recent >= _LOOP_MOVES:
        raise NotAllowed(f"rules moved {deal.id} {recent} times", code="rules_loop", count=recent)


def check_reopen(here: Stage, actor: Actor) -> None:
    """Refuse to take a deal out of a final stage to people without that right."""
    if actor.is_person and actor.role not in here.reopen_roles:
        raise NotAllowed(f"stage {here.id} is final", code="deal_final", here=here)


def check_in(deal: Deal, there: Stage, move: DealMove, now: datetime) -> None:
    """Refuse to enter a stage without what it asks for.

    Raises:
        Invalid: fields, a reason, its note or the wake date are missing or impossible.
        NotAllowed: a proof is missing; the code says which one and what to do.
    """
    check_filled(there, missing(deal, there))
    for proof in there.evidence:
        if not proved(deal, proof):
            raise NotAllowed(f"stage {there.id} needs {proof}", code=f"proof_{proof}")
    _check_reason(there, move)
    if move.wake_at is not None or there.needs_wake:
        check_wake(there, move, now)


def check_filled(there: Stage, absent: tuple[Requirement, ...]) -> None:
    """Refuse what leaves a field empty that the stage asks for."""
    if absent:
        raise Invalid(
            f"stage {there.id} needs {', '.join(item.field for item in absent)}",
            fields={item.field: "required" for item in absent},
            code="stage_requires",
            there=there,
            missing=absent,
        )


def missing(deal: Deal, stage: Stage) -> tuple[Requirement, ...]:
    """Return what the stage asks for and the deal does not have."""
    return tuple(item for item in stage.requires if not _is_filled(deal, item.field))


def proved(deal: Deal, proof: Proof) -> bool:
    """Return whether the deal carries this proof; a call must be of this stage and unused."""
    if proof is Proof.CALL:
        return deal.last_call_id is not None and deal.last_call_id not in deal.used_calls
    return bool(deal.evidence.get(proof))


def proofs(deal: Deal, way: Way) -> tuple[Proof, ...]:
    """Return the proofs that this step rests on."""
    wanted = (*_asked(way), *way.there.evidence)
    return tuple(proof for proof in wanted if proved(deal, proof))


def check_wake(there: Stage, move: DealMove, now: datetime) -> datetime:
    """Return the moment to wake; a sleeping deal must have one within a year.

    Raises:
        Invalid: it is missing, past or too far, or the stage is not one to sleep on.
    """
    wake = move.wake_at
    if not there.needs_wake or wake is None or not now < wake <= now + LONGEST_WAKE:
        code = "wake_not_here" if not there.needs_wake else "wake_range"
        raise Invalid(f"wake date on {there.id}", fields={"wake_at": code}, code=code)
    return wake


def _asked(way: Way) -> tuple[Proof, ...]:
    return tuple(item.evidence for item in way.here.exits if item.to == way.there.id)


def _is_filled(deal: Deal, field: str) -> bool:
    if field == "contact":
        return bool(deal.client_id or deal.company_id)
    if field == "service":
        return bool(deal.deal_type.strip() or deal.lines)
    if field == "amount":
        return deal.amount_minor > 0
    if field.startswith("fields."):
        return deal.fields.get(field.removeprefix("fields.")) not in (None, "", [])
    value = getattr(deal, field)
    return bool(value.strip() if isinstance(value, str) else value is not None)


def _check_reason(there: Stage, move: DealMove) -> None:
    reason = move.reason.strip()
    if not there.needs_reason:
        return
    if not reason:
        raise Invalid(
            f"stage {there.id} needs a reason",
            fields={"reason": "required"},
            code="reason_required",
        )
    if there.reasons and reason.casefold() not in {item.casefold() for item in there.reasons}:
        raise Invalid(
            f"stage {there.id} knows no reason {reason!r}",
            fields={"reason": "unknown"},
            code="reason_unknown",
            reasons=there.reasons,
        )
    wants_note = reason.casefold() in {item.casefold() for item in there.note_reasons}
    if wants_note and not move.note.strip():
        raise Invalid(
            f"reason {reason!r} needs a note", fields={"note": "required"}, code="reason_note"
        )


def _overridden(move: DealMove, actor: Actor) -> bool:
    """Return whether a head takes it upon himself, with a reason long enough to be one."""
    if actor.is_backed:
        return True
    if actor.role not in _HEADS:
        return False
    if len((move.note or move.reason).strip()) < OVERRIDE_REASON:
        raise NotAllowed(
            f"this way needs a note of {OVERRIDE_REASON} characters",
            code="override_needs_note",
            count=OVERRIDE_REASON,
        )
    return True
