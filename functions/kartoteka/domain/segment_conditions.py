"""A question that people wrote in the language of rules, asked of a client.

Time enters such a condition only where a field is compared with a moment counted from now, as in
`created < now - 30 days`. That moment only ever moves forward, so each comparison turns at one
instant, which is found exactly: first where it should be, else by halving.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from kartoteka.domain.portrait import Portrait
from kartoteka.domain.rules.evaluate import fields_of, holds
from kartoteka.domain.rules.model import (
    All,
    Among,
    Compared,
    Condition,
    Negated,
    Op,
    Relative,
    Some,
)
from kartoteka.domain.worktime import WorkTime

_TICK = timedelta(microseconds=1)
_FIRST, _FURTHEST = timedelta(hours=1), timedelta(days=20_000)


@dataclass(frozen=True)
class Written:
    """A condition over facts of a client; `text` is what people typed."""

    text: str
    condition: Condition
    work: WorkTime

    def __repr__(self) -> str:
        """Return what differs when the question does."""
        return f"Written({self.condition!r}, {self.work.model_dump_json()})"

    @cached_property
    def asks(self) -> frozenset[str]:
        """Return the fields it names."""
        return fields_of(self.condition)

    @cached_property
    def _timed(self) -> tuple[tuple[str, Op, Relative], ...]:
        return tuple(_relatives(self.condition))

    def holds(self, seen: Portrait) -> bool:
        """Return the answer."""
        return holds(self.condition, seen.facts, seen.now, self.work)

    def turns(self, seen: Portrait) -> datetime | None:
        """Return when time may change the answer."""
        found = [seen.turns[name] for name in self.asks if name in seen.turns]
        for name, op, moment in self._timed:
            fact = seen.facts.get(name)
            if isinstance(fact, date):
                found += _edges(_Edge(name, fact, moment, self.work), op, seen.now)
        return min(found, default=None)


def _edges(edge: "_Edge", op: Op, now: datetime) -> Iterator[datetime]:
    """Yield when the moment reaches the fact, and when it passes it, as far as the sign asks."""
    asked = [] if op in {Op.LT, Op.GE} else [edge.is_reached]
    asked += [] if op in {Op.GT, Op.LE} else [edge.is_behind]
    for is_past in asked:
        turn = _first(is_past, edge.guesses(), now)
        if turn is not None:
            yield turn


@dataclass(frozen=True, slots=True)
class _Edge:
    """One fact compared with a moment that moves forward."""

    name: str
    fact: date
    moment: Relative
    work: WorkTime

    def is_behind(self, at: datetime) -> bool:
        """Return whether the fact lies before the moment, as seen from `at`."""
        return self._is(Op.LT, at)

    def is_reached(self, at: datetime) -> bool:
        """Return whether the fact does not lie behind the moment any more."""
        return not self._is(Op.GT, at)

    def guesses(self) -> Iterator[datetime]:
        """Yield where it may turn: where the moment meets the fact, and the days around."""
        zone, span = ZoneInfo(self.work.zone), self.moment.span
        fact = self.fact
        if not isinstance(fact, datetime):
            fact = datetime.combine(fact, time(12), zone)
        move = span.after if self.moment.back else span.before
        met = move(fact, self.work)
        yield met
        first = met.astimezone(zone).date()
        for day in (first, first + timedelta(days=1)):
            yield datetime.combine(day, time(), zone)

    def _is(self, op: Op, at: datetime) -> bool:
        leaf = Compared(self.name, op, self.moment)
        return holds(leaf, {self.name: self.fact}, at, self.work)


def _relatives(condition: Condition) -> Iterator[tuple[str, Op, Relative]]:
    """Yield the fields that are compared with moments counted from now."""
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from _relatives(part)
        case Negated(part):
            yield from _relatives(part)
        case Compared(name, op, Relative() as moment):
            yield name, op, moment
        case Among(name, values):
            yield from ((name, Op.EQ, it) for it in values if isinstance(it, Relative))


def _first(
    is_past: Callable[[datetime], bool], guesses: Iterator[datetime], now: datetime
) -> datetime | None:
    """Return the first instant behind `now` at which it is past; None: it is, or never will be."""
    if is_past(now):
        return None
    for guess in guesses:
        if guess > now and is_past(guess) and not is_past(guess - _TICK):
            return guess
    step = _FIRST
    while not is_past(now + step):
        step *= 2
        if step > _FURTHEST:
            return None
    return _halved(is_past, now, now + step)


def _halved(is_past: Callable[[datetime], bool], early: datetime, late: datetime) -> datetime:
    """Return the exact instant between: not past at `early`, past at `late`."""
    while late - early > _TICK:
        middle = early + (late - early) / 2
        early, late = (early, middle) if is_past(middle) else (middle, late)
    return late
