"""Moving the office's time from outside: durations in words, and drains that end the journey."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain.errors import Invalid, Malformed
from kartoteka.services.wake import CONSUMERS
from onebox.clock import BoxClock
from onebox.tasks.local import LocalTasks

_SPAN = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_DRAINS = frozenset(consumer.path for consumer in CONSUMERS.values())
_SETTLE = timedelta(seconds=10)
_ROUNDS = 8
_HINT = 'send {"advance": "3h"} (such as 90s, 15m, 2d, 1h30m) or {"set": "2026-11-23T18:00+03:00"}'


def span(text: str) -> timedelta:
    """Return a duration written like 90s, 15m, 3h, 2d or 1h30m.

    Raises:
        Invalid: anything else, and zero.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    days, hours, minutes, seconds = (
        (int(part or 0) for part in found.groups()) if found else [0] * 4
    )
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise Invalid(f"{text!r} is not a duration: {_HINT}")
    return length


def target(body: object, now: datetime, zone: str) -> datetime:
    """Return the moment that a request asks for; a time without a zone is the office's local time.

    Raises:
        Malformed: the body is not one of the two forms. Invalid: its value is impossible.
    """
    match body:
        case {"advance": str(text), **rest} if not rest:
            return now + span(text)
        case {"set": str(text), **rest} if not rest:
            return _moment(text, zone)
    raise Malformed(f"this does not say where to move the clock: {_HINT}")


def travel(tasks: LocalTasks, clock: BoxClock, moment: datetime) -> int:
    """Move the clock and return how many calls were made on the way.

    What happened last asks for drains of the change log a few seconds later: those are passed
    too, so that sheet and contacts show everything when this returns.

    Raises:
        NotAllowed: the box runs on real time. Invalid: the moment is in the past.
    """
    fired = tasks.runner.travel(clock, moment)
    for _ in range(_ROUNDS):
        due = _last_drain(tasks, moment + _SETTLE)
        if due is None:
            break
        fired += tasks.runner.travel(clock, max(due, clock.now()))
    return fired


def _last_drain(tasks: LocalTasks, until: datetime) -> datetime | None:
    dues = [row.due for row in tasks.rows() if row.path in _DRAINS and row.due <= until]
    return max(dues, default=None)


def _moment(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Invalid(f"{text!r} is not a time of ISO 8601: {_HINT}") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
