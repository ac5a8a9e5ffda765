"""Moments as people choose or type them: «через 1 час», «завтра», «14:30», «24.12 10:00»."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import Invalid
from kartoteka.domain.worktime import Delay, WorkTime
from sync.columns import Frame

_SPANS: Mapping[str, timedelta | Delay] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
    "1d": Delay(work_days=1),
    "3d": Delay(work_days=3),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
SOON = ("15m", "1h", "3h", "1d", "3d")
LATER = ("3d", "7d", "30d")
_TYPED = re.compile(
    r"(?:(?P<day>\d{1,2})\.(?P<month>\d{1,2})(?:\.(?P<year>\d{4}))?)?\s*"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2}))?"
)
_MORNING = time(10, 0)


def spans(frame: Frame, codes: tuple[str, ...]) -> list[str]:
    """Return how these spans are called."""
    return [frame.say(f"span_{code}") for code in codes]


def moment(typed: str, frame: Frame, now: datetime) -> datetime:
    """Return the instant that a person means, aware UTC.

    Raises:
        Invalid: nobody can tell.
    """
    wanted = typed.strip().casefold()
    for code, span in _SPANS.items():
        if wanted == frame.say(f"span_{code}").casefold():
            return _after(span, frame.settings.office.work, now)
    found = _TYPED.fullmatch(wanted)
    if not wanted or found is None:
        raise _unclear()
    try:
        return _dated(found, frame.settings.office.work.zone, now)
    except ValueError as exc:
        raise _unclear() from exc


def _after(span: timedelta | Delay, work: WorkTime, now: datetime) -> datetime:
    return now + span if isinstance(span, timedelta) else work.add(now, span)


def _dated(found: re.Match[str], zone: str, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    given = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    at = time(given["hour"], given["minute"]) if "hour" in given else _MORNING
    day = local.date()
    if "day" in given:
        day = day.replace(day=1, month=given["month"], year=given.get("year", local.year))
        day = day.replace(day=given["day"])
        if "year" not in given and day < local.date():
            day = day.replace(year=day.year + 1)
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(now.tzinfo)


def _unclear() -> Invalid:
    return Invalid("no moment can be read", fields={"when": "unclear"}, code="action_when")
