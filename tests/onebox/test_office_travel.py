"""How the clock of a box is told to move."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.errors import Invalid, Malformed
from onebox.travel import span, target

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("3h", 10_800), ("2d", 172_800), ("1h30m", 5400), (" 1H ", 3600)],
)
def test_duration_in_letters_is_understood(text, seconds):
    assert span(text) == timedelta(seconds=seconds)


@given(*(st.integers(0, 999) for _ in range(4)))
def test_duration_of_parts_is_their_sum(days, hours, minutes, seconds):
    text = f"{days}d{hours}h{minutes}m{seconds}s"
    total = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if total:
        assert span(text) == total
    else:
        with pytest.raises(Invalid):
            span(text)


@pytest.mark.parametrize(
    "text", ["", "soon", "-3h", "3", "h", "0m", "1.5h", "3h2d", "9" * 30 + "s"]
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(Invalid, match="1h30m"):
        span(text)


def test_moment_with_a_zone_is_taken_as_it_is():
    wanted = datetime(2026, 11, 23, 15, tzinfo=UTC)

    assert target({"set": "2026-11-23T18:00+03:00"}, NOW, "Asia/Omsk") == wanted


def test_moment_without_a_zone_is_the_offices_local_time():
    wanted = datetime(2026, 11, 23, 15, tzinfo=UTC)

    assert target({"set": "2026-11-23T18:00"}, NOW, "Europe/Moscow") == wanted


@pytest.mark.parametrize("text", ["soon", "", "18:00", "2026-13-01"])
def test_moment_that_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(Invalid, match="2026-11-23T18:00"):
        target({"set": text}, NOW, "Europe/Moscow")


@pytest.mark.parametrize(
    "body", [None, [], {}, {"advance": 3}, {"set": "x", "advance": "3h"}, {"forward": "3h"}]
)
def test_body_of_another_shape_is_refused_with_an_example(body):
    with pytest.raises(Malformed, match="advance"):
        target(body, NOW, "Europe/Moscow")
