"""Working time: deadlines fall into working hours, remainders are carried over."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.worktime import Delay, WorkTime

MOSCOW = WorkTime()
BERLIN = WorkTime(zone="Europe/Berlin")


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize(
    ("start", "delay", "due"),
    [
        ("2026-11-23 09:00", Delay(work_minutes=15), "2026-11-23 09:15"),
        ("2026-11-23 17:50", Delay(work_minutes=60), "2026-11-24 09:50"),
        ("2026-11-27 17:50", Delay(work_minutes=60), "2026-11-30 09:50"),
        ("2026-11-22 23:10", Delay(work_minutes=15), "2026-11-23 09:15"),
        ("2026-11-23 18:00", Delay(work_minutes=0), "2026-11-24 09:00"),
        ("2026-11-27 11:00", Delay(work_days=1), "2026-11-30 11:00"),
        ("2026-11-23 11:00", Delay(days=7), "2026-11-30 11:00"),
        ("2026-11-22 11:00", Delay(days=7), "2026-11-30 09:00"),
        ("2026-11-23 09:00", Delay(work_minutes=9 * 60), "2026-11-24 09:00"),
    ],
)
def test_deadline_outside_hours_moves_on_with_the_remainder(
    start: str, delay: Delay, due: str
) -> None:
    assert MOSCOW.add(moscow(start), delay) == moscow(due)


def test_holidays_are_passed_over() -> None:
    closed = WorkTime(holidays=frozenset({date(2026, 11, 24), date(2026, 11, 25)}))

    assert closed.add(moscow("2026-11-23 17:30"), Delay(work_minutes=60)) == moscow(
        "2026-11-26 09:30"
    )


def test_change_to_winter_time_keeps_local_opening_hours() -> None:
    friday = datetime(2026, 10, 23, 15, 30, tzinfo=UTC)  # 17:30 in Berlin, summer time

    due = BERLIN.add(friday, Delay(work_minutes=60))

    assert due == datetime(2026, 10, 26, 8, 30, tzinfo=UTC)  # Monday 09:30, winter time


def test_office_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="no working hours"):
        WorkTime(days=()).add(moscow("2026-11-23 09:00"), Delay(work_minutes=1))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by hypothesis' contract


@given(MOMENTS, st.integers(0, 3000))
def test_deadline_is_in_working_hours_and_costs_exactly_its_minutes(
    start: datetime, minutes: int
) -> None:
    due = BERLIN.add_minutes(start, minutes)

    assert BERLIN.is_open(due)
    assert BERLIN.minutes_between(start, due) == pytest.approx(minutes)


@given(MOMENTS, st.integers(0, 500), st.integers(0, 500))
def test_waiting_twice_is_waiting_for_the_sum(start: datetime, first: int, second: int) -> None:
    once = MOSCOW.add_minutes(start, first + second)

    assert MOSCOW.add_minutes(MOSCOW.add_minutes(start, first), second) == once


@given(MOMENTS, MOMENTS)
def test_working_minutes_between_never_exceed_real_ones(one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))

    assert 0 <= MOSCOW.minutes_between(start, end) <= (end - start) / timedelta(minutes=1)
    assert MOSCOW.minutes_between(end, start) == 0


@pytest.mark.parametrize(
    ("opens", "closes", "start", "due"),
    [  # Berlin has no 02:00 to 03:00 on 28 March and has it twice on 31 October 2027
        (time(2, 30), time(6), "2027-03-28T00:00Z", "2027-03-28T01:10Z"),
        (time(1, 30), time(2, 30), "2027-03-28T00:00Z", "2027-03-28T00:40Z"),
        (time(2, 30), time(6), "2027-10-31T00:50Z", "2027-10-31T01:30Z"),
        (time(1), time(2, 30), "2027-10-31T00:25Z", "2027-10-31T01:05Z"),
    ],
)
def test_office_that_opens_while_clocks_change_follows_the_clock_on_the_wall(
    opens: time, closes: time, start: str, due: str
) -> None:
    office = WorkTime(zone="Europe/Berlin", opens=opens, closes=closes, days=tuple(range(7)))

    assert office.add_minutes(datetime.fromisoformat(start), 10) == datetime.fromisoformat(due)


def test_close_of_a_day_whose_last_hour_is_repeated_is_the_second_one() -> None:
    office = WorkTime(zone="Europe/Berlin", opens=time(1), closes=time(2, 30), days=(6,))
    night = datetime(2027, 10, 31, 0, 10, tzinfo=UTC)

    assert office.add(night, Delay(to_close=True)) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
