"""Whether a rule would chase others round and round; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import (
    Act,
    ArgValue,
    Crossed,
    DateField,
    Happened,
    Relative,
    Rule,
    Trigger,
)
from kartoteka.domain.rules.triggers import subject_of

_MOVABLE = ("deal", "lead")
_SENT = frozenset({"message_out", "mail_out"})
_Write: TypeAlias = tuple[str, ArgValue | None]  # what is written, and which value


@dataclass(frozen=True, slots=True)
class _Deed:
    """One action of a rule, with the kinds of records it may work on."""

    act: Act
    entities: tuple[str, ...]


def cycle_with(rule: Rule, others: Iterable[Rule], office: Office) -> tuple[Rule, ...]:
    """Return the rules that would go round for ever with this one, itself included; none: ().

    Rules that only bring each other to the same values come to rest and are no cycle.
    """
    states = {stage.id: stage.state for line in office.pipelines for stage in line.stages}
    rules = [rule, *(it for it in others if it.row.id != rule.row.id)]
    wakes = {
        it.row.id: [other.row.id for other in rules if _wakes(it, other, states)] for it in rules
    }
    ahead, behind = _reached(rule.row.id, wakes), _reached(rule.row.id, _turned(wakes))
    circle = ahead & behind
    found = [it for it in rules if it.row.id in circle]
    return tuple(found) if _goes_on(found, states) else ()


def _reached(start: str, ways: Mapping[str, Sequence[str]]) -> set[str]:
    """Return what can be reached in one step or more."""
    found: set[str] = set()
    waiting = [*ways.get(start, ())]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += ways.get(here, ())
    return found


def _turned(ways: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for start, ends in ways.items():
        for end in ends:
            turned.setdefault(end, []).append(start)
    return turned


def _goes_on(circle: Sequence[Rule], states: Mapping[str, str]) -> bool:
    """Return whether rules that wake each other never come to rest.

    They do when each field gets one value only, and nothing new is made. What wakes nobody counts
    too: a tag that one rule takes off, another gives again.
    """
    written: dict[str, set[ArgValue | None]] = {}
    waking: set[str] = set()
    for deed in (deed for rule in circle for deed in _deeds(rule)):
        what, value = _written(deed.act)
        if any(_starts(deed, other.trigger, states) for other in circle):
            if not what or isinstance(value, Relative):
                return True
            waking.add(what)
        written.setdefault(what, set()).add(value)
    return any(len(written[what]) > 1 for what in waking)


def _written(act: Act) -> _Write:
    """Return what an action writes; nothing for one that makes something new each time."""
    if act.name == "move":
        return "stage", act.args.get("stage") or act.args.get("pipeline")
    if act.name == "assign":
        return "owner_id", act.args.get("who")
    if act.name == "set":
        return str(act.args["field"]), act.args.get("value")
    if act.name in {"tag", "untag"}:
        return f"tag {act.args['tag']}", act.name
    return "", None


def _wakes(rule: Rule, other: Rule, states: Mapping[str, str]) -> bool:
    return any(_starts(deed, other.trigger, states) for deed in _deeds(rule))


def _deeds(rule: Rule) -> Iterator[_Deed]:
    subject = subject_of(rule.trigger)
    entities = (subject,) if subject in _MOVABLE else _MOVABLE
    return (_Deed(act, entities) for act in rule.actions)


def _starts(deed: _Deed, trigger: Trigger, states: Mapping[str, str]) -> bool:
    """Return whether an action may lead to what a trigger waits for."""
    match trigger:
        case Happened():
            return _happens(deed, trigger, states)
        case Crossed() | DateField():
            return deed.act.name == "set" and deed.act.args.get("field") == trigger.field
        case _:
            return False


def _happens(deed: _Deed, event: Happened, states: Mapping[str, str]) -> bool:
    """Return whether an action may make an event happen."""
    act = deed.act
    match act.name:
        case "move":
            return event.entity in deed.entities and _moves(act, event, states)
        case "task":
            return (event.entity, event.event) == ("task", "created")
        case "message":
            return event.event in _SENT
        case _:
            return _fills(act, event)


def _fills(act: Act, event: Happened) -> bool:
    """Return whether an action writes into the field that an event is about."""
    match act.name:
        case "assign":
            return event.event == "owner" or event.detail.endswith(".owner_id")
        case "set":
            return event.detail == act.args["field"]
        case "tag":
            tagged = event.event == "tag" and event.detail in {"", act.args["tag"]}
            return tagged or event.detail.endswith(".tags")
        case _:
            return False


def _moves(act: Act, event: Happened, states: Mapping[str, str]) -> bool:
    stage = str(act.args.get("stage") or "")
    if event.event == "stage":
        return event.detail in {"", stage}
    if event.event == "left":
        return event.detail != stage
    if event.event == "pipeline":
        return event.detail == act.args.get("pipeline")
    return event.event in {"won", "lost"} and states.get(stage) == event.event
