"""The moment of a letter, in the forms that programs give it."""

from datetime import UTC, datetime

import pytest

from ingest.mail.dates import moment

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        "Mon, 23 Nov 2026 12:00:00 +0300",
        "Mon, 23 Nov 2026 12:00:00 +0300 (MSK)",
        "Mon, 23 Nov 2026 12:00:00 +03:00",
        "Mon, 23 Nov 2026 12:00:00 GMT+3",
        "Mon, 23 Nov 2026 12:00:00 UTC+0300",
        "Mon, 23 Nov 26 09:00 GMT",
        "23 Nov 2026 12:00:00 MSK",
        "Пн, 23 ноя 2026 12:00:00 +0300",
        "23 ноября 2026 г. 12:00 +0300",
        "Mon, 23 Nov 2026 09:00:00 AM +0000",
        "Mon, 23 Nov 2026 9:00:00 am +0000",
        "Mon Nov 23 09:00:00 2026",
        "Mon Nov 23 12:00:00 MSK 2026",
        "2026-11-23T12:00:00+03:00",
        "2026-11-23T09:00:00Z",
        "2026-11-23 09:00:00",
        "23.11.2026 12:00 +0300",
        '"Mon, 23 Nov 2026 09:00:00 GMT"',
        "Date: Mon, 23 Nov 2026 12:00:00 +0300",
    ],
)
def test_moment_in_a_form_of_some_program_is_read(said: str) -> None:
    assert moment(said) == NINE


def test_leap_second_is_the_second_before_it() -> None:
    assert moment("Sat, 31 Dec 2016 23:59:60 +0000") == datetime(
        2016, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "said",
    [
        "",
        "soon",
        "Mon, 31 Feb 2026 12:00:00 +0300",
        "32.11.2026 12:00",
        "Mon, 23 Nov 1026 12:00:00 +0300",
        "Mon, 23 Nov 2026 12:00:00 +9959",
    ],
)
def test_text_that_names_no_moment_is_none(said: str) -> None:
    assert moment(said) is None
