"""Which rules a change wakes: looked up by what lets them fire, whatever their number; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pydantic import JsonValue

from kartoteka.domain.batch import is_undo
from kartoteka.domain.change import Change, Part
from kartoteka.domain.rules.happenings import Happening, Wanted, happenings
from kartoteka.domain.rules.model import (
    Crossed,
    Daily,
    DateField,
    Happened,
    Rule,
    Segment,
    Since,
    Trigger,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.spans import Span

_Doc: TypeAlias = Mapping[str, JsonValue]
TOUCH = "touch"
# What moves the moment from which a silence or a stay is counted: stored fields, or a touch.
WATCHED: Mapping[str, frozenset[str]] = {
    "silent": frozenset({TOUCH}),
    "idle": frozenset({TOUCH, "created_at"}),
    "unanswered": frozenset({"created_at", "touched_at"}),
    "stage": frozenset({"stage_version", "stage_entered_at"}),
    "overdue": frozenset({"due_at", "state"}),
}
_By: TypeAlias = Mapping[tuple[str, str], tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rules by what lets them fire.

    Attributes:
        rules: all of them.
        happened: by kind of record and event.
        crossed: by kind of record and stored field.
        dated: by kind of record and stored field.
        since: by kind of record.
        scheduled: those of an hour of the day.
        awaited: events that wake a rule at once, by kind of record.
        counted: events from which a rule of time counts.
    """

    rules: tuple[Rule, ...]
    happened: _By = field(default_factory=dict)
    crossed: _By = field(default_factory=dict)
    dated: _By = field(default_factory=dict)
    since: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    scheduled: tuple[Rule, ...] = ()
    awaited: Wanted = field(default_factory=dict)  # events that wake a rule at once
    counted: Wanted = field(default_factory=dict)  # events from which a rule of time counts


@dataclass(frozen=True, slots=True)
class Woken:
    """A rule that a change woke, about one record; its condition is still to be asked."""

    rule: Rule
    about: str
    record_id: str
    part: Part


def table_of(rules: Iterable[Rule]) -> Table:
    """Return the rules by what lets them fire."""
    known = tuple(map(_in_time, rules))
    shelves: dict[str, _Shelf] = {name: _Shelf() for name in ("happened", "crossed", "dated")}
    since: dict[str, list[Rule]] = defaultdict(list)
    for rule in known:
        if isinstance(rule.trigger, Since):
            since[rule.trigger.entity].append(rule)
        else:
            shelf, key = _place(rule.trigger)
            shelves.get(shelf, _Shelf())[key].append(rule)
    kept = {name: {key: tuple(it) for key, it in shelf.items()} for name, shelf in shelves.items()}
    scheduled = tuple(it for it in known if isinstance(it.trigger, Daily | Weekly))
    late = {key: tuple(it) for key, it in since.items()}
    awaited = _events_of(kept["happened"])
    counted = _events_of(_plain(known))
    return Table(known, **kept, since=late, scheduled=scheduled, awaited=awaited, counted=counted)


def _events_of(places: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for entity, event in places:
        found[entity].add(event)
    return {entity: frozenset(events) for entity, events in found.items()}


def _plain(rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """Yield the ordinary events from which rules of time count, with their kind of record."""
    for rule in rules:
        if isinstance(rule.trigger, Since) and rule.trigger.event not in WATCHED:
            yield rule.trigger.entity, rule.trigger.event


def _place(trigger: Trigger) -> tuple[str, tuple[str, str]]:
    """Return where a rule stands in the table: shelf and key."""
    match trigger:
        case Happened(entity, event):
            return "happened", (entity, event)
        case Segment(_, entered):
            return "happened", ("segment_member", "entered" if entered else "left")
        case Visited():
            return "happened", ("activity", "page_view")
        case Crossed(entity, name):
            return "crossed", (entity, top(name))
        case DateField(entity, name):
            return "dated", (entity, top(name))
    return "", ("", "")


def _in_time(rule: Rule) -> Rule:
    """Return the rule; that a task ran out of time is no event of the log but a moment."""
    if rule.trigger != Happened("task", "overdue"):
        return rule
    return replace(rule, trigger=Since("task", "overdue", Span()))


class _Shelf(defaultdict[tuple[str, str], list[Rule]]):
    def __init__(self) -> None:
        super().__init__(list)


def top(canonical: str) -> str:
    """Return the stored field of a canonical name: `deal.fields.city` is in `fields`."""
    return canonical.split(".")[1] if "." in canonical else canonical


def woken(change: Change, table: Table) -> Iterator[Woken]:
    """Yield the rules that a change wakes at once, each once per record."""
    seen: set[tuple[str, str]] = set()
    for waking in (*_by_event(change, table), *_by_threshold(change, table)):
        key = (waking.rule.row.id, waking.record_id)
        if key not in seen:
            seen.add(key)
            yield waking


def _by_event(change: Change, table: Table) -> Iterator[Woken]:
    for event in happenings(change, table.awaited):
        for rule in table.happened.get((event.entity, event.event), ()):
            if _is_meant(rule, event):
                about, record_id = subject_of(event.part)
                yield Woken(rule, about, record_id, event.part)


def _is_meant(rule: Rule, event: Happening) -> bool:
    match rule.trigger:
        case Happened(detail=detail):
            return not detail or detail.casefold() == event.detail.casefold()
        case Segment(name):
            return name == event.detail
        case Visited(path):
            said = event.detail
            return said.startswith(path[:-1]) if path.endswith("*") else said == path
    return False


def _by_threshold(change: Change, table: Table) -> Iterator[Woken]:
    for part in () if is_undo(change.cause) else change.parts:
        after = part.after or {}
        for name in after if table.crossed else ():
            for rule in table.crossed.get((part.entity, name), ()):
                if _crosses(rule, part):
                    yield Woken(rule, part.entity, part.id, part)


def _crosses(rule: Rule, part: Part) -> bool:
    trigger = rule.trigger
    if not isinstance(trigger, Crossed):
        return False
    path = trigger.field.split(".")[1:]
    before, after = (_at(side or {}, path) for side in (part.before, part.after))
    return trigger.by(before, after)


def _at(doc: _Doc, path: list[str]) -> float | None:
    found: JsonValue = dict(doc)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) else None


def subject_of(part: Part) -> tuple[str, str]:
    """Return what a rule acts on when this part wakes it: kind and id.

    Of what happened between a client and us it is the deal, the lead or the client.
    """
    if part.entity not in {"activity", "segment_member", "payment", "chat"}:
        return part.entity, part.id
    side = part.after or part.before or {}
    for kind in ("deal", "lead", "client"):
        found = side.get(f"{kind}_id")
        if found:
            return kind, str(found)
    return "", ""


def timed(change: Change, table: Table) -> Iterator[Woken]:
    """Yield the rules of time whose moment a change may have moved, each once per part.

    What they are about is the part's own record; of a touch with a client it is still to be found.
    """
    for part in change.parts:
        if part.after is None:
            continue
        for name in part.after:
            for rule in table.dated.get((part.entity, name), ()):
                yield Woken(rule, part.entity, part.id, part)
        yield from _since(part, table)
    for event in happenings(change, table.counted):
        for rule in table.since.get(event.entity, ()):
            trigger = rule.trigger
            if isinstance(trigger, Since) and _is_plain(trigger, event):
                about, record_id = subject_of(event.part)
                yield Woken(rule, about, record_id, event.part)


def _since(part: Part, table: Table) -> Iterator[Woken]:
    """Yield what waits for a silence, a stay on a stage, a time that ran out."""
    touches = part.entity == "activity" and part.before is None
    for kind, rules in table.since.items():
        for rule in rules if touches or kind == part.entity else ():
            trigger = rule.trigger
            watched = WATCHED.get(trigger.event) if isinstance(trigger, Since) else None
            if watched is None:
                continue
            if touches and TOUCH in watched:
                yield Woken(rule, kind, "", part)
            elif kind == part.entity and watched & (part.after or {}).keys():
                yield Woken(rule, kind, part.id, part)


def _is_plain(trigger: Since, event: Happening) -> bool:
    """Return whether an ordinary event is meant, after which time runs whatever follows."""
    said = trigger.detail.casefold()
    same = trigger.event == event.event and trigger.event not in WATCHED
    return same and (not said or said == event.detail.casefold())
