"""What a question about a client is made of: whether it holds, and when time alone may change it.

A question that depends on time names the next moment at which its answer may be another one with
the same facts. So a client is looked at again when something happened to it, or then; and never
in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from kartoteka.domain.portrait import Portrait

_MONTH = timedelta(days=32)  # from the first of a month always into the next one


class Question(Protocol):
    """One question about a client."""

    @property
    def asks(self) -> frozenset[str]:
        """Return the facts it asks for, by their full names."""

    def holds(self, seen: Portrait) -> bool:
        """Return whether the answer is yes."""

    def turns(self, seen: Portrait) -> datetime | None:
        """Return a moment behind `seen.now` until which the answer stays, None: for ever."""


@dataclass(frozen=True, slots=True)
class Since:
    """Less than so many days have passed since a moment, or with `over` as many or more."""

    name: str
    days: int
    over: bool = False

    @property
    def asks(self) -> frozenset[str]:
        """Return the moment's name."""
        return frozenset({self.name})

    def holds(self, seen: Portrait) -> bool:
        """Return the answer; without the moment it is no."""
        limit = self._limit(seen)
        return limit is not None and (limit <= seen.now) == self.over

    def turns(self, seen: Portrait) -> datetime | None:
        """Return when the days are over."""
        limit = self._limit(seen)
        return limit if limit is not None and limit > seen.now else None

    def _limit(self, seen: Portrait) -> datetime | None:
        found = seen.facts.get(self.name)
        return found + timedelta(days=self.days) if isinstance(found, datetime) else None


@dataclass(frozen=True, slots=True)
class BoughtLastMonth:
    """A sale was won in the month before this one, in the office's zone."""

    @property
    def asks(self) -> frozenset[str]:
        """Return the name of the moments."""
        return frozenset({"client.last_won_at"})

    def holds(self, seen: Portrait) -> bool:
        """Return the answer."""
        return any(begins <= seen.now < ends for begins, ends in _spans(seen))

    def turns(self, seen: Portrait) -> datetime | None:
        """Return when a month begins or ends that matters."""
        edges = (edge for span in _spans(seen) for edge in span)
        return min((edge for edge in edges if edge > seen.now), default=None)


@dataclass(frozen=True, slots=True)
class Between:
    """A number is at least `least` and, where there is a limit, at most `most`."""

    name: str
    least: int = 0
    most: int | None = None

    @property
    def asks(self) -> frozenset[str]:
        """Return the number's name."""
        return frozenset({self.name})

    def holds(self, seen: Portrait) -> bool:
        """Return the answer; without the number it is no."""
        found = seen.facts.get(self.name)
        if not isinstance(found, int):
            return False
        return self.least <= found and (self.most is None or found <= self.most)

    def turns(self, seen: Portrait) -> datetime | None:
        """Return when time changes the number."""
        return seen.turns.get(self.name)


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing is known of any of these."""

    names: tuple[str, ...]

    @property
    def asks(self) -> frozenset[str]:
        """Return their names."""
        return frozenset(self.names)

    def holds(self, seen: Portrait) -> bool:
        """Return the answer."""
        return not any(seen.facts.get(name) for name in self.names)

    def turns(self, _: Portrait) -> datetime | None:
        """Return nothing: time does not fill them."""
        return None


@dataclass(frozen=True, slots=True)
class Every:
    """Each of several questions holds."""

    parts: tuple[Question, ...]

    @property
    def asks(self) -> frozenset[str]:
        """Return what they ask together."""
        return frozenset().union(*(part.asks for part in self.parts))

    def holds(self, seen: Portrait) -> bool:
        """Return the answer."""
        return all(part.holds(seen) for part in self.parts)

    def turns(self, seen: Portrait) -> datetime | None:
        """Return when the first of them may change."""
        return min(filter(None, (part.turns(seen) for part in self.parts)), default=None)


def _spans(seen: Portrait) -> Iterator[tuple[datetime, datetime]]:
    """Yield for each sale the month behind it: its beginning and its end."""
    for moment in seen.wins:
        first = _next_month(moment.astimezone(seen.zone).date())
        yield _midnight(first, seen.zone), _midnight(_next_month(first), seen.zone)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + _MONTH).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
