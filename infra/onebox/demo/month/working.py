"""Working time by plain steps over a calendar: written apart from the office's own arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Moscow")
OPENS, CLOSES = time(9), time(18)
_FRIDAY = 4
_DAY = timedelta(days=1)


def at(day: date, clock: str) -> datetime:
    """Return the office's local time, written like 14:15, on a day."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Monday to Friday from nine to six, but for these holidays."""

    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Return whether the office works on this day."""
        return day.weekday() <= _FRIDAY and day not in self.holidays

    def month(self, first: date) -> list[date]:
        """Return the working days of the month of this day, from this day on."""
        return [day for day in _same_month(first) if self.works(day)]

    def minutes_later(self, moment: datetime, minutes: int) -> datetime:
        """Return the moment so many working minutes later; 0 gives the next open moment."""
        moment, left = self._open(moment), timedelta(minutes=minutes)
        while moment + left >= _on(moment, CLOSES) and left:
            left -= _on(moment, CLOSES) - moment
            moment = self._open(_on(moment, CLOSES))
        return moment + left

    def days_later(self, moment: datetime, days: int) -> datetime:
        """Return the same time so many working days later, or when the office opens next."""
        for _ in range(days):
            moment += _DAY
            while not self.works(moment.date()):
                moment += _DAY
        return self._open(moment)

    def week_later(self, moment: datetime) -> datetime:
        """Return the same time a week later, or when the office opens next."""
        return self._open(moment + 7 * _DAY)

    def close_of(self, moment: datetime) -> datetime:
        """Return the end of this working day, or of the next one."""
        return _on(self._open(moment), CLOSES)

    def _open(self, moment: datetime) -> datetime:
        if self.works(moment.date()) and moment.time() < CLOSES:
            return max(moment, _on(moment, OPENS))
        day = moment.date() + _DAY
        while not self.works(day):
            day += _DAY
        return datetime.combine(day, OPENS, ZONE)


def _on(moment: datetime, clock: time) -> datetime:
    return datetime.combine(moment.date(), clock, ZONE)


def _same_month(first: date) -> Iterator[date]:
    day = first
    while day.month == first.month:
        yield day
        day += _DAY
