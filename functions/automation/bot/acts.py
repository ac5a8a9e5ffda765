"""What each button is: a command of the registry about the record that its notice is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pydantic import JsonValue

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Lead, Notice, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.repeat import CHOICES
from kartoteka.i18n import text

Command = tuple[str, dict[str, JsonValue]]
_TALKED_S = 60  # of a call that somebody says they made; nobody measured it
_LATER_MINUTES = 60  # working ones
_STEPS = frozenset({"call", "letter", "meeting", "wait"})
_NEXT = {"in1h": timedelta(hours=1), "in1d": timedelta(days=1), "in3d": timedelta(days=3)}
NEXT_ACTS = tuple(_NEXT)  # answers to «what next?»


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed: of which notice, about which record, in which version."""

    notice: Notice
    record: Lead | Deal | Task | None
    expected: datetime | None
    settings: Settings
    now: datetime

    @property
    def about(self) -> Lead | Deal | Task:
        """Return the record; `Invalid` when it is gone."""
        if self.record is None:
            raise Invalid("the record is gone", code="press_gone")
        return self.record

    @property
    def version(self) -> dict[str, JsonValue]:
        """Return what a command takes as `expected`."""
        return {} if self.expected is None else {"expected": spell(self.expected)}

    def say(self, code: str) -> str:
        """Return a text in the office's language."""
        return text(code, self.settings.office.locale)


def command(act: str, pressed: Pressed) -> Command:
    """Return the command behind a button.

    Raises:
        Invalid: there is no such button, or its record is gone.
    """
    if act not in ACTS:
        raise Invalid(f"no button is called {act!r}", code="press_unknown")
    return ACTS[act](pressed)


def _seen(pressed: Pressed) -> Command:
    return "notice.seen", {"notice": pressed.notice.id}


def _called(pressed: Pressed) -> Command:
    """Return the task as done, or the call written down as the person tells it."""
    record, said = pressed.about, pressed.say("press_called_said")
    if isinstance(record, Task):
        return "task.finish", {"task": record.id, "result": said, **pressed.version}
    given: dict[str, JsonValue] = {record.kind: record.id, "text": said, "talk_s": _TALKED_S}
    return "activity.log", {"what": "call", **given}


def _done(pressed: Pressed) -> Command:
    return "task.finish", {"task": _task(pressed).id, **pressed.version}


def _then_call(after: timedelta, pressed: Pressed) -> Command:
    """Return the task as done, with a call as what is next."""
    due = pressed.settings.office.work.add_minutes(pressed.now + after, 0)
    step: dict[str, JsonValue] = {"what": "call", "due_at": spell(due)}
    return "task.finish", {"task": _task(pressed).id, "next": step}


def _later(pressed: Pressed) -> Command:
    """Return an hour of work more: from now, for what is due later still from then."""
    record = pressed.about
    planned_at = record.due_at if isinstance(record, Task) else record.next_at
    add = pressed.settings.office.work.add_minutes
    moment = add(pressed.now, _LATER_MINUTES)
    if planned_at is not None and planned_at > moment:
        moment = add(planned_at, _LATER_MINUTES)
    due = spell(moment)
    if isinstance(record, Task):
        return "task.edit", {"task": record.id, "due": due, **pressed.version}
    planned = record.next_action.what if record.next_action is not None else ""
    what = planned if planned in _STEPS else "call"
    given: dict[str, JsonValue] = {record.kind: record.id, "what": what, "due_at": due}
    return f"{record.kind}.next", {**given, **pressed.version}


def _take(pressed: Pressed) -> Command:
    return "lead.take", {"lead": pressed.about.id, **pressed.version}


def _convert(pressed: Pressed) -> Command:
    return "lead.convert", {"lead": pressed.about.id, **pressed.version}


def _decide(pressed: Pressed, *, approve: bool) -> Command:
    why = "" if approve else pressed.say("press_declined_said")
    given: dict[str, JsonValue] = {"approval": pressed.notice.approval_id or "", "reason": why}
    return "approval.decide", {**given, "approve": approve}


def _propose(name: str, pressed: Pressed) -> Command:
    return name, {"proposal": pressed.notice.proposal_id or ""}


def _repeat(days: int, pressed: Pressed) -> Command:
    return "deal.repeat", {"deal": pressed.about.id, "days": days}


def _task(pressed: Pressed) -> Task:
    if not isinstance(pressed.about, Task):
        raise Invalid("it is no task", code="press_unknown")
    return pressed.about


ACTS: Mapping[str, Callable[[Pressed], Command]] = {
    "seen": _seen,
    "called": _called,
    "done": _done,
    "later": _later,
    "take": _take,
    "deal": _convert,
    "approve": partial(_decide, approve=True),
    "decline": partial(_decide, approve=False),
    "accept": partial(_propose, "proposal.accept"),
    "refuse": partial(_propose, "proposal.refuse"),
    **{f"repeat_{days}": partial(_repeat, days) for days in CHOICES},
    **{name: partial(_then_call, after) for name, after in _NEXT.items()},
}
