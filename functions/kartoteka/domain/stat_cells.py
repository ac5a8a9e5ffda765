"""What one fact adds to the figures: a number in each cell, by day, stage, person and source.

A cell is named by what it counts and its cuts, joined by `|`; a source is the last, because it
may hold anything. Days are those of the office's zone. Money is in minor units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read
from kartoteka.domain.model import Lead
from kartoteka.domain.next_step import OPEN
from kartoteka.domain.office import Office
from kartoteka.domain.pipeline import Stage
from kartoteka.domain.sla_rules import SlaCase
from kartoteka.domain.statistics import Fact

STANDING = "standing"  # instead of a day: what is so now
CREATED, WORTH = "created", "worth"  # kind, pipeline, furthest stage, fate, owner, source
REACHED = "reached"  # kind, pipeline, stage, fate
ANSWERED = "answered"  # owner, working minutes
WON, SUM = "won", "sum"  # owner
HELD, VALUE = "held", "value"  # kind, owner
LIMIT = "limit"  # what is limited, whose, how it ended, working minutes
MET, LATE, BROKEN = "met", "late", "broken"  # the last: past the limit, and nothing ended it
ADVANCED, LOST, STILL = "advanced", "lost", "open"
Place: TypeAlias = tuple[str, str]  # day, name of the cell
_MINUTE_UP_TO, _HOUR, _LONGEST = 480, 60, 12_000


def is_step(stage: Stage) -> bool:
    """Return whether entering the stage is a step towards the end of its pipeline."""
    return stage.state != "lost" and not stage.needs_wake


@dataclass(frozen=True)
class Ruler:
    """What of the office decides how things are counted; when it changes all is counted anew."""

    office: Office

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the office's zone."""
        return ZoneInfo(self.office.work.zone)

    @cached_property
    def orders(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Return the stages that a record climbs, by kind of record and pipeline.

        Neither a loss is a step, nor a stage where records sleep until a date.
        """
        kinds = {"lead": Lead.kind, "sale": Deal.kind}
        return {
            (kinds[line.kind], line.id): tuple(s.id for s in line.stages if is_step(s))
            for line in self.office.pipelines
            if line.kind in kinds
        }

    @cached_property
    def print(self) -> str:
        """Return what differs when the rules of counting differ."""
        work = self.office.work
        hours = work.model_dump_json(include={"zone", "opens", "closes", "days"})
        days = [day.isoformat() for day in sorted(work.holidays - work.workdays)]
        days += [f"+{day.isoformat()}" for day in sorted(work.workdays)]
        days += [f"-{day.isoformat()}" for day in sorted(work.country.off)]
        days += [f"~{day.isoformat()}" for day in sorted(work.country.worked)]
        orders = [f"{kind}:{line}:{'>'.join(them)}" for (kind, line), them in self.orders.items()]
        return derived("ru", hours, self.office.currency, *days, *orders)

    def day(self, moment: datetime) -> str:
        """Return the day of the office in which a moment is."""
        return moment.astimezone(self.zone).date().isoformat()

    def minutes(self, start: datetime, end: datetime) -> int:
        """Return the working minutes between: exact to eight hours, then by whole hours."""
        return rounded(int(self.office.work.minutes_between(start, end)))


def rounded(minutes: int) -> int:
    """Return minutes as they are counted: exact to eight hours, then by whole hours."""
    if minutes <= _MINUTE_UP_TO:
        return minutes
    return min(minutes // _HOUR * _HOUR, _LONGEST)


def cells_of(fact: Fact, ruler: Ruler) -> dict[Place, int]:
    """Return what this fact adds to each cell; nothing for a record that is no more.

    A stage that was skipped counts as reached when a later one was; a process is no sale.
    """
    if fact.entity == SlaCase.kind:
        return _of_limit(fact, ruler)
    order = ruler.orders.get((fact.entity, fact.spelled("pipeline")))
    if not fact.there or not order or not fact.spelled("created_at"):
        return {}
    found: dict[Place, int] = {}
    for place, number in _cells(fact, ruler, order):
        found[place] = found.get(place, 0) + number
    return {place: number for place, number in found.items() if number}


def _of_limit(fact: Fact, ruler: Ruler) -> dict[Place, int]:
    """Return how a limit was kept, on the day when it began; one that may be kept yet is not told.

    A case that nobody waits for any more counts only if its limit had passed.
    """
    state, is_broken = fact.spelled("state"), bool(fact.known.get("breached"))
    if not fact.there or (state not in {MET, LATE} and not is_broken):
        return {}
    end = state if state in {MET, LATE} else BROKEN
    minutes = str(rounded(fact.number("minutes"))) if end != BROKEN else ""
    cuts = (LIMIT, fact.spelled("what"), fact.spelled("staff_id"), end, minutes)
    return {(ruler.day(read(fact.spelled("since"))), "|".join(cuts)): 1}


def fate_of(fact: Fact) -> str:
    """Return how the record ended: won, lost, or open."""
    state = fact.spelled("state")
    return STILL if state in OPEN else state


def _cells(fact: Fact, ruler: Ruler, order: tuple[str, ...]) -> Iterator[tuple[Place, int]]:
    created = read(fact.spelled("created_at"))
    day, owner, fate = ruler.day(created), fact.spelled("owner_id"), fate_of(fact)
    line = fact.spelled("pipeline")
    times = _times(fact, order)
    furthest = order[len(times) - 1]
    cuts = "|".join((fact.entity, line, furthest, fate, owner, fact.spelled("source")))
    yield (day, f"{CREATED}|{cuts}"), 1
    for index, at in enumerate(times):
        gone_on = index < len(times) - 1 or fate == WON
        here = ADVANCED if gone_on else fate
        name = "|".join((REACHED, fact.entity, line, order[index], here))
        yield (ruler.day(read(at)), name), 1
    if fate == STILL:
        yield (STANDING, f"{HELD}|{fact.entity}|{owner}"), 1
    if fact.answers:
        minutes = ruler.minutes(created, read(min(fact.answers.values())))
        yield (day, f"{ANSWERED}|{owner}|{minutes}"), 1
    if fact.entity == Deal.kind and fact.spelled("currency") == ruler.office.currency:
        yield from _money(fact, ruler, (day, f"{WORTH}|{cuts}"))


def _money(fact: Fact, ruler: Ruler, cohort: Place) -> Iterator[tuple[Place, int]]:
    """Yield the sums; a deal in another currency has none, because no rate is known."""
    amount, owner = fact.number("amount_minor"), fact.spelled("owner_id")
    yield cohort, amount
    if fate_of(fact) == STILL:
        yield (STANDING, f"{VALUE}|{fact.entity}|{owner}"), amount
    if fate_of(fact) == WON and fact.spelled("won_at"):
        day = ruler.day(read(fact.spelled("won_at")))
        yield (day, f"{WON}|{owner}"), 1
        yield (day, f"{SUM}|{owner}"), amount


def _times(fact: Fact, order: tuple[str, ...]) -> list[str]:
    """Return when each stage up to the furthest was first reached; never empty."""
    line = fact.spelled("pipeline")
    seen: dict[int, str] = {}
    for visit in fact.visits:
        if visit.pipeline == line and visit.stage in order:
            seen.setdefault(order.index(visit.stage), visit.at)
    furthest = max(seen, default=0)
    first = fact.spelled("created_at")
    return [
        min((at for at_index, at in seen.items() if at_index >= index), default=first)
        for index in range(furthest + 1)
    ]
