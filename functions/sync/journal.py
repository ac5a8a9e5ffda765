"""The journal tab: what happened, by whom, in human words; the last 30 days, newest at the end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from kartoteka.domain.access import Level, level_of
from kartoteka.domain.change import Actor, ActorKind, Change, Part
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import StaffId
from kartoteka.domain.model import Activity, CallFact, Lead, Task
from kartoteka.ports import CellValue, Doc, Rows
from sync.columns import ANYBODY, Entry, Frame, Tab, View, name_of
from sync.layout import delete_rows_request

KEPT = timedelta(days=30)
SLACK = timedelta(days=1)  # rows may grow so much older before they are trimmed together
_LONGEST = 200  # characters of one value
_ARROW = " → "
_LEAD_FIELDS = {
    "stage": "col_stage",
    "owner_id": "col_owner",
    "name": "col_name",
    "note": "col_note",
}
_DELETED = {Lead.kind: "journal_lead_deleted", Deal.kind: "journal_deal_deleted"}
_WORDLESS = {field: code for field, code in _LEAD_FIELDS.items() if field in {"stage", "owner_id"}}


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that a person and the store changed at once; `stood` is the value that stands."""

    column: str
    typed: CellValue
    stored: CellValue
    stood: CellValue
    who: str
    at: datetime


def trim(tab: Tab, found: Rows, keep: float, when: float) -> list[Doc]:
    """Return the requests that delete lines older than `keep`, once one is older than `when`."""
    ages = [
        (index, row[1])
        for index, row in enumerate(found)
        if index and len(row) > 1 and isinstance(row[1], int | float)
    ]
    if not any(age < when for _, age in ages):
        return []
    old = [index for index, age in ages if age < keep]
    runs: list[list[int]] = []
    for index in old:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [delete_rows_request(tab.sheet_id, run[0], run[-1] + 1) for run in reversed(runs)]


def entries(changes: Iterable[Change], views: Mapping[str, View], frame: Frame) -> Iterator[Entry]:
    """Yield the lines of the journal for these changes, in order.

    `views` holds the records that the changes touch as the book's reader may see them: what is
    not among them is left out, such as a personal task or a colleague's deal.
    """
    for change in changes:
        who = _who(change.actor, frame)
        for number, part in enumerate(change.parts):
            if not _is_open(part, views, frame):
                continue
            words = _words(part, frame)
            if words is not None:
                what, said = words
                if change.reason and _may_tell(part, frame):
                    said = f"{said} ({_short(change.reason)})".strip()
                about = _about(part, views, frame)
                yield Entry(f"{change.id}:{number}", change.at, who, what, about, said)


def _is_open(part: Part, views: Mapping[str, View], frame: Frame) -> bool:
    """Return whether the reader may see the record that the part is about, or could have."""
    if part.after is None:
        return part.entity in _DELETED and frame.reader == ANYBODY
    if part.entity in {Task.kind, Deal.kind}:
        return part.id in views
    if frame.reader == ANYBODY:
        return True
    after = part.after or {}
    about = {part.id, str(after.get("lead_id")), str(after.get("deal_id"))}
    return not about.isdisjoint(views)


def _may_tell(part: Part, frame: Frame) -> bool:
    """Return whether words beside the record may be told: of a deal, they may name its amount."""
    if part.entity != Deal.kind:
        return True
    return level_of(frame.sight(), Deal, "amount_minor") >= Level.READ


def clash_entry(record: str, clash: Clash, about: str, frame: Frame) -> Entry:
    """Return the journal line of a conflict: both values, and which of them stands."""
    column = frame.say(f"col_{clash.column}")
    values = {"typed": _short(clash.typed), "stored": _short(clash.stored)}
    said = frame.say("journal_clash", column=column, stood=_short(clash.stood), **values)
    return Entry(record, clash.at, clash.who, frame.say("journal_conflict"), about, said)


def _who(actor: Actor, frame: Frame) -> str:
    if actor.kind is ActorKind.STAFF:
        return frame.person(StaffId(actor.id)) or frame.say("actor_book")
    if actor.kind is ActorKind.CHANNEL:
        return frame.say("actor_channel")
    return frame.say("actor_rule" if actor.kind is ActorKind.RULE else "actor_system")


def _words(part: Part, frame: Frame) -> tuple[str, str] | None:
    """Return what was done and the change in words; None for what the journal leaves out."""
    if part.after is None:
        return frame.say(_DELETED[part.entity]), ""
    after = part.after
    if part.entity == Lead.kind:
        return _lead_words(part.before, after, frame)
    if part.entity == Deal.kind:
        return _deal_words(part, after, frame)
    if part.entity == Task.kind:
        return _task_words(part.before, after, frame)
    if part.entity == Activity.kind and after.get("call"):
        return _call_words(part.before, after, frame)
    return None


def _lead_words(
    before: Mapping[str, JsonValue] | None, after: Mapping[str, JsonValue], frame: Frame
) -> tuple[str, str] | None:
    if before is None:
        return frame.say("journal_lead"), _spoken("owner_id", after.get("owner_id"), frame)
    said = [
        f"{frame.say(code)}: {_spoken(field, before.get(field), frame)}{_ARROW}"
        f"{_spoken(field, after[field], frame)}"
        for field, code in _LEAD_FIELDS.items()
        if field in after
    ]
    return (frame.say("journal_lead_changed"), "; ".join(said)) if said else None


def _deal_words(part: Part, after: Mapping[str, JsonValue], frame: Frame) -> tuple[str, str] | None:
    before = part.before
    if before is None:
        return frame.say("journal_deal"), _spoken("owner_id", after.get("owner_id"), frame)
    told = _LEAD_FIELDS if _may_tell(part, frame) else _WORDLESS
    said = [
        f"{frame.say(code)}: {_spoken(field, before.get(field), frame)}{_ARROW}"
        f"{_spoken(field, after[field], frame)}"
        for field, code in told.items()
        if field in after
    ]
    return (frame.say("journal_deal_changed"), "; ".join(said)) if said else None


def _task_words(
    before: Mapping[str, JsonValue] | None, after: Mapping[str, JsonValue], frame: Frame
) -> tuple[str, str] | None:
    if before is None:
        who = _spoken("owner_id", after.get("assignee_id"), frame)
        return frame.say("journal_task"), f"{_short(after.get('title'))}{_ARROW}{who}"
    if "state" not in after:
        return None
    states = (frame.say(f"state_{side['state']}") for side in (before, after))
    return frame.say("journal_task_changed"), _ARROW.join(states)


def _call_words(
    before: Mapping[str, JsonValue] | None, after: Mapping[str, JsonValue], frame: Frame
) -> tuple[str, str] | None:
    if before is not None:
        return _passed_words(before, after, frame) if before.get("call") else None
    call = CallFact.model_validate(after["call"])
    way = frame.say("way_in" if after.get("direction") == "in" else "way_out")
    if call.answered_at is None:
        return frame.say("journal_call"), frame.say("journal_unanswered", way=way)
    said = frame.say("journal_talk", way=way, length=_length(call))
    who = _spoken("owner_id", after["staff_id"], frame) if after.get("staff_id") else ""
    if call.passed_to and who:
        then = _spoken("owner_id", call.passed_to, frame)
        said = f"{said}; {frame.say('journal_spoke', who=who, then=then)}"
    return frame.say("journal_call"), said


def _passed_words(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], frame: Frame
) -> tuple[str, str] | None:
    """Return that a call already told was passed on; None of any other change of a call."""
    old, call = (CallFact.model_validate(side["call"]) for side in (before, after))
    if not call.passed_to or call.passed_to == old.passed_to:
        return None
    then = _spoken("owner_id", call.passed_to, frame)
    return frame.say("journal_call"), frame.say("journal_passed", then=then, length=_length(call))


def _length(call: CallFact) -> str:
    minutes, seconds = divmod(round(call.talk_s), 60)
    return f"{minutes}:{seconds:02}"


def _spoken(field: str, value: JsonValue, frame: Frame) -> str:
    if field == "owner_id":
        return frame.person(StaffId(str(value))) if value else frame.say("journal_nobody")
    if field == "stage":
        return frame.stage(str(value))
    return f"«{_short(value)}»"


def _about(part: Part, views: Mapping[str, View], frame: Frame) -> str:
    after = part.after or {}
    for record in (part.id, after.get("lead_id"), after.get("deal_id")):
        view = views.get(str(record))
        if view is not None:
            return view.deal.name if view.deal is not None else str(name_of(view, frame))
    return _short(after.get("name", part.id)) if frame.reader == ANYBODY else ""


def _short(value: object) -> str:
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
