"""Spans of time there and back: the calendar keeps the hour, working time stays in hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.rules.spans import Span
from kartoteka.domain.worktime import WorkTime

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = WorkTime(zone="Europe/Berlin")


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-11-23 17:30", Span(minutes=120), "2026-11-23 19:30"),
        ("2026-11-27 12:00", Span(days=1), "2026-11-28 12:00"),
        ("2027-01-31 12:00", Span(months=1), "2027-02-28 12:00"),
        ("2026-11-27 12:00", Span(work_days=1), "2026-11-30 12:00"),
        ("2026-11-27 17:50", Span(work_minutes=15), "2026-11-30 09:05"),
        ("2026-11-23 12:00", Span(days=1, to_close=True), "2026-11-24 18:00"),
        ("2026-11-27 12:00", Span(days=1, to_close=True), "2026-11-30 18:00"),
        ("2026-11-23 12:00", Span(), "2026-11-23 12:00"),
    ],
)
def test_end_of_a_span(start, span, end):
    assert span.after(at(start), WorkTime()) == at(end)


@pytest.mark.parametrize(
    ("end", "span", "start"),
    [
        ("2026-11-23 01:00", Span(minutes=120), "2026-11-22 23:00"),
        ("2026-12-01 12:00", Span(days=3), "2026-11-28 12:00"),
        ("2027-03-31 12:00", Span(months=1), "2027-02-28 12:00"),
        ("2026-11-23 12:00", Span(work_days=1), "2026-11-20 12:00"),
        ("2026-11-22 12:00", Span(work_days=1), "2026-11-20 12:00"),
        ("2026-11-23 09:05", Span(work_minutes=15), "2026-11-20 17:50"),
        ("2026-11-22 12:00", Span(work_minutes=60), "2026-11-20 17:00"),
        ("2026-11-23 12:00", Span(work_minutes=180), "2026-11-23 09:00"),
    ],
)
def test_beginning_of_a_span(end, span, start):
    assert span.before(at(end), WorkTime()) == at(start)


def test_day_over_a_change_of_clocks_keeps_the_hour():
    berlin = ZoneInfo("Europe/Berlin")

    assert Span(days=1).after(at("2026-10-24 12:00", berlin), BERLIN) == at(
        "2026-10-25 12:00", berlin
    )
    assert Span(days=1).before(at("2027-03-28 12:00", berlin), BERLIN) == at(
        "2027-03-27 12:00", berlin
    )


@given(
    st.integers(0, 500_000).map(lambda minutes: at("2026-01-05 09:00").timestamp() + minutes * 60),
    st.integers(1, 3_000),
)
def test_working_time_back_is_as_long_as_there(stamp, minutes):
    end, work = datetime.fromtimestamp(stamp, UTC), WorkTime()

    start = Span(work_minutes=minutes).before(end, work)

    assert work.minutes_between(start, end) == minutes


def test_office_that_never_opens_is_told():
    closed = WorkTime(days=())

    for span in (Span(work_days=1), Span(work_minutes=1)):
        with pytest.raises(ValueError, match="within a year"):
            span.before(at("2026-11-23 12:00"), closed)
