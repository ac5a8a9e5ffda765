"""Triggers, actions and delays in words again; parsing the words gives the same meaning."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from kartoteka.domain.rules import spelling
from kartoteka.domain.rules.actions import BACK
from kartoteka.domain.rules.catalogue import ACTIONS
from kartoteka.domain.rules.events import EVENTS, OTHERS, WAITS
from kartoteka.domain.rules.model import (
    Act,
    Crossed,
    Daily,
    DateField,
    Happened,
    Relative,
    Segment,
    Since,
    Trigger,
    Visited,
    Weekly,
)
from kartoteka.domain.rules.phrases import Element, elements
from kartoteka.domain.rules.places import RECEIVERS, weekday_name
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.triggers import RECORDS
from kartoteka.domain.rules.vocabulary import Vocabulary

_PATH = re.compile(r"/[\w/.\-%*]*")
_URL = re.compile(r"https://[^\s;]+")
_FIELD_EVENTS = ("changed", "filled")
_Said: TypeAlias = Mapping[str, Any]


def trigger(value: Trigger, vocabulary: Vocabulary, locale: str) -> str:
    """Return a trigger in words."""
    return _Wording(vocabulary, locale).trigger(value)


def actions(values: Sequence[Act], vocabulary: Vocabulary, locale: str, subject: str) -> str:
    """Return actions in words; `subject` is the kind of record that the rule is about."""
    return "; ".join(_Wording(vocabulary, locale, subject).act(act) for act in values)


def delay(value: Span | None, locale: str) -> str:
    """Return a delay in words, empty for none."""
    return "" if value is None else spelling.span(value, locale)


class _Wording:
    """Fills the places of wordings with the names of one office."""

    def __init__(self, vocabulary: Vocabulary, locale: str, subject: str = "deal") -> None:
        self._vocabulary = vocabulary
        self._locale = locale
        self._subject = subject

    def trigger(self, value: Trigger) -> str:
        """Return a trigger in words."""
        match value:
            case Happened():
                return self._happened(value)
            case Since():
                return self._since(value)
            case _:
                code, said = _other(value)
                return self._filled(self._of_other(code), said)

    def _happened(self, value: Happened) -> str:
        if value.event in _FIELD_EVENTS:
            return self._filled(self._of_other(value.event), {"field": value.detail})
        for event in EVENTS:
            if (event.entity, event.event) == (value.entity, value.event) and (
                event.detailed == bool(value.detail)
            ):
                return self._filled(self._first(event.ru, event.en), {"detail": value.detail})
        raise ValueError(f"there is no event {value.entity}.{value.event}")

    def _since(self, value: Since) -> str:
        for event in WAITS:
            if (event.entity, event.event) == (value.entity, value.event) and (
                event.detailed == bool(value.detail)
            ):
                said = {"delay": value.delay, "detail": value.detail}
                return self._filled(self._first(event.ru, event.en), said)
        happened = Happened(value.entity, value.event, value.detail)
        said = {"delay": value.delay, "event": happened}
        return self._filled(self._of_other("since"), said)

    def act(self, act: Act) -> str:
        """Return one action in words."""
        for action in ACTIONS:
            wording = self._first(action.ru, action.en)
            places = {part.name: part for part in elements(wording) if part.name}
            needed = {name for name, part in places.items() if not part.optional}
            if action.name == act.name and needed <= act.args.keys() <= places.keys():
                return self._filled(wording, act.args)
        raise ValueError(f"there is no action {act.name} with {sorted(act.args)}")

    def _first(self, ru: tuple[str, ...], en: tuple[str, ...]) -> str:
        return en[0] if self._locale == "en" else ru[0]

    def _of_other(self, code: str) -> str:
        return self._first(*OTHERS[code])

    def _filled(self, wording: str, said: _Said) -> str:
        return " ".join(self._words(elements(wording), said))

    def _words(self, parts: Sequence[Element], said: _Said) -> Iterator[str]:
        for at, part in enumerate(parts):
            if part.name and _is_said(part, said):
                yield self._value(part, said)
            elif part.words and (not part.optional or _introduces(parts[at + 1 :], said)):
                yield part.words[0]

    def _value(self, part: Element, said: _Said) -> str:
        value = said[part.name]
        spellers: Mapping[str, Callable[[Any], str]] = {
            "text": spelling.quoted,
            "named": spelling.quoted,
            "choice": lambda it: self._chosen(it, part.of),
            "span": lambda it: spelling.span(it, self._locale),
            "time": lambda it: f"{it:%H:%M}",
            "weekday": lambda it: weekday_name(it, self._locale),
            "field": lambda it: self._vocabulary.spelled(it, self._locale),
            "value": lambda it: self._operand(it, said["field"]),
            "threshold": lambda it: self._operand(it, said["field"]),
            "who": self._who,
            "due": self._due,
            "path": lambda it: it if _PATH.fullmatch(it) else spelling.quoted(it),
            "url": lambda it: it if _URL.fullmatch(it) else spelling.quoted(it),
            "entity": lambda it: " ".join(RECORDS[it][self._en]),
            "back": lambda _: " ".join(BACK[self._en]),
            "event": self._happened,
        }
        return spellers[part.reader](value)

    @property
    def _en(self) -> bool:
        return self._locale == "en"

    def _chosen(self, value: str, of: str) -> str:
        if of in {"stage", "pipeline"}:
            of = f"{of}.lead" if self._subject == "lead" else f"{of}.deal"
            other = of.partition(".")[0] + ".lead"
            known = self._vocabulary.choices.get(of)
            of = of if known is not None and value in known.called else other
        choices = self._vocabulary.choices.get(of)
        return spelling.quoted(choices.shown(value, self._locale) if choices else value)

    def _operand(self, value: Any, field: str) -> str:
        name = self._vocabulary.fields.get(field)
        return spelling.operand(value, name, self._vocabulary, self._locale)

    def _who(self, value: str) -> str:
        if value in RECEIVERS:
            return RECEIVERS[value][self._en]
        prefix, _, key = value.partition(":")
        people, roles = (self._vocabulary.choices.get(it) for it in ("person", "role"))
        known = people if prefix == "staff" else roles if prefix == "role" else None
        shown = known.shown(key, self._locale) if known is not None else ""
        taken = prefix == "role" and people is not None and people.read(shown) is not None
        return spelling.quoted(value if not shown or shown == key or taken else shown)

    def _due(self, value: Span | Relative | date | datetime) -> str:
        if isinstance(value, Span):
            return f"{('через', 'in')[self._en]} {spelling.span(value, self._locale)}"
        said = spelling.operand(value, None, self._vocabulary, self._locale)
        return f"{('на', 'by')[self._en]} {said}"


def _is_said(part: Element, said: _Said) -> bool:
    value = said.get(part.name)
    return value is not None and (value != "" or part.reader == "value")


def _introduces(rest: Sequence[Element], said: _Said) -> bool:
    """Return whether an optional word stands before a place that may be missing and is not."""
    for part in rest:
        if part.name:
            return part.optional and _is_said(part, said)
        if not part.optional:
            return False
    return False


def _other(value: DateField | Crossed | Segment | Visited | Daily | Weekly) -> tuple[str, _Said]:
    """Return the wording and its places of a trigger that is neither an event nor a wait."""
    match value:
        case Segment(name, entered):
            return "entered" if entered else "exited", {"name": name}
        case Visited(path):
            return "visited", {"path": path}
        case Daily(at, entity, working):
            return "working" if working else "daily", {"at": at, "entity": entity}
        case Weekly(day, at, entity):
            return "weekly", {"day": day, "at": at, "entity": entity}
        case _:
            return _of_field(value)


def _of_field(value: DateField | Crossed) -> tuple[str, _Said]:
    match value:
        case Crossed(_, field, threshold, strictly):
            return "over" if strictly else "crossed", {"field": field, "threshold": threshold}
        case DateField(_, field, offset, before):
            on_the_day = offset == Span() and not before
            code = "reached" if on_the_day else "before" if before else "after"
            return code, {"field": field, "delay": offset}
