"""The figures of an office, computed from cells: leads by source, funnels, speed, sales; M1-M6.

Pure arithmetic. Every ratio comes with its counts, and is None where nothing was counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kartoteka.domain.model import Lead
from kartoteka.domain.stat_cells import (
    ADVANCED,
    ANSWERED,
    BROKEN,
    CREATED,
    HELD,
    LATE,
    LIMIT,
    LOST,
    MET,
    REACHED,
    STILL,
    SUM,
    VALUE,
    WON,
    WORTH,
)
from kartoteka.domain.worktime import WorkTime

Cells = Mapping[str, Mapping[str, int]]  # by day, then by name of the cell
_ALL = 6  # parts of the name of a cell of created records


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a funnel.

    Attributes:
        stage: its id.
        count: records of the period that came at least this far (M2), and `amount_minor` of them.
        reached: records that came here in the period, whenever they were created (M1).
        advanced, lost, still: what became of those until now.
    """

    stage: str
    count: int
    amount_minor: int
    reached: int
    advanced: int
    lost: int
    still: int

    @property
    def conversion(self) -> float | None:
        """Return which share of those that came here went on."""
        return self.advanced / self.reached if self.reached else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """One pipeline in one period; `won` of the records created in it were won."""

    kind: str
    pipeline: str
    steps: tuple[Step, ...]
    won: int

    @property
    def total(self) -> float | None:
        """Return which share of all created records was won."""
        created = self.steps[0].count if self.steps else 0
        return self.won / created if created else None


@dataclass(frozen=True, slots=True)
class Speed:
    """How soon requests were answered, in working minutes; M3.

    `late` requests are past the limit without any answer; for the quantiles they took for ever.
    """

    answered: Mapping[int, int]  # requests by minutes
    late: int
    limit: int

    @property
    def counted(self) -> int:
        """Return how many requests the figures are about."""
        return sum(self.answered.values()) + self.late

    @property
    def breaches(self) -> int:
        """Return how many were not answered within the limit."""
        soon = sum(number for minutes, number in self.answered.items() if minutes <= self.limit)
        return self.counted - soon

    @property
    def in_time(self) -> float | None:
        """Return which share was answered within the limit."""
        return (self.counted - self.breaches) / self.counted if self.counted else None

    def quantile(self, part: float) -> int | None:
        """Return the minutes that this part did not exceed; None when they had no answer yet."""
        return quantile(self.answered, self.counted, part)


@dataclass(frozen=True, slots=True)
class Kept:
    """How a limit was kept: what ended in time and too late, by working minutes; N2.

    `broken` are past the limit and nothing ended them; for the quantiles they took for ever.
    """

    met: Mapping[int, int]
    late: Mapping[int, int]
    broken: int

    @property
    def counted(self) -> int:
        """Return how many cases the figures are about."""
        return sum(self.met.values()) + self.breaches

    @property
    def breaches(self) -> int:
        """Return how many were not in time."""
        return sum(self.late.values()) + self.broken

    @property
    def in_time(self) -> float | None:
        """Return which share was in time."""
        return sum(self.met.values()) / self.counted if self.counted else None

    def quantile(self, part: float) -> int | None:
        """Return the minutes that this part did not exceed; None when nothing ended them yet."""
        ended = Counter(self.met)
        ended.update(self.late)
        return quantile(ended, self.counted, part)


def quantile(by_minutes: Mapping[int, int], counted: int, part: float) -> int | None:
    """Return the minutes that this part of `counted` did not exceed; None when they are not told.

    Args:
        by_minutes: how many ended after so many minutes.
        counted: all of them, with those that have not ended.
        part: from 0 to 1, exact to a thousandth.
    """
    left = max(1, -(-int(part * 1_000) * counted // 1_000))
    for minutes, number in sorted(by_minutes.items()):
        left -= number
        if left <= 0:
            return minutes
    return None


@dataclass(frozen=True, slots=True)
class Attainment:
    """Won in a month against its plan, in minor units; M6."""

    fact_minor: int
    plan_minor: int
    days_worked: int
    days: int

    @property
    def share(self) -> float | None:
        """Return which share of the plan is done."""
        return self.fact_minor / self.plan_minor if self.plan_minor else None

    @property
    def pace_minor(self) -> int:
        """Return what would be done by now if every working day brought the same."""
        return self.plan_minor * self.days_worked // self.days if self.days else 0


def leads_by_source(cells: Cells, days: Sequence[str]) -> dict[str, list[int]]:
    """Return how many requests each source brought on each of the days, most first."""
    found: dict[str, list[int]] = {}
    for place, day in enumerate(days):
        for cuts, number in _created(cells, [day], CREATED):
            if cuts[0] == Lead.kind:
                found.setdefault(cuts[-1], [0] * len(days))[place] += number
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1]), item[0])))


def funnel(
    cells: Cells, days: Iterable[str], *, kind: str, pipeline: str, order: Sequence[str]
) -> Funnel:
    """Return the funnel of a pipeline whose stages, lost ones left out, are in this order."""
    period = list(days)
    furthest, worth, won = Counter[str](), Counter[str](), 0
    for cuts, number in _created(cells, period, CREATED):
        if cuts[:2] == [kind, pipeline]:
            furthest[cuts[2]] += number
            won += number if cuts[3] == WON else 0
    for cuts, number in _created(cells, period, WORTH):
        if cuts[:2] == [kind, pipeline]:
            worth[cuts[2]] += number
    fates = _fates(cells, period, (kind, pipeline))
    steps = []
    for index, stage in enumerate(order):
        here = {fate: fates[stage, fate] for fate in (ADVANCED, LOST, STILL)}
        behind = order[index:]
        steps.append(
            Step(
                stage=stage,
                count=sum(furthest[name] for name in behind),
                amount_minor=sum(worth[name] for name in behind),
                reached=sum(here.values()),
                advanced=here[ADVANCED],
                lost=here[LOST],
                still=here[STILL],
            )
        )
    return Funnel(kind, pipeline, tuple(steps), won)


def created(cells: Cells, days: Iterable[str]) -> int:
    """Return how many requests were created on these days."""
    return sum(number for cuts, number in _created(cells, days, CREATED) if cuts[0] == Lead.kind)


def unanswered(cells: Cells, days: Iterable[str]) -> dict[str, int]:
    """Return the requests created on these days that nobody has answered, by owner."""
    period = list(days)
    found = Counter[str]()
    for cuts, number in _created(cells, period, CREATED):
        if cuts[0] == Lead.kind:
            found[cuts[4]] += number
    for owner, answered in answers(cells, period).items():
        found[owner] -= sum(answered.values())
    return dict(found)


def answers(cells: Cells, days: Iterable[str]) -> dict[str, dict[int, int]]:
    """Return the answered requests created on these days: by owner, then by minutes."""
    found: dict[str, dict[int, int]] = {}
    for name, number in _named(cells, days, ANSWERED):
        owner, minutes = name
        kept = found.setdefault(owner, {})
        kept[int(minutes)] = kept.get(int(minutes), 0) + number
    return found


def together(by_owner: Mapping[str, Mapping[int, int]]) -> dict[int, int]:
    """Return the answered requests of everybody by minutes."""
    total = Counter[int]()
    for answered in by_owner.values():
        total.update(answered)
    return dict(total)


def kept(cells: Cells, days: Iterable[str]) -> dict[str, dict[str, Kept]]:
    """Return how each limit that began on these days was kept: by what it limits, then by owner."""
    found: dict[tuple[str, str], dict[str, Counter[int]]] = {}
    for name, number in _named(cells, days, LIMIT):
        what, owner, end, minutes = name
        ends = found.setdefault((what, owner), {end: Counter[int]() for end in (MET, LATE, BROKEN)})
        ends[end][int(minutes or 0)] += number
    told: dict[str, dict[str, Kept]] = {}
    for (what, owner), ends in found.items():
        told.setdefault(what, {})[owner] = Kept(ends[MET], ends[LATE], ends[BROKEN].total())
    return told


def all_kept(by_owner: Mapping[str, Kept]) -> Kept:
    """Return how everybody kept a limit."""
    met, late = Counter[int](), Counter[int]()
    for one in by_owner.values():
        met.update(one.met)
        late.update(one.late)
    return Kept(met, late, sum(one.broken for one in by_owner.values()))


def won(cells: Cells, days: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return by owner how many deals were won on these days, and for how much."""
    period = list(days)
    counts = {name[0]: number for name, number in _summed(cells, period, WON).items()}
    sums = {name[0]: number for name, number in _summed(cells, period, SUM).items()}
    return {owner: (counts.get(owner, 0), sums.get(owner, 0)) for owner in counts | sums}


def held(cells: Cells, day: str, kind: str) -> dict[str, tuple[int, int]]:
    """Return by owner how many open records of a kind they have, and of what worth."""
    counts, values = _summed(cells, [day], HELD), _summed(cells, [day], VALUE)
    owners = {name[1] for name in (*counts, *values) if name[0] == kind}
    return {owner: (counts.get((kind, owner), 0), values.get((kind, owner), 0)) for owner in owners}


def days_of(month: Sequence[date], today: date, hours: WorkTime) -> tuple[int, int]:
    """Return how many days of a month were worked, today among them, and how many are in all."""
    working = [day for day in month if hours.is_working_day(day)]
    return sum(day <= today for day in working), len(working)


def _created(cells: Cells, days: Iterable[str], what: str) -> Iterable[tuple[list[str], int]]:
    """Yield the cuts of created records: kind, pipeline, stage, fate, owner, source."""
    for day in days:
        for name, number in cells.get(day, {}).items():
            counted, _, cuts = name.partition("|")
            if counted == what:
                yield cuts.split("|", _ALL - 1), number


def _fates(cells: Cells, days: Iterable[str], line: tuple[str, str]) -> Counter[tuple[str, str]]:
    found = Counter[tuple[str, str]]()
    for name, number in _named(cells, days, REACHED):
        kind, pipeline, stage, fate = name
        if (kind, pipeline) == line:
            found[stage, fate] += number
    return found


def _summed(cells: Cells, days: Iterable[str], what: str) -> Counter[tuple[str, ...]]:
    found = Counter[tuple[str, ...]]()
    for name, number in _named(cells, days, what):
        found[name] += number
    return found


def _named(cells: Cells, days: Iterable[str], what: str) -> Iterable[tuple[tuple[str, ...], int]]:
    for day in days:
        for name, number in cells.get(day, {}).items():
            counted, *cuts = name.split("|")
            if counted == what:
                yield tuple(cuts), number
