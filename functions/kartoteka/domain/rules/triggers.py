"""«Когда»: a wording becomes a trigger."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from kartoteka.domain.rules.events import EVENTS, OTHERS, WAITS, Event
from kartoteka.domain.rules.model import (
    Crossed,
    Daily,
    DateField,
    Happened,
    Segment,
    Since,
    Trigger,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.phrases import Filled, Reader, Reading, matched
from kartoteka.domain.rules.places import READERS
from kartoteka.domain.rules.scan import scan
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import plain

_Maker: TypeAlias = Callable[[Filled], Trigger]

# For each record of a kind: «каждый день в 9:00 по сделкам».
RECORDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "deal": (("по", "сделкам"), ("for", "deals")),
    "lead": (("по", "заявкам"), ("for", "leads")),
    "client": (("по", "клиентам"), ("for", "clients")),
    "task": (("по", "задачам"), ("for", "tasks")),
}


def trigger_of(text: str, vocabulary: Vocabulary) -> Trigger:
    """Return what a cell of «когда» means.

    Raises:
        RuleError: it means nothing; says where and what was probably meant.
    """
    reading = Reading(scan(text), 0, vocabulary)
    make, filled = matched(_wordings(), reading, _READERS)
    trigger: Trigger = make(filled)
    return trigger


def _happened(event: Event, filled: Filled) -> Happened:
    return Happened(event.entity, event.event, filled.get("detail", ""))


def _waited(event: Event, filled: Filled) -> Since:
    return Since(event.entity, event.event, filled["delay"], filled.get("detail", ""))


def _event(reading: Reading, _of: str) -> tuple[Happened, int]:
    """Read what happened, to the end of the cell."""
    event, filled = matched(_events(), reading, READERS)
    return _happened(event, filled), len(reading.tokens) - 1


def _records(reading: Reading, _of: str) -> tuple[str, int] | None:
    said = tuple(plain(token.text) for token in reading.tokens[reading.at : reading.at + 2])
    for entity, wordings in RECORDS.items():
        if said in wordings:
            return entity, reading.at + 2
    return None


_READERS: Mapping[str, Reader] = {**READERS, "event": _event, "entity": _records}


@cache
def _events() -> tuple[tuple[str, Event], ...]:
    return tuple((wording, event) for event in EVENTS for wording in event.wordings)


@cache
def _wordings() -> tuple[tuple[str, _Maker], ...]:
    return tuple(_all())


def _all() -> Iterator[tuple[str, _Maker]]:
    for event in EVENTS:
        yield from ((wording, _with(_happened, event)) for wording in event.wordings)
    for event in WAITS:
        yield from ((wording, _with(_waited, event)) for wording in event.wordings)
    for code, (ru, en) in OTHERS.items():
        yield from ((wording, _MAKERS[code]) for wording in (*ru, *en))


def _with(make: Callable[[Event, Filled], Trigger], event: Event) -> _Maker:
    return lambda filled: make(event, filled)


def _of_field(code: str) -> _Maker:
    def make(filled: Filled) -> Trigger:
        name = filled["field"]
        if code == "changed" and name.path == "stage":
            return Happened(name.entity, "stage")
        return Happened(name.entity, code, name.canonical)

    return make


def _crossed(*, strictly: bool) -> _Maker:
    def make(filled: Filled) -> Trigger:
        name = filled["field"]
        return Crossed(name.entity, name.canonical, filled["threshold"], strictly=strictly)

    return make


def _dated(*, before: bool) -> _Maker:
    def make(filled: Filled) -> Trigger:
        name = filled["field"]
        return DateField(name.entity, name.canonical, filled.get("delay", Span()), before)

    return make


def _since(filled: Filled) -> Trigger:
    event: Happened = filled["event"]
    return Since(event.entity, event.event, filled["delay"], event.detail)


def _daily(*, working: bool) -> _Maker:
    return lambda filled: Daily(filled["at"], filled.get("entity", ""), working)


def _weekly(filled: Mapping[str, Any]) -> Trigger:
    return Weekly(filled["day"], filled["at"], filled.get("entity", ""))


_MAKERS: Mapping[str, _Maker] = {
    "changed": _of_field("changed"),
    "filled": _of_field("filled"),
    "crossed": _crossed(strictly=False),
    "over": _crossed(strictly=True),
    "before": _dated(before=True),
    "after": _dated(before=False),
    "reached": _dated(before=False),
    "since": _since,
    "entered": lambda filled: Segment(filled["name"]),
    "exited": lambda filled: Segment(filled["name"], entered=False),
    "visited": lambda filled: Visited(filled["path"]),
    "working": _daily(working=True),
    "daily": _daily(working=False),
    "weekly": _weekly,
}


def subject_of(trigger: Trigger) -> str:
    """Return the kind of record that a rule with this trigger is about; empty: of none."""
    match trigger:
        case Segment() | Visited():
            return "client"
        case _:
            return trigger.entity
