"""Repeating tasks: a subset of RFC 5545's RRULE, counted in the office's wall-clock time.

FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY, BYMONTHDAY, COUNT and UNTIL. What calendars
disagree about is settled here: a day that a month does not have is the last it has, so the 31st is
28 February and a 29 February returns every year; a time that the clocks skip in spring comes as
much later, one that they repeat in autumn is its first; the first task counts in COUNT even when
its day does not fit the rule; UNTIL with a date only includes that day.

Source: RFC 5545, 3.3.10, through dateutil.rrule, which is imported on first use.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import Invalid

_LONGEST = 200
_MOST = 999
_PARTS = ("INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY_MONTH_HAS = 28
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_MONTH_DAY = re.compile(r"0?[1-9]|[12]\d|3[01]|-1")
_UNTIL = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S", 16: "%Y%m%dT%H%M%SZ"}


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule taken apart; `days` are (place in the month or 0, weekday from Monday 0)."""

    freq: str
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    count: int | None = None
    until: str = ""


def parse(text: str) -> Repeat:
    """Return the rule behind an RRULE.

    Raises:
        Invalid: it is not one, or uses what is not in the subset; says what to change.
    """
    body = text.strip().upper().removeprefix("RRULE:")
    if len(body) > _LONGEST:
        raise _wrong(f"at most {_LONGEST} characters")
    pairs = [part.partition("=") for part in body.split(";") if part]
    given = {name: value for name, _, value in pairs}
    if len(given) != len(pairs) or not set(given) <= {"FREQ", *_PARTS}:
        raise _wrong(f"use FREQ and at most one each of {', '.join(_PARTS)}")
    if given.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        raise _wrong("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY")
    rule = Repeat(
        freq=given["FREQ"],
        interval=_number(given.get("INTERVAL", "1")),
        days=_by_day(given["BYDAY"]) if "BYDAY" in given else (),
        month_days=_by_month_day(given["BYMONTHDAY"]) if "BYMONTHDAY" in given else (),
        count=_number(given["COUNT"]) if "COUNT" in given else None,
        until=_until(given["UNTIL"]) if "UNTIL" in given else "",
    )
    _check(rule)
    return rule


def following(text: str, first: datetime, after: datetime, zone: str) -> datetime | None:
    """Return the next due time of a series strictly behind `after`, None when it has ended.

    Args:
        text: the RRULE.
        first: due time of the series' first task; its local day and hour are what repeats.
        after: usually the due time of the present task; never earlier than `first`.
        zone: of the office; the hour stays the same on the wall, whatever the clocks do.
    """
    rule, place = parse(text), ZoneInfo(zone)
    start = first.astimezone(place).replace(tzinfo=None)
    instants = (item.replace(tzinfo=place).astimezone(UTC) for item in _walk(rule, start))
    later: Iterator[datetime] = (item for item in instants if item > first)
    if rule.count is not None:
        later = islice(later, rule.count - 1)
    if rule.until:
        end = _end(rule.until, place)
        later = takewhile(lambda item: item <= end, later)
    return next((item for item in later if item > after), None)


def _walk(rule: Repeat, start: datetime) -> Iterator[datetime]:
    from dateutil import rrule as engine

    every = engine.rruleset()
    for part in _parts(rule, start):
        every.rrule(part)
    return iter(every)


def _parts(rule: Repeat, start: datetime) -> Iterator[Iterable[datetime]]:
    """Return the rules whose union is meant: one for each day of the month."""
    from dateutil import rrule as engine

    freq = getattr(engine, rule.freq)
    if rule.days or rule.freq in {"DAILY", "WEEKLY"}:
        weekdays = [engine.weekday(day, place or None) for place, day in rule.days]
        yield engine.rrule(freq, start, rule.interval, byweekday=weekdays or None)
        return
    month = start.month if rule.freq == "YEARLY" else None
    for day in rule.month_days or (start.day,):
        late = day > _EVERY_MONTH_HAS
        days = tuple(range(_EVERY_MONTH_HAS, day + 1)) if late else (day,)
        last = -1 if late else None
        yield engine.rrule(
            freq, start, rule.interval, bymonth=month, bymonthday=days, bysetpos=last
        )


def _end(until: str, zone: ZoneInfo) -> datetime:
    moment = datetime.strptime(until, _UNTIL[len(until)])  # noqa: DTZ007 - its zone follows
    if until.endswith("Z"):
        return moment.replace(tzinfo=UTC)
    if "T" not in until:
        moment = datetime.combine(moment, time.max)
    return moment.replace(tzinfo=zone)


def _check(rule: Repeat) -> None:
    if rule.days and rule.month_days:
        raise _wrong("use BYDAY or BYMONTHDAY, not both")
    if rule.month_days and rule.freq != "MONTHLY":
        raise _wrong("BYMONTHDAY needs FREQ=MONTHLY")
    if rule.days and rule.freq == "YEARLY":
        raise _wrong("BYDAY needs FREQ=DAILY, WEEKLY or MONTHLY")
    if any(place for place, _ in rule.days) and rule.freq != "MONTHLY":
        raise _wrong("a place such as 2TU needs FREQ=MONTHLY")
    if rule.count is not None and rule.until:
        raise _wrong("use COUNT or UNTIL, not both")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:4]) <= _MOST:
        raise _wrong(f"INTERVAL and COUNT are 1 to {_MOST}")
    return int(text)


def _by_day(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BY_DAY.fullmatch(item) for item in text.split(",")]
    if None in found:
        raise _wrong("BYDAY lists days such as MO,WE or 2TU or -1FR")
    days = [(int(item[1] or 0), _DAYS.index(item[2])) for item in found if item is not None]
    return tuple(dict.fromkeys(days))


def _by_month_day(text: str) -> tuple[int, ...]:
    items = text.split(",")
    if not all(_MONTH_DAY.fullmatch(item) for item in items):
        raise _wrong("BYMONTHDAY lists days 1 to 31, or -1 for the last")
    return tuple(dict.fromkeys(int(item) for item in items))


def _until(text: str) -> str:
    try:
        datetime.strptime(text, _UNTIL[len(text)])  # noqa: DTZ007 - only its spelling counts here
    except (KeyError, ValueError) as exc:
        raise _wrong("UNTIL is a date such as 20271231 or 20271231T150000Z") from exc
    return text


def _wrong(hint: str) -> Invalid:
    return Invalid(
        f"the repetition cannot be read: {hint}",
        fields={"repeats": "rule"},
        code="repeats_rule",
    )
