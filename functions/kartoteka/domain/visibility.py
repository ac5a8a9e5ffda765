"""What one person sees of a record: the only way from a record to an output."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import BaseModel, JsonValue

from kartoteka.domain.access import Level, Operation, Sight, can, level_of, levels_of
from kartoteka.domain.change import Actor, Change, Part
from kartoteka.domain.deal import Deal
from kartoteka.domain.matrix import MONEY, Group
from kartoteka.domain.matrix_fields import FIELDS, WORDS, group_of, has_parts
from kartoteka.domain.model import Entity
from kartoteka.domain.office import Settings

Shown: TypeAlias = dict[str, JsonValue]
_LevelOf: TypeAlias = Callable[[str], Level]

HIDDEN = "•••"
_AMOUNT = "_minor"
_TOLD = ("id", "at", "actor", "cause", "subject", "evidence")
_AMOUNTS = MONEY | {Group.CUSTOM}
_KOPECKS = 100
_GAP = r"[\s.,'’]?"


def visible(
    actor: Actor,
    record: Entity,
    *,
    within: Settings | None = None,
    now: datetime | None = None,
    via: Entity | None = None,
) -> Shown:
    """Return the record as this actor may see it, JSON-like; fields they may not read are absent.

    Of a field with a mark only, whether it is filled: True or False. An amount that is hidden is
    masked in the words of the record too. A record out of reach shows its id alone.
    """
    doc = record.model_dump(mode="json")
    if not actor.is_person:
        return doc
    if not can(actor, Operation.READ, record, within=within, now=now, via=via):
        return {"id": doc["id"]}
    sight = Sight(actor, within, now, via)
    shown = _projection(sight, record)
    seen = shown.fields(doc, masked=shown.hidden(doc))
    if isinstance(record, Deal) and level_of(sight, record, "paid_minor") is Level.MARK:
        seen["paid_minor"] = 0 < record.amount_minor <= record.paid_minor
    return seen


def on_phone(sight: Sight, record: Entity, names: frozenset[str]) -> Shown:
    """Return these fields of the record as a phone of this person may show them, never money.

    A screen is seen by whoever sits beside it, so amounts are left out of everybody's phone and
    masked in the words of their own record. A record out of reach shows nothing.
    """
    person = sight.actor.is_person
    if person and not can(
        sight.actor, Operation.READ, record, within=sight.within, now=sight.now, via=sight.via
    ):
        return {}
    doc = record.model_dump(mode="json")
    shown = _projection(sight, record).moneyless()
    wanted = {name: value for name, value in doc.items() if name in names}
    return shown.fields(wanted, masked=shown.hidden(doc))


def without_amounts(words: str, records: Iterable[Entity]) -> str:
    """Return words with each amount of these records in them covered, whoever looks."""
    hidden: set[int] = set()
    for record in records:
        shown = _Projection(record.kind, lambda _: Level.NONE)
        hidden |= shown.hidden(record.model_dump(mode="json"))
    return str(_masked(words, hidden))


def visible_change(
    actor: Actor,
    change: Change,
    records: Mapping[tuple[str, str], Entity],
    *,
    within: Settings | None = None,
    now: datetime | None = None,
) -> Shown | None:
    """Return the change as this actor may see it, None when nothing of it is theirs.

    `records` holds the changed records as they are now, by kind and id: a part without its record
    is left out. Words of a record whose amount is hidden are left out too: they may tell it.
    """
    doc = change.model_dump(mode="json")
    if not actor.is_person:
        return doc
    parts: list[JsonValue] = []
    words = True
    sight = Sight(actor, within, now)
    for part in change.parts:
        record = records.get((part.entity, part.id))
        if record is not None and can(actor, Operation.READ, record, within=within, now=now):
            shown = _projection(sight, record)
            if not shown.reads("id"):
                continue
            words = words and not shown.hides_total
            parts.append(_shown_part(shown, part, record))
    if not parts:
        return None
    told = {name: doc[name] for name in _TOLD}
    return {**told, "reason": doc["reason"] if words else "", "parts": parts}


def visible_state(sight: Sight, record: Entity, state: Mapping[str, Any]) -> Shown:
    """Return an earlier state of a record by the rights that somebody has in the record now.

    Words of a record whose amount is hidden are left out: they may tell it.
    """
    shown = _projection(sight, record)
    told = _wordless(state) if shown.hides_total else state
    return shown.fields(told, masked=shown.hidden(record.model_dump(mode="json")))


def shown_result(sight: Sight, result: object, plain: JsonValue) -> JsonValue:
    """Return what a command gave back, each record in it as the actor may see it.

    Args:
        sight: who looks, in which office and when.
        result: a record, or values and lists with records in them.
        plain: the same as JSON.
    """
    if isinstance(result, Entity):
        return visible(sight.actor, result, within=sight.within, now=sight.now)
    if isinstance(result, tuple | list) and isinstance(plain, list):
        pairs = zip(result, plain, strict=True)
        return [shown_result(sight, item, spelled) for item, spelled in pairs]
    if not isinstance(plain, dict):
        return plain
    inside = dict(result) if isinstance(result, BaseModel | Mapping) else {}
    return {
        name: shown_result(sight, inside.get(name), spelled)
        for name, spelled in plain.items()
        if not name.endswith(_AMOUNT) or _sees_money(sight)
    }


def _sees_money(sight: Sight) -> bool:
    return all(level_of(sight, Deal, name) >= Level.READ for name in ("amount_minor", "cost_minor"))


def _shown_part(shown: "_Projection", part: Part, record: Entity) -> Shown:
    hidden = shown.hidden(record.model_dump(mode="json"))
    sides: dict[str, JsonValue] = {}
    for name, side in (("before", part.before), ("after", part.after)):
        told = side if side is None or not shown.hides_total else _wordless(side)
        sides[name] = None if told is None else shown.fields(told, masked=hidden)
    return {"entity": part.entity, "id": part.id, **sides}


def _wordless(side: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in side.items() if name not in WORDS}


def _projection(sight: Sight, record: Entity) -> "_Projection":
    return _Projection(record.kind, _remembered(levels_of(sight, record)))


def _remembered(level: _LevelOf) -> _LevelOf:
    found: dict[str, Level] = {}

    def once(path: str) -> Level:
        if path not in found:
            found[path] = level(path)
        return found[path]

    return once


class _Projection:
    """The fields of one kind of record, as far as the levels of one person let them through."""

    def __init__(self, kind: str, level: _LevelOf) -> None:
        self._kind = kind
        self._level = level

    def moneyless(self) -> "_Projection":
        """Return the projection without amounts and marks."""

        def bare(path: str) -> Level:
            if group_of(self._kind, path) in _AMOUNTS:
                return Level.NONE
            found = self._level(path)
            return found if found >= Level.READ else Level.NONE

        return _Projection(self._kind, bare)

    def reads(self, path: str) -> bool:
        """Return whether this field may be read."""
        return self._level(path) >= Level.READ

    @property
    def hides_total(self) -> bool:
        """Return whether the amount of such a record is hidden."""
        path = "amount_minor"
        return path in FIELDS.get(self._kind, {}) and self._level(path) < Level.READ

    def hidden(self, doc: Mapping[str, JsonValue]) -> frozenset[int]:
        """Return the amounts of the record that are hidden."""
        return frozenset(self._hidden(doc, ""))

    def fields(
        self, doc: Mapping[str, JsonValue], *, masked: frozenset[int], prefix: str = ""
    ) -> Shown:
        """Return the fields that may be seen; `masked` amounts are hidden in words."""
        shown: Shown = {}
        for name, value in doc.items():
            path = prefix + name
            if self._has_parts(path):
                inner = self._inside(value, path, masked)
                if inner not in ({}, [{}]):
                    shown[name] = inner
            elif self._level(path) >= Level.READ:
                shown[name] = _masked(value, masked) if self._has_words(path) else value
            elif self._level(path) > Level.NONE:
                shown[name] = bool(value)
        return shown

    def _inside(self, value: JsonValue, path: str, masked: frozenset[int]) -> JsonValue:
        if isinstance(value, dict):
            return self.fields(value, masked=masked, prefix=f"{path}.")
        if isinstance(value, list):
            return [self._inside(item, path, masked) for item in value]
        return None

    def _has_parts(self, path: str) -> bool:
        return (path == "fields" and group_of(self._kind, path) is Group.CUSTOM) or has_parts(
            self._kind, path
        )

    def _has_words(self, path: str) -> bool:
        return path in WORDS or path.partition(".")[0] in {"fields", "evidence"}

    def _hidden(self, doc: Mapping[str, JsonValue], prefix: str) -> Iterator[int]:
        for name, value in doc.items():
            path = prefix + name
            if self._has_parts(path):
                items = value if isinstance(value, list) else [value]
                for item in items:
                    if isinstance(item, dict):
                        yield from self._hidden(item, f"{path}.")
            elif group_of(self._kind, path) in _AMOUNTS and self._level(path) < Level.READ:
                of_office = group_of(self._kind, path) is Group.CUSTOM
                yield from _amounts(value, f"{name}{_AMOUNT}" if of_office else name)


def _amounts(value: JsonValue, name: str) -> Iterator[int]:
    """Yield the amounts of money in a value: numbers of fields that end in `_minor`."""
    if isinstance(value, list):
        for item in value:
            yield from _amounts(item, name)
    elif isinstance(value, dict):
        for inner, item in value.items():
            yield from _amounts(item, inner)
    elif name.endswith(_AMOUNT) and isinstance(value, int) and value >= _KOPECKS:
        yield value


def _masked(value: JsonValue, amounts: Iterable[int]) -> JsonValue:
    """Return the words with each amount in them covered, however its digits are grouped."""
    if isinstance(value, list):
        return [_masked(item, amounts) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item, amounts) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    for amount in amounts:
        value = _pattern(amount).sub(HIDDEN, value)
    return value


@lru_cache(maxsize=4096)
def _pattern(amount: int) -> re.Pattern[str]:
    """Return what finds an amount in words: minor units, or major ones with kopecks or not."""
    major, minor = divmod(amount, _KOPECKS)
    grouped = _GAP.join(str(major))
    spelled = _GAP.join(str(amount))
    return re.compile(rf"(?<!\d)(?:{spelled}|{grouped}(?:[.,]{minor:02})?)(?!\d)")
