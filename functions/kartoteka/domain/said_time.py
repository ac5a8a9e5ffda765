"""A time as people type it in a chat, Russian or English: tomorrow 15:00, mon, in 2 hours."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAYS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            ("пн", "понедельник", "mon", "monday"),
            ("вт", "вторник", "tue", "tuesday"),
            ("ср", "среда", "среду", "wed", "wednesday"),
            ("чт", "четверг", "thu", "thursday"),
            ("пт", "пятница", "пятницу", "fri", "friday"),
            ("сб", "суббота", "субботу", "sat", "saturday"),
            ("вс", "воскресенье", "sun", "sunday"),
        )
    )
    for name in names
}
_DAYS: Mapping[str, int] = {
    "сегодня": 0, "today": 0, "завтра": 1, "tomorrow": 1, "послезавтра": 2,
}  # fmt: skip
_UNITS: Mapping[str, timedelta] = {
    "мин": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "час": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "дн": timedelta(days=1),
    "ден": timedelta(days=1),
    "day": timedelta(days=1),
    "нед": timedelta(weeks=1),
    "week": timedelta(weeks=1),
}
_LATER = re.compile(r"(?:через|in)\s+(\d{1,3})\s+(мин|min|час|hour|дн|ден|day|нед|week)\w*\b")
_WORD = re.compile(r"(?:(?:в|во|on)\s+)?([а-яёa-z]{2,12})\b")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?(?![\d:.])|(\d{4})-(\d{2})-(\d{2})\b")
_CLOCK = re.compile(r"(?:(?:в|at)\s+)?(\d{1,2}):(\d{2})(?!\d)")


def read(text: str, now: datetime, zone: str) -> tuple[date | datetime | None, str]:
    """Return the time that the text begins with, and what follows it.

    A day without a clock is a date. A clock without a day is today, or tomorrow when that time
    has passed. None: the text begins with no time.
    """
    local = now.astimezone(ZoneInfo(zone))
    rest = text.strip()
    found = _LATER.match(rest.casefold())
    if found is not None:
        unit = _UNITS[found[2]]
        moment = local + int(found[1]) * unit
        whole_days = unit >= timedelta(days=1)
        return _with_clock(moment.date(), rest[found.end() :], local) if whole_days else (
            moment, rest[found.end() :].strip()
        )  # fmt: skip
    for reader in (_by_word, _by_number):
        day, after = reader(rest, local.date())
        if day is not None:
            return _with_clock(day, after, local)
    clock, after = _clock(rest)
    if clock is None:
        return None, rest
    moment = datetime.combine(local.date(), clock, local.tzinfo)
    return (moment if moment > local else moment + timedelta(days=1)), after


def _with_clock(day: date, rest: str, local: datetime) -> tuple[date | datetime, str]:
    clock, after = _clock(rest)
    if clock is None:
        return day, rest.strip()
    return datetime.combine(day, clock, local.tzinfo), after


def _clock(text: str) -> tuple[time | None, str]:
    rest = text.strip()
    found = _CLOCK.match(rest.casefold())
    if found is None or int(found[1]) not in range(24) or int(found[2]) not in range(60):
        return None, rest
    return time(int(found[1]), int(found[2])), rest[found.end() :].strip()


def _by_word(text: str, today: date) -> tuple[date | None, str]:
    found = _WORD.match(text.casefold())
    if found is None:
        return None, text
    word, rest = found[1], text[found.end() :]
    if word in _DAYS:
        return today + timedelta(days=_DAYS[word]), rest
    if word in _WEEKDAYS:
        ahead = (_WEEKDAYS[word] - today.weekday()) % 7
        return today + timedelta(days=ahead or 7), rest
    return None, text


def _by_number(text: str, today: date) -> tuple[date | None, str]:
    """Return a date; without a year it is the next such day."""
    found = _DATE.match(text)
    if found is None:
        return None, text
    day, month, year, *iso = found.groups()
    rest = text[found.end() :]
    if iso[0] is not None:
        return _possible(lambda: date(int(iso[0]), int(iso[1]), int(iso[2]))), rest
    if year is not None:
        return _possible(lambda: date(int(year), int(month), int(day))), rest
    this_year = _possible(lambda: date(today.year, int(month), int(day)))
    if this_year is not None and this_year < today:
        return _possible(lambda: date(today.year + 1, int(month), int(day))), rest
    return this_year, rest


def _possible(make: Callable[[], date]) -> date | None:
    try:
        return make()
    except ValueError:
        return None
