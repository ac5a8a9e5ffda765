"""What a person's cell means: the command of each editable column, and the words of a refusal."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Lead
from kartoteka.domain.rules.errors import RuleError
from kartoteka.services import leads, tasks
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS
from sync.columns import Frame, View, label
from sync.shelf.people import segment_of

_NEEDS_REASON = {"reason_required", "override_needs_reason"}


@dataclass(frozen=True, slots=True)
class Wish:
    """One typed cell on its way to a service: whose row, what was typed, who, why."""

    view: View
    typed: str
    actor: Actor
    cause: str


_Command: TypeAlias = Callable[[Desk, Frame, Wish], object]
_Asked: TypeAlias = tuple[str, Mapping[str, JsonValue]]  # name of a command and its fields
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,2})?")
_KOPECKS = 100
_OF_OTHERS = {"given_missing", "given_unknown"}  # what is wrong is not in the cell
_STARS, _MOST_STARS = frozenset("★⭐*"), 3


def carry_out(desk: Desk, frame: Frame, place: tuple[str, str], wish: Wish) -> str | None:
    """Carry out one edit; return None, or the reason of a refusal in the office's language.

    Args:
        desk: what services work with.
        frame: the office.
        place: kind of the record and key of the column.
        wish: the edit.

    Raises:
        Transient: the store does not answer; the whole flush is repeated.
    """
    if place not in _COMMANDS:
        return frame.say("sheet_read_only")
    try:
        _COMMANDS[place](desk, frame, wish)
    except (Rejected, Conflict) as exc:
        return of_this_cell(exc, frame, wish.typed)
    return None


def in_words(exc: Rejected | Conflict, frame: Frame, typed: str) -> str:
    """Return the words of a refusal in the office's language."""
    said = frame.say(exc.code, **exc.facts) if exc.code else frame.say("sheet_refused")
    if isinstance(exc, RuleError):
        said = f"{frame.say(f'col_rule_{exc.column}')}: {said}"
    if exc.code in _NEEDS_REASON:
        stage = typed.partition(":")[0].strip()
        said = f"{said} {frame.say('sheet_reason_hint', example=stage)}"
    return said


def of_this_cell(exc: Rejected | Conflict, frame: Frame, typed: str) -> str:
    """Return the words of a refusal beside a cell: what is wrong with it, without its field."""
    said = in_words(exc, frame, typed)
    if exc.code != "command_fields" or not isinstance(exc, Invalid) or len(exc.fields) != 1:
        return said
    ((field, code),) = exc.fields.items()
    _, _, fault = said.partition(f"{field}: ") if code not in _OF_OTHERS else ("", "", "")
    return fault[:1].upper() + fault[1:] or said


def _rename(desk: Desk, _frame: Frame, wish: Wish) -> Lead:
    return leads.rename(desk, wish.actor, wish.view.id, wish.typed, cause=wish.cause)


def _write_note(desk: Desk, _frame: Frame, wish: Wish) -> Lead:
    return leads.write_note(desk, wish.actor, wish.view.id, wish.typed, cause=wish.cause)


def _move(desk: Desk, frame: Frame, wish: Wish) -> Lead | None:
    """Move the lead; a reason may follow the stage's name after a colon."""
    if wish.view.lead is None:
        return None
    pipeline = frame.settings.office.pipeline(wish.view.lead.pipeline)
    name, _, reason = wish.typed.partition(":")
    stage = pipeline.by_name(name)
    move = Move(to=stage.id, reason=reason.strip())
    return leads.move(desk, wish.actor, wish.view.id, move, cause=wish.cause)


def _assign(desk: Desk, frame: Frame, wish: Wish) -> Lead:
    owner = _named(frame, wish.typed)
    return leads.assign(desk, wish.actor, wish.view.id, owner, cause=wish.cause)


def _finish(desk: Desk, frame: Frame, wish: Wish) -> None:
    typed = wish.typed.strip().casefold()
    if typed == frame.say("state_done").casefold():
        tasks.finish(desk, wish.actor, wish.view.id, cause=wish.cause)
    elif typed == frame.say("state_open").casefold():
        raise Invalid("a task that is done stays done", code="task_reopen")
    else:
        raise Invalid("there is no such state", code="state_unknown")


def _prioritise(_frame: Frame, wish: Wish) -> _Asked:
    """Set so many stars; they are typed as such, as asterisks or as their number."""
    typed = wish.typed.strip()
    stars = len(typed) if set(typed) <= _STARS else -1
    level = int(typed) if typed.isdecimal() else stars
    if not 0 <= level <= _MOST_STARS:
        raise Invalid("no such number of stars", code="stars_unknown")
    return "lead.priority", {"lead": wish.view.id, "priority": level}


def _move_deal(frame: Frame, wish: Wish) -> _Asked:
    """Move the deal; a reason may follow the stage's name after a colon."""
    deal = wish.view.deal
    if deal is None:
        raise TypeError("a deal is moved")
    name, _, reason = wish.typed.partition(":")
    stage = frame.settings.office.pipeline(deal.pipeline).by_name(name)
    return "deal.move", {"deal": deal.id, "stage": stage.id, "reason": reason.strip()}


def _assign_deal(frame: Frame, wish: Wish) -> _Asked:
    return "deal.assign", {"deal": wish.view.id, "owner": _named(frame, wish.typed)}


def _named(frame: Frame, typed: str) -> str:
    wanted = typed.strip().casefold()
    labels = {label(p, frame.settings).casefold(): p.id for p in frame.settings.staff if p.active}
    if wanted not in labels:
        raise Invalid("nobody here has this name", code="staff_unknown")
    return labels[wanted]


def _amount(_frame: Frame, wish: Wish) -> _Asked:
    """Set the amount; an empty cell asks for the sum of the lines again."""
    typed = re.sub(r"\s", "", wish.typed).replace(",", ".")
    if typed and not _NUMBER.fullmatch(typed):
        raise Invalid("no amount can be read", code="amount_unclear")
    minor: JsonValue = round(float(typed) * _KOPECKS) if typed else None
    return "deal.edit", {"deal": wish.view.id, "amount_minor": minor}


def _set(kind: str, field: str, _frame: Frame, wish: Wish) -> _Asked:
    return f"{kind}.edit", {kind: wish.view.id, field: wish.typed}


def _segment(frame: Frame, wish: Wish) -> _Asked:
    return "client.edit", {"client": wish.view.id, "segment": segment_of(wish.typed, frame)}


def _by_name(ask: Callable[[Frame, Wish], _Asked]) -> _Command:
    """Return the command of the registry that a cell asks for."""

    def run(desk: Desk, frame: Frame, wish: Wish) -> object:
        name, given = ask(frame, wish)
        return execute(COMMANDS, desk, wish.actor, name, given=given, cause=wish.cause)

    return run


_COMMANDS: dict[tuple[str, str], _Command] = {
    ("client", "company"): _by_name(partial(_set, "client", "company")),
    ("client", "name"): _by_name(partial(_set, "client", "name")),
    ("client", "segment"): _by_name(_segment),
    ("deal", "amount"): _by_name(_amount),
    ("deal", "contractor"): _by_name(partial(_set, "deal", "contractor")),
    ("deal", "name"): _by_name(partial(_set, "deal", "name")),
    ("deal", "note"): _by_name(partial(_set, "deal", "note")),
    ("deal", "owner"): _by_name(_assign_deal),
    ("deal", "stage"): _by_name(_move_deal),
    ("lead", "name"): _rename,
    ("lead", "note"): _write_note,
    ("lead", "owner"): _assign,
    ("lead", "priority"): _by_name(_prioritise),
    ("lead", "stage"): _move,
    ("task", "state"): _finish,
}
