"""Whether a condition holds, given what is known; pure, and the same for the same facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from kartoteka.domain.rules.model import (
    All,
    Among,
    Blank,
    Compared,
    Condition,
    Contains,
    Crossed,
    DateField,
    Happened,
    Negated,
    Op,
    Operand,
    Ref,
    Relative,
    Rule,
    Some,
)
from kartoteka.domain.rules.words import plain
from kartoteka.domain.worktime import WorkTime

FactValue: TypeAlias = str | int | float | Decimal | bool | date | datetime | tuple[str, ...] | None
Facts: TypeAlias = Mapping[str, FactValue]

_OPERATORS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: eq,
    Op.NE: ne,
    Op.LT: lt,
    Op.LE: le,
    Op.GT: gt,
    Op.GE: ge,
}


def holds(condition: Condition, facts: Facts, now: datetime, work: WorkTime) -> bool:
    """Return whether a condition holds.

    Args:
        condition: as it was parsed.
        facts: what is known by canonical name; what is missing or None has no value. Amounts are
            minor units, stages and people ids, days of the office's own fields dates.
        now: the instant from which «сейчас» and «сегодня» are counted.
        work: the office's working time.

    A comparison with a field that has no value is false, whichever way it goes; `пусто` is true.
    """
    return _Holding(facts, now, work).holds(condition)


def needs(rule: Rule) -> frozenset[str]:
    """Return the canonical names of the facts that the rule's condition looks at."""
    return frozenset() if rule.condition is None else fields_of(rule.condition)


def watched(rule: Rule) -> frozenset[str]:
    """Return the canonical name of the field whose value wakes the rule; empty for other rules."""
    match rule.trigger:
        case Crossed(field=field) | DateField(field=field):
            return frozenset({field})
        case Happened(detail=detail) if "." in detail:
            return frozenset({detail})
        case _:
            return frozenset()


def fields_of(condition: Condition) -> frozenset[str]:
    """Return the canonical names of the fields that a condition looks at."""
    match condition:
        case All(parts) | Some(parts):
            return frozenset().union(*map(fields_of, parts))
        case Negated(part):
            return fields_of(part)
        case Compared(field, _, Ref(other)):
            return frozenset({field, other})
        case Among(field, values):
            return frozenset({field, *(it.field for it in values if isinstance(it, Ref))})
        case _:
            return frozenset({condition.field})


@dataclass(frozen=True, slots=True)
class _Holding:
    """What conditions are held against."""

    facts: Facts
    now: datetime
    work: WorkTime

    def holds(self, condition: Condition) -> bool:
        """Return whether the condition holds."""
        match condition:
            case All(parts):
                return all(self.holds(part) for part in parts)
            case Some(parts):
                return any(self.holds(part) for part in parts)
            case Negated(part):
                return not self.holds(part)
            case _:
                return self._known(condition)

    def _known(self, condition: Blank | Contains | Among | Compared) -> bool:
        match condition:
            case Blank(field):
                return _is_blank(self.facts.get(field))
            case Contains(field, text):
                return any(plain(text) in plain(it) for it in _texts(self.facts.get(field)))
            case Among(field, values):
                return any(self._compared(field, Op.EQ, value) for value in values)
            case Compared(field, op, value):
                return self._compared(field, op, value)

    def _compared(self, field: str, op: Op, value: Operand) -> bool:
        fact = self.facts.get(field)
        other = self.facts.get(value.field) if isinstance(value, Ref) else value
        if _is_blank(fact) or other is None:
            return False
        if isinstance(fact, tuple):
            return self._in_list(fact, op, other)
        if isinstance(fact, date):
            return self._dates(fact, op, other)
        if isinstance(fact, str):
            return _OPERATORS[op](plain(fact.strip()), plain(str(other).strip()))
        if isinstance(other, tuple | str | date | Relative | Ref):
            return False
        return _OPERATORS[op](_number(fact), _number(other))

    def _in_list(self, fact: tuple[str, ...], op: Op, other: object) -> bool:
        """Return whether one of a list is the other; not equal is when none is."""
        wanted = {plain(it) for it in _texts(other)}
        found = any(plain(it) in wanted for it in fact)
        return found if op is Op.EQ else not found

    def _dates(self, fact: date, op: Op, other: object) -> bool:
        """Return how two moments compare; to the day when either is a day."""
        moment = self._moment(other) if isinstance(other, Relative) else other
        if not isinstance(moment, date):
            return False
        if isinstance(fact, datetime) and isinstance(moment, datetime):
            return _OPERATORS[op](fact, moment)
        return _OPERATORS[op](self._day(fact), self._day(moment))

    def _moment(self, value: Relative) -> date:
        span = value.span
        found = (span.before if value.back else span.after)(self._anchor(value), self.work)
        return self._day(found) if value.day else found

    def _anchor(self, value: Relative) -> datetime:
        """Return from when to count; a day is counted from its noon, which every zone has."""
        if not value.day:
            return self.now.astimezone(UTC)
        noon = datetime.combine(self._day(self.now), time(12), ZoneInfo(self.work.zone))
        return noon.astimezone(UTC)

    def _day(self, moment: date) -> date:
        if isinstance(moment, datetime):
            return moment.astimezone(ZoneInfo(self.work.zone)).date()
        return moment


def _is_blank(fact: FactValue) -> bool:
    return fact is None or fact == () or (isinstance(fact, str) and not fact.strip())


def _texts(fact: object) -> tuple[str, ...]:
    if fact is None:
        return ()
    return tuple(str(it) for it in fact) if isinstance(fact, tuple) else (str(fact),)


def _number(value: object) -> Decimal | bool:
    """Return a number that compares as it is written: 0.1 is a tenth."""
    return value if isinstance(value, bool) else Decimal(str(value))
