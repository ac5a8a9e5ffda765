"""When a failed task runs again, and when it is given up.

Source: Cloud Tasks v2 reference, RetryConfig.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from onebox.tasks.model import RETENTION, RetryConfig

# A pause of zero would spin, and would stop a virtual clock for ever.
SHORTEST = timedelta(milliseconds=100)
# Beyond this many doublings any pause is over every maximum.
_DOUBLINGS_THAT_MATTER = 40


def pause(retry: RetryConfig, failures: int) -> timedelta:
    """Return the time to wait after the `failures`-th failure (1 for the first).

    The pause doubles `doublings` times, then grows linearly, and stays at `max_backoff`.
    """
    step = failures - 1
    doubled = min(step, retry.doublings, _DOUBLINGS_THAT_MATTER)
    linear = max(step - retry.doublings, 0) + 1
    seconds = retry.min_backoff.total_seconds() * 2.0**doubled * linear
    longest = retry.max_backoff.total_seconds()
    return max(timedelta(seconds=min(seconds, longest)), SHORTEST)


def exhausted(retry: RetryConfig, attempts: int, since_first: timedelta) -> bool:
    """Tell whether no further attempt is made.

    A limit that is not set (-1 attempts, zero duration) is left out; every limit that is set
    must be reached. With no limit at all the retention of a task is the end.
    """
    limits = []
    if retry.attempts != -1:
        limits.append(attempts >= retry.attempts)
    if retry.duration > timedelta(0):
        limits.append(since_first >= retry.duration)
    return since_first >= RETENTION or (bool(limits) and all(limits))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long the answer asks to wait; zero when it does not ask, or unreadably."""
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value), 10**9)), RETENTION)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return timedelta(0)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), RETENTION)
