"""Repeating tasks: the calendar's odd days, the clocks' odd hours, the end of a series."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kartoteka.domain.errors import Invalid
from kartoteka.domain.recurrence import following, parse

MOSCOW, BERLIN = "Europe/Moscow", "Europe/Berlin"


def at(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def series(rule: str, first: datetime, zone: str = MOSCOW, most: int = 5) -> list[str]:
    found = [first]
    while len(found) < most:
        due = following(rule, first, found[-1], zone)
        if due is None:
            break
        found.append(due)
    return [f"{item.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for item in found]


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=10", (2026, 1, 25), ["01-25", "02-04", "02-14"]),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", (2026, 1, 30), ["01-30", "02-02", "02-03"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", (2026, 1, 5), ["01-05", "01-08", "01-12"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", (2026, 1, 5), ["01-05", "01-09", "01-19"]),
        ("FREQ=WEEKLY;BYDAY=MO", (2026, 1, 7), ["01-07", "01-12", "01-19"]),
        ("FREQ=MONTHLY", (2026, 1, 31), ["01-31", "02-28", "03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=30", (2026, 1, 30), ["01-30", "02-28", "03-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", (2026, 2, 28), ["02-28", "03-31", "04-30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15,31", (2026, 2, 15), ["02-15", "02-28", "03-15"]),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31", (2026, 1, 31), ["01-31", "03-31", "05-31"]),
        ("FREQ=MONTHLY;BYDAY=2TU", (2026, 1, 13), ["01-13", "02-10", "03-10"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", (2026, 1, 30), ["01-30", "02-27", "03-27"]),
    ],
)
def test_rule_gives_the_days_a_person_expects(rule, first, expected) -> None:
    found = series(rule, at(MOSCOW, *first, 15), most=3)

    assert [text[5:10] for text in found] == expected
    assert {text[11:] for text in found} == {"15:00"}


def test_29_february_returns_every_year_on_the_last_day_of_february() -> None:
    found = series("FREQ=YEARLY", at(MOSCOW, 2028, 2, 29, 10), most=6)

    assert [text[:10] for text in found] == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28",
    ]  # fmt: skip


def test_hour_stays_on_the_wall_when_the_clocks_change() -> None:
    found = series("FREQ=WEEKLY", at(BERLIN, 2026, 3, 25, 9), BERLIN, most=3)
    instants = [
        following("FREQ=WEEKLY", at(BERLIN, 2026, 3, 25, 9), at(BERLIN, 2026, 3, 25, 9), BERLIN)
    ]

    assert {text[11:] for text in found} == {"09:00"}
    assert instants == [datetime(2026, 4, 1, 7, tzinfo=UTC)]  # it was 08:00 UTC in winter


def test_time_that_spring_skips_comes_an_hour_later_and_only_that_day() -> None:
    found = series("FREQ=DAILY", at(BERLIN, 2026, 3, 28, 2, 30), BERLIN, most=3)

    assert found == ["2026-03-28 02:30", "2026-03-29 03:30", "2026-03-30 02:30"]


def test_time_that_autumn_repeats_is_its_first() -> None:
    first = at(BERLIN, 2026, 10, 24, 2, 30)

    assert following("FREQ=DAILY", first, first, BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_count_includes_the_first_task() -> None:
    assert len(series("FREQ=DAILY;COUNT=3", at(MOSCOW, 2026, 1, 1, 9))) == 3
    assert len(series("FREQ=WEEKLY;BYDAY=MO;COUNT=2", at(MOSCOW, 2026, 1, 7, 9))) == 2


@pytest.mark.parametrize(
    ("until", "length"), [("20260103", 3), ("20260103T085959", 2), ("20260103T060000Z", 3)]
)
def test_until_ends_the_series_and_a_bare_date_includes_its_day(until, length) -> None:
    assert len(series(f"FREQ=DAILY;UNTIL={until}", at(MOSCOW, 2026, 1, 1, 9))) == length


@pytest.mark.parametrize(
    "rule",
    [
        "", "daily", "FREQ=HOURLY", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=²",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=WEEKLY;BYDAY=2MO", "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO", "FREQ=YEARLY;BYDAY=MO", "FREQ=DAILY;BYMONTHDAY=1",
        "FREQ=DAILY;UNTIL=2027", "FREQ=DAILY;UNTIL=20270230", "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;" + "COUNT=1;" * 100, "FREQ", "FREQ=DAILY;COUNT",
    ],
)  # fmt: skip
def test_rule_outside_the_subset_is_refused(rule) -> None:
    with pytest.raises(Invalid) as refused:
        parse(rule)

    assert (refused.value.code, list(refused.value.fields)) == ("repeats_rule", ["repeats"])


def test_rule_is_read_as_calendars_write_it() -> None:
    assert parse(" rrule:freq=weekly;byday=mo,we ") == parse("FREQ=WEEKLY;BYDAY=MO,WE")


@settings(max_examples=60, deadline=None)
@given(
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 5),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    hour=st.integers(0, 23),
    zone=st.sampled_from([MOSCOW, BERLIN, "America/New_York"]),
)
def test_series_goes_on_without_gaps_at_the_same_hour(*, freq, interval, day, hour, zone) -> None:
    rule, first = f"FREQ={freq};INTERVAL={interval}", at(zone, day.year, day.month, day.day, hour)
    steps = {"DAILY": (1, 1), "WEEKLY": (7, 7), "MONTHLY": (28, 31), "YEARLY": (365, 366)}
    least, most = (days * interval for days in steps[freq])
    due = first
    for _ in range(4):
        later = following(rule, first, due, zone)
        assert later is not None
        gap = later.astimezone(ZoneInfo(zone)).date() - due.astimezone(ZoneInfo(zone)).date()
        assert least <= gap.days <= most
        assert later.astimezone(ZoneInfo(zone)).hour - hour in {0, 1}
        assert later.astimezone(ZoneInfo(zone)).day in {day.day, *range(28, 31)} or freq in {
            "DAILY",
            "WEEKLY",
        }
        due = later
    assert due > first + timedelta(days=least * 4 - 1)
