"""Working time: hours, days off and the arithmetic of deadlines.

A deadline outside working hours moves on with the remainder: 17:50 + 1 h is 09:50 of the
next working day. What counts is the clock on the wall: an office that opens in the hour that a
clock change skips opens when the clock jumps over it; in the hour that is repeated, twice.

Whether a day is worked, the office's own word says first: its days off and its working days. Then
its country's calendar, then the week. A day of rest that the country works instead of another one
is worked by offices that work from Monday to Friday; others have a week of their own.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kartoteka.domain.country_days import NO_DAYS, CountryDays, DaySet
from kartoteka.domain.model import Value

_SEARCH_DAYS = 400  # an office closed for longer than a year has no deadlines
_Span = tuple[datetime, datetime]  # from, till
_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)
_USUAL_WEEK = frozenset(range(5))  # Monday to Friday


class Delay(Value):
    """How long to wait: calendar days, then working days, then working minutes.

    `to_close`: and then to the end of that working day.
    """

    work_minutes: int = 0
    work_days: int = 0
    days: int = 0
    to_close: bool = False


class WorkTime(Value):
    """When the office works; hours are local wall-clock times of `zone`."""

    zone: str = "Europe/Moscow"
    opens: time = time(9)
    closes: time = time(18)
    days: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0
    holidays: DaySet = NO_DAYS  # the office's own days off
    workdays: DaySet = NO_DAYS  # worked by the office's own word, whatever calendar and week say
    country: CountryDays = CountryDays()

    def is_working_day(self, day: date) -> bool:
        """Return whether the office works on this local day at all."""
        if self.is_day_off(day):
            return False
        return day.weekday() in self.days or self.is_extra(day)

    def is_day_off(self, day: date) -> bool:
        """Return whether nobody works on this local day, whatever day of the week it is."""
        if day in self.workdays:
            return False
        return day in self.holidays or day in self.country.off

    def is_extra(self, day: date) -> bool:
        """Return whether this local day is worked although the week says otherwise."""
        if day in self.workdays:
            return True
        return day in self.country.worked and _USUAL_WEEK.issubset(self.days)

    def is_shift(self, day: date, shift: Collection[int]) -> bool:
        """Return whether somebody who works on these days of the week has to come on this day.

        A day that is worked in addition calls those who work the office's whole week.
        """
        if day.weekday() in shift:
            return True
        return set(self.days).issubset(shift) and self.is_extra(day)

    def is_open(self, moment: datetime) -> bool:
        """Return whether the office works at this instant."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return self.is_working_day(local.date()) and self.opens <= local.time() < self.closes

    def add(self, moment: datetime, delay: Delay) -> datetime:
        """Return the instant `delay` after `moment`, in working hours or just at their end."""
        if delay.days:
            moment = self._same_time(moment, delay.days)
        for _ in range(delay.work_days):
            moment = self._next_day_same_time(moment)
        moment = self.add_minutes(moment, delay.work_minutes)
        return self._close_of(moment) if delay.to_close else moment

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """Return the instant after so many working minutes; 0 gives the next open instant."""
        left = timedelta(minutes=minutes)
        for start, end in self._spans(moment):
            if left < end - start:
                return start + left
            left -= end - start
        raise ValueError("the office has no working hours within a year")

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Return the working minutes from `start` to `end`, 0 if `end` is earlier."""
        total = timedelta()
        for opened, closed in self._spans(start):
            if opened >= end:
                break
            total += min(closed, end) - opened
        return total.total_seconds() / 60

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        first = moment.astimezone(ZoneInfo(self.zone)).date()
        for offset in range(_SEARCH_DAYS):
            day = first + timedelta(days=offset)
            if not self.is_working_day(day):
                continue
            for opened, closed in self._open_on(day):
                if closed > moment:
                    yield max(opened, moment.astimezone(UTC)), closed

    def _open_on(self, day: date) -> tuple[_Span, ...]:
        return _hours(self.zone, self.opens, self.closes, day)

    def _close_of(self, moment: datetime) -> datetime:
        return self._open_on(moment.astimezone(ZoneInfo(self.zone)).date())[-1][1]

    def _same_time(self, moment: datetime, days: int) -> datetime:
        local = moment.astimezone(ZoneInfo(self.zone))
        return _at(self.zone, local.date() + timedelta(days=days), local.time())

    def _next_day_same_time(self, moment: datetime) -> datetime:
        local = moment.astimezone(ZoneInfo(self.zone))
        for offset in range(1, _SEARCH_DAYS):
            day = local.date() + timedelta(days=offset)
            if self.is_working_day(day):
                return _at(self.zone, day, local.time())
        raise ValueError("the office has no working day within a year")


@lru_cache(maxsize=1024)
def _hours(zone: str, opens: time, closes: time, day: date) -> tuple[_Span, ...]:
    """Return when the office is open on a day that it works; each deadline asks for a few days."""
    if not any(_is_skipped_or_repeated(zone, day, hour) for hour in (opens, closes)):
        return ((_at(zone, day, opens), _at(zone, day, closes)),)
    change = _clock_change(zone, day)
    before, after = (
        (_in_utc(day, opens, offset), _in_utc(day, closes, offset))
        for offset in (_offset(zone, change - _SECOND), _offset(zone, change))
    )
    spans = ((before[0], min(before[1], change)), (max(after[0], change), after[1]))
    return tuple((opened, closed) for opened, closed in spans if opened < closed)


def _is_skipped_or_repeated(zone: str, day: date, hour: time) -> bool:
    first = datetime.combine(day, hour, ZoneInfo(zone))
    return first.utcoffset() != first.replace(fold=1).utcoffset()


def _clock_change(zone: str, day: date) -> datetime:
    early, late = _at(zone, day, time.min) - _HOUR, _at(zone, day + timedelta(days=1), time.min)
    old = _offset(zone, early)
    while late - early > _SECOND:
        middle = early + (late - early) // (2 * _SECOND) * _SECOND
        early, late = (middle, late) if _offset(zone, middle) == old else (early, middle)
    return late


def _offset(zone: str, moment: datetime) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _at(zone: str, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def _in_utc(day: date, hour: time, offset: timedelta) -> datetime:
    return datetime.combine(day, hour, UTC) - offset
