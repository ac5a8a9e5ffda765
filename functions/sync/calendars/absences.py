"""Days on which a person's own calendar says "out of office": no queue gives them requests; B7.

A day counts when the absence covers all its working hours. Days that people entered by hand are
never taken back.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from kartoteka.calendar_ports import Span
from kartoteka.domain.errors import NotAllowed, NotFound, Rejected
from kartoteka.domain.worktime import WorkTime
from kartoteka.log import log
from kartoteka.services import settings_presence
from kartoteka.services.settings_presence import Absence
from sync.calendars.writer import Writer

AHEAD = timedelta(days=60)


def look(writer: Writer) -> None:
    """Make the person's days of absence follow their own calendar, if it can be read.

    In the office's account it is read under the person's address: they have to share it.

    Raises:
        RateLimited, ProviderDown: the next look tries again.
    """
    agenda, now = writer.agenda, writer.desk.now()
    calendar = "" if agenda.is_own else agenda.person.email
    try:
        spans = writer.port.away(calendar, now - timedelta(days=1), now + AHEAD)
    except (NotFound, NotAllowed):
        log("warning", event="absence_unread", account=agenda.key)
        return
    hours = writer.desk.settings().office.work
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    days = {day for day in covered(spans, hours) if day >= today}
    _follow(writer, days, today)


def covered(spans: Iterable[Span], hours: WorkTime) -> set[date]:
    """Return the days, in the office's zone, whose working hours an absence covers wholly."""
    zone = ZoneInfo(hours.zone)
    found: set[date] = set()
    for start, end in spans:
        day = start.astimezone(zone).date()
        while datetime.combine(day, hours.opens, zone) < end:
            opens = datetime.combine(day, hours.opens, zone).astimezone(UTC)
            closes = datetime.combine(day, hours.closes, zone).astimezone(UTC)
            if start <= opens and closes <= end:
                found.add(day)
            day += timedelta(days=1)
    return found


def _follow(writer: Writer, days: set[date], today: date) -> None:
    memory = writer.memory
    ours = {day for day in map(date.fromisoformat, memory.away) if day >= today}
    by_hand = {date.fromisoformat(day) for day in writer.agenda.person.absent} - ours
    here, gone = days - ours - by_hand, ours - days
    for first, last in _runs(here):
        _say(writer, first, last, is_absent=True)
    for first, last in _runs(gone):
        _say(writer, first, last, is_absent=False)
    known = tuple(day.isoformat() for day in sorted((ours | here) - gone))
    if known != memory.away:
        writer.keep(away=known)


def _say(writer: Writer, first: date, last: date, *, is_absent: bool) -> None:
    agenda = writer.agenda
    form = Absence(staff=agenda.person.id, first=first, last=last)
    act = settings_presence.absent if is_absent else settings_presence.present
    try:
        act(writer.desk, agenda.who, form, f"calendar:{agenda.person.id}")
    except Rejected as refusal:
        log("warning", event="absence_refused", account=agenda.key, error=refusal.code)


def _runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each run of days that follow each other."""
    first: date | None = None
    last: date | None = None
    for day in sorted(days):
        if first is None or last is None or day != last + timedelta(days=1):
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last
