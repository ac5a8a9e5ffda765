"""What a person's cell means: the command of each editable column, and the words of a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Conflict, Invalid, Rejected
from kartoteka.domain.ladder import Move
from kartoteka.domain.model import Lead
from kartoteka.services import leads, tasks
from kartoteka.services.office import Desk
from sync.columns import Frame, View, label

_NEEDS_REASON = {"reason_required", "override_needs_reason"}


@dataclass(frozen=True, slots=True)
class Wish:
    """One typed cell on its way to a service: whose row, what was typed, who, why."""

    view: View
    typed: str
    actor: Actor
    cause: str


_Command: TypeAlias = Callable[[Desk, Frame, Wish], object]


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
        return in_words(exc, frame, wish.typed)
    return None


def in_words(exc: Rejected | Conflict, frame: Frame, typed: str) -> str:
    """Return the words of a refusal in the office's language."""
    said = frame.say(exc.code, **exc.facts) if exc.code else frame.say("sheet_refused")
    if exc.code in _NEEDS_REASON:
        stage = typed.partition(":")[0].strip()
        said = f"{said} {frame.say('sheet_reason_hint', example=stage)}"
    return said


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
    wanted = wish.typed.strip().casefold()
    labels = {label(p, frame.settings).casefold(): p.id for p in frame.settings.staff if p.active}
    if wanted not in labels:
        raise Invalid("nobody here has this name", code="staff_unknown")
    return leads.assign(desk, wish.actor, wish.view.id, labels[wanted], cause=wish.cause)


def _finish(desk: Desk, frame: Frame, wish: Wish) -> None:
    typed = wish.typed.strip().casefold()
    if typed == frame.say("state_done").casefold():
        tasks.finish(desk, wish.actor, wish.view.id, cause=wish.cause)
    elif typed == frame.say("state_open").casefold():
        raise Invalid("a task that is done stays done", code="task_reopen")
    else:
        raise Invalid("there is no such state", code="state_unknown")


_COMMANDS: dict[tuple[str, str], _Command] = {
    ("lead", "name"): _rename,
    ("lead", "note"): _write_note,
    ("lead", "owner"): _assign,
    ("lead", "stage"): _move,
    ("task", "state"): _finish,
}
