from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onebox.tasks.model import RETENTION, RetryConfig
from onebox.tasks.retry import SHORTEST, exhausted, pause, retry_after

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ZERO = timedelta(0)


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_pauses_of_googles_example():
    retry = RetryConfig(min_backoff=seconds(10), max_backoff=seconds(300), doublings=3)
    pauses = [pause(retry, failures).total_seconds() for failures in range(1, 9)]
    assert pauses == [10, 20, 40, 80, 160, 240, 300, 300]


@given(
    shortest=st.floats(0, 100),
    extra=st.floats(0, 5000),
    doublings=st.integers(0, 100),
    failures=st.integers(1, 500),
)
def test_pause_never_shrinks_and_stays_within_its_limits(shortest, extra, doublings, failures):
    retry = RetryConfig(
        min_backoff=seconds(shortest), max_backoff=seconds(shortest + extra), doublings=doublings
    )
    this, following = pause(retry, failures), pause(retry, failures + 1)
    assert this <= following
    assert min(retry.min_backoff, retry.max_backoff) <= this or this == SHORTEST
    assert this <= max(retry.max_backoff, SHORTEST)


def test_both_limits_set_both_must_be_reached():
    retry = RetryConfig(attempts=3, duration=seconds(60))
    assert not exhausted(retry, 3, seconds(59))
    assert not exhausted(retry, 2, seconds(61))
    assert exhausted(retry, 3, seconds(60))


def test_only_attempts_set_ends_by_attempts():
    assert exhausted(RetryConfig(attempts=3), 3, ZERO)
    assert not exhausted(RetryConfig(attempts=3), 2, timedelta(days=9))


def test_only_duration_set_ends_by_duration():
    retry = RetryConfig(attempts=-1, duration=seconds(60))
    assert not exhausted(retry, 1000, seconds(59))
    assert exhausted(retry, 1, seconds(60))


def test_no_limit_ends_with_the_retention():
    retry = RetryConfig(attempts=-1)
    assert not exhausted(retry, 100_000, RETENTION - seconds(1))
    assert exhausted(retry, 1, RETENTION)


def test_retry_after_in_seconds_is_read_whatever_the_case_of_the_header():
    assert retry_after({"retry-AFTER": " 120 "}, NOW) == seconds(120)


def test_retry_after_as_a_date_counts_from_now():
    assert retry_after({"Retry-After": "Mon, 23 Nov 2026 09:02:00 GMT"}, NOW) == seconds(120)


def test_retry_after_in_the_past_is_no_wait():
    assert retry_after({"Retry-After": "Mon, 23 Nov 2020 09:02:00 GMT"}, NOW) == ZERO


@given(st.one_of(st.text(max_size=30), st.integers().map(str)))
def test_any_retry_after_gives_a_bounded_wait(value):
    assert ZERO <= retry_after({"Retry-After": value}, NOW) <= RETENTION
