"""Who of us spoke in a call, and what a further report of the same call adds."""

from kartoteka.domain.ids import StaffId
from kartoteka.domain.inbound import PROGRAM, Inbound
from kartoteka.domain.model import Activity, CallFact, Staff
from kartoteka.domain.office import Settings


def taken_by(inbound: Inbound, settings: Settings) -> Staff | None:
    """Return who took the call, or whom it rang."""
    return _behind(inbound.call.staff, settings) if inbound.call else None


def program_of(inbound: Inbound) -> str:
    """Return the program that telephones on the client's side; empty: it is a telephone."""
    number = inbound.call.fact.client_number if inbound.call else ""
    return number if number.startswith(PROGRAM) else ""


def is_colleagues(program: str, settings: Settings) -> bool:
    """Return whether the program telephones for one of us."""
    return _behind(program, settings) is not None


def is_stray(inbound: Inbound, settings: Settings) -> bool:
    """Return whether a program called a number, and none of us is known to have it."""
    call = inbound.call
    by_program = call is not None and call.direction == "out" and call.staff.startswith(PROGRAM)
    return by_program and taken_by(inbound, settings) is None


def passed_to(inbound: Inbound, settings: Settings) -> StaffId | None:
    """Return who of us spoke last in a call that somebody else took."""
    if inbound.call is None or not inbound.call.passed_to:
        return None
    last = _behind(inbound.call.passed_to, settings)
    return None if last is None or last == taken_by(inbound, settings) else last.id


def told_again(earlier: Activity, inbound: Inbound, settings: Settings) -> Activity:
    """Return the call with what a further report adds: a recording, a person, more talk."""
    old, new = earlier.call, inbound.call.fact if inbound.call else None
    if old is None or new is None:
        return earlier
    news: dict[str, object] = {}
    if new.recording_url and not old.recording_url:
        news["recording_url"] = new.recording_url
    if old.answered_at and new.answered_at and old.ended_at and new.ended_at:
        news |= _longer(old, new)
    first, last = _spoke(earlier, inbound, settings)
    if last != old.passed_to:
        news["passed_to"] = last
    return earlier.model_copy(update={"call": old.model_copy(update=news), "staff_id": first})


def _spoke(
    earlier: Activity, inbound: Inbound, settings: Settings
) -> tuple[StaffId | None, StaffId | None]:
    """Return who took the call and, if that is another, who spoke last, with what is told now."""
    old, new = earlier.call, inbound.call.fact if inbound.call else None
    staff = taken_by(inbound, settings)
    known, last = earlier.staff_id, old.passed_to if old else None
    if old is None or new is None or new.answered_at is None:
        return known, last
    told = staff.id if staff else None
    if inbound.call is not None and inbound.call.piece:
        return told or known, passed_to(inbound, settings)  # the pieces together know it
    sooner = old.answered_at is not None and new.answered_at < old.answered_at
    first = told if told and (sooner or not known) else known
    last = passed_to(inbound, settings) or last or (known if first != known else None)
    return first, last if last != first else None


def _behind(line: str, settings: Settings) -> Staff | None:
    """Return who of us has the line, which may be a telephone in a browser."""
    return settings.on_line(line.removeprefix(PROGRAM))


def _longer(old: CallFact, new: CallFact) -> dict[str, object]:
    """Return what a report of another part of an answered call moves: its answer and its end."""
    answered = [fact.answered_at for fact in (old, new) if fact.answered_at]
    ended = [fact.ended_at for fact in (old, new) if fact.ended_at]
    wider = {"answered_at": min(answered), "ended_at": max(ended)}
    return {name: moment for name, moment in wider.items() if moment != getattr(old, name)}
