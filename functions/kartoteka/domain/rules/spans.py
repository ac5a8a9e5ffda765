"""Spans of time as people say them: «3 рабочих дня», «2 часа», «1 месяц»; there and back."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.worktime import Delay, WorkTime

_YEAR = 12
_SEARCH_DAYS = 400  # an office closed for longer than a year has no working time


@dataclass(frozen=True, slots=True)
class Span:
    """How long: months and days of the calendar, minutes of any time, then working time.

    `to_close`: and then to the end of that working day.
    """

    months: int = 0
    days: int = 0
    minutes: int = 0
    work_days: int = 0
    work_minutes: int = 0
    to_close: bool = False

    def after(self, moment: datetime, work: WorkTime) -> datetime:
        """Return the aware instant this long after `moment`.

        Time of the calendar keeps the local time of day; working time, or `to_close`, ends in
        working hours.
        """
        moved = self._by_calendar(moment, work, 1) + timedelta(minutes=self.minutes)
        if not (self.work_days or self.work_minutes or self.to_close):
            return moved
        delay = Delay(
            work_days=self.work_days, work_minutes=self.work_minutes, to_close=self.to_close
        )
        return work.add(moved, delay)

    def before(self, moment: datetime, work: WorkTime) -> datetime:
        """Return the aware instant this long before `moment`; `to_close` says nothing here."""
        moved = _minutes_back(moment, self.work_minutes, work) if self.work_minutes else moment
        for _ in range(self.work_days):
            moved = _previous_day(moved, work)
        return self._by_calendar(moved, work, -1) - timedelta(minutes=self.minutes)

    def _by_calendar(self, moment: datetime, work: WorkTime, sign: int) -> datetime:
        if not (self.months or self.days):
            return moment.astimezone(UTC)
        local = moment.astimezone(ZoneInfo(work.zone))
        day = _months_on(local.date(), sign * self.months) + timedelta(days=sign * self.days)
        return _at(day, local.time(), work)


def _months_on(day: date, months: int) -> date:
    """Return the same day so many months on, the last of the month where there is no such day."""
    count = day.year * _YEAR + day.month - 1 + months
    year, month = count // _YEAR, count % _YEAR + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _previous_day(moment: datetime, work: WorkTime) -> datetime:
    local = moment.astimezone(ZoneInfo(work.zone))
    for offset in range(1, _SEARCH_DAYS):
        day = local.date() - timedelta(days=offset)
        if work.is_working_day(day):
            return _at(day, local.time(), work)
    raise ValueError("the office has no working day within a year")


def _minutes_back(moment: datetime, minutes: int, work: WorkTime) -> datetime:
    left = timedelta(minutes=minutes)
    last = moment.astimezone(ZoneInfo(work.zone)).date()
    for offset in range(_SEARCH_DAYS):
        day = last - timedelta(days=offset)
        opened, closed = _at(day, work.opens, work), min(_at(day, work.closes, work), moment)
        if not work.is_working_day(day) or closed <= opened:
            continue
        if left <= closed - opened:
            return closed.astimezone(UTC) - left
        left -= closed - opened
    raise ValueError("the office has no working hours within a year")


def _at(day: date, clock: time, work: WorkTime) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(work.zone)).astimezone(UTC)
