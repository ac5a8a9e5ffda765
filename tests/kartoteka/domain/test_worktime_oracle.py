"""Working time against a clockmaker's count: minute by minute on the wall of the office."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kartoteka.domain.country_days import CountryDays
from kartoteka.domain.worktime import Delay, WorkTime

ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "America/Havana",  # at midnight, and back to it
)
MINUTE = timedelta(minutes=1)
FIRST = datetime(2027, 1, 1, tzinfo=UTC)


DAYS = st.sets(st.integers(0, 364), max_size=12).map(
    lambda found: frozenset(date(2027, 1, 1) + timedelta(days=n) for n in found)
)


@st.composite
def offices(draw: st.DrawFn) -> WorkTime:
    quarters = st.integers(0, 95) | st.integers(4, 14)  # the latter: while clocks are changed
    opens, closes = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
    days = draw(st.sets(st.integers(0, 6), min_size=2))
    off, theirs, worked, extra = (draw(DAYS) for _ in range(4))
    return WorkTime(
        zone=draw(st.sampled_from(ZONES)),
        opens=time(opens // 4, opens % 4 * 15),
        closes=time(closes // 4, closes % 4 * 15),
        days=tuple(sorted(days)),
        holidays=off - worked,
        workdays=worked,
        country=CountryDays(country="RU", off=theirs, worked=extra - theirs),
    )


def is_worked(office: WorkTime, day: date) -> bool:
    """The same in other words: who speaks first is believed."""
    said = [
        (day in office.workdays, True),
        (day in office.holidays, False),
        (day in office.country.off, False),
        (day in office.country.worked and {0, 1, 2, 3, 4} <= set(office.days), True),
        (True, day.weekday() in office.days),
    ]
    return next(word for applies, word in said if applies)


MOMENTS = st.integers(0, 365 * 24 * 60 - 1).map(lambda minute: FIRST + minute * MINUTE)
# Around the nights when these zones change their clocks.
NIGHTS = ((3, 13), (3, 27), (4, 2), (10, 1), (10, 30), (11, 6))
CHANGES = st.sampled_from([datetime(2027, *day, tzinfo=UTC) for day in NIGHTS]).flatmap(
    lambda day: st.integers(0, 3 * 24 * 60).map(lambda minute: day + minute * MINUTE)
)


def open_minutes(office: WorkTime, start: datetime) -> Iterator[datetime]:
    """Walk minute by minute and yield those that begin while the office's clock says open."""
    zone, moment = ZoneInfo(office.zone), start
    while True:
        local = moment.astimezone(zone)
        works = is_worked(office, local.date())
        if works and office.opens <= local.time() < office.closes:
            yield moment
        moment += MINUTE


@given(offices(), MOMENTS | CHANGES, st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_deadline_is_the_minute_that_counting_comes_to(
    office: WorkTime, start: datetime, minutes: int
) -> None:
    counted = next(islice(open_minutes(office, start), minutes, None))
    assert office.add_minutes(start, minutes) == counted
    assert office.minutes_between(start, counted) == minutes


@given(offices(), MOMENTS | CHANGES, st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_working_days_are_counted_on_the_calendar(
    office: WorkTime, start: datetime, days: int
) -> None:
    zone = ZoneInfo(office.zone)
    day = start.astimezone(zone).date()
    for _ in range(days):
        day += timedelta(days=1)
        while not is_worked(office, day):
            day += timedelta(days=1)
    found = office.add(start, Delay(work_days=days))
    wall = datetime.combine(day, start.astimezone(zone).time(), zone)
    assert found == next(open_minutes(office, wall.astimezone(UTC)))
