"""Repetitions taken apart into single events, as a listing with `singleEvents` shows them.

Source: calendar.v3, "Recurring events": an instance has the id of its series and its own start in
UTC, knows both, and keeps no rule. Times of the clock stay when the clocks change. How far an
endless series reaches without `timeMax` Google does not say; here it is two years of office time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from onebox.google.calendar import moments, refusals
from onebox.google.calendar.agenda import Event
from onebox.google.methods import Json

HORIZON = timedelta(days=730)
_UNTIL = re.compile(r"(?<=UNTIL=)\w+")
_DAY, _CLOCK = "%Y%m%d", "%Y%m%dT%H%M%S"
_LAST_SECOND = "T235959"


@dataclass(frozen=True)
class Window:
    """What of the time a listing looks at.

    Attributes:
        first, last: the limits; None where there is none.
        horizon: where an endless series stops without `last`.
    """

    first: datetime | None
    last: datetime | None
    horizon: datetime

    def meets(self, start: datetime, end: datetime) -> bool:
        """Tell whether a span is inside in part at least."""
        return (self.last is None or start < self.last) and (self.first is None or end > self.first)


def check(fields: Json, zone: str) -> None:
    """Refuse rules of repetition that nobody can read.

    Raises:
        CalendarError: 400.
    """
    if fields.get("recurrence") and _rule(fields, zone) is None:
        raise refusals.invalid("Invalid recurrence rule.")


def instances(event: Event, zone: str, window: Window) -> Iterator[Event]:
    """Yield the events of a series that the window meets, in order; an event without a rule is one.

    Args:
        event: as it is kept.
        zone: of its calendar.
        window: what of the time is asked for.
    """
    fields = event.fields
    length = moments.moment(fields["end"], zone) - moments.moment(fields["start"], zone)
    rule = _rule(fields, zone) if fields.get("recurrence") else None
    if rule is None:
        begins = moments.moment(fields["start"], zone)
        yield from [event] if window.meets(begins, begins + length) else []
        return
    own = moments.zone_of(str(fields["start"].get("timeZone") or zone))
    for local in rule:
        begins = local.replace(tzinfo=own)
        if begins >= (window.last or window.horizon):
            return
        if window.meets(begins, begins + length):
            yield _instance(event, zone, begins, length)


def _rule(fields: Json, zone: str) -> rruleset | None:
    """Return the local starts of a series, without a zone; None of a rule that cannot be read."""
    start = fields["start"]
    own = moments.zone_of(str(start.get("timeZone") or zone))
    begins = moments.moment(start, zone).astimezone(own)
    try:
        text = "\n".join(_local(str(line), own) for line in fields["recurrence"])
        rule = rrulestr(text, dtstart=begins.replace(tzinfo=None), forceset=True)
        next(iter(rule), None)
    except (ValueError, TypeError, KeyError):
        return None
    return cast(rruleset, rule)


def _local(line: str, own: ZoneInfo) -> str:
    """Return a line of a rule with its times as clocks of the zone show them."""
    head, _, value = line.partition(":")
    name = head.partition(";")[0]
    if name == "RRULE":
        return f"{name}:{_UNTIL.sub(lambda found: _until(found[0], own), value)}"
    if name in {"EXDATE", "RDATE"}:
        return f"{name}:{','.join(_clock(one, own) for one in value.split(','))}"
    raise ValueError(line)


def _until(text: str, own: ZoneInfo) -> str:
    return _clock(text, own) if "T" in text else text + _LAST_SECOND


def _clock(text: str, own: ZoneInfo) -> str:
    if not text.endswith("Z"):
        return text
    moment = datetime.strptime(text, f"{_CLOCK}Z").replace(tzinfo=UTC)
    return moment.astimezone(own).strftime(_CLOCK)


def _instance(event: Event, zone: str, begins: datetime, length: timedelta) -> Event:
    fields = event.fields
    whole_day = "date" in fields["start"]
    name = begins.strftime(_DAY) if whole_day else begins.astimezone(UTC).strftime(f"{_CLOCK}Z")
    ends = begins + _days(fields) if whole_day else begins.astimezone(UTC) + length
    start = _place(fields["start"], begins)
    own = {key: value for key, value in fields.items() if key != "recurrence"}
    known = {
        "recurringEventId": event.id,
        "originalStartTime": moments.shown(start, zone),
        "iCalUID": f"{event.id}@google.com",
    }
    moved = {"start": start, "end": _place(fields["end"], ends)}
    return replace(event, id=f"{event.id}_{name}", fields={**own, **moved, **known})


def _days(fields: Json) -> timedelta:
    return date.fromisoformat(fields["end"]["date"]) - date.fromisoformat(fields["start"]["date"])


def _place(place: Json, at: datetime) -> Json:
    """Return an EventDateTime moved to another time."""
    if "date" in place:
        return {**place, "date": at.date().isoformat()}
    return {**place, "dateTime": at.isoformat()}
