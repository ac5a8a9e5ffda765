"""Google's per-minute quotas, refilled by real time.

Source: the usage limits page of the Sheets API (300 reads and 300 writes a minute for a project,
60 and 60 for a user). Those of People, Drive and Calendar are the defaults that projects report.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from onebox.google.errors import GoogleError, canonical
from onebox.google.methods import Method

MINUTE_S = 60.0


@dataclass(frozen=True)
class Limit:
    """So many requests of a kind in a minute, for the project or for each user."""

    service: str
    metric: str
    title: str
    per_user: bool
    per_minute: int


LIMITS = (
    Limit("sheets", "read_requests", "Read requests", per_user=False, per_minute=300),
    Limit("sheets", "read_requests", "Read requests", per_user=True, per_minute=60),
    Limit("sheets", "write_requests", "Write requests", per_user=False, per_minute=300),
    Limit("sheets", "write_requests", "Write requests", per_user=True, per_minute=60),
    Limit("people", "read_requests", "Read requests", per_user=True, per_minute=120),
    Limit("people", "critical_write_requests", "Critical write requests", True, 90),
    Limit("drive", "default_requests", "Queries", per_user=False, per_minute=12_000),
    Limit("drive", "default_requests", "Queries", per_user=True, per_minute=12_000),
    Limit("gmail", "reads", "Reads", per_user=True, per_minute=300),  # of 20 units of 6,000
    Limit("gmail", "sends", "Sends", per_user=True, per_minute=60),  # of 100 units of 6,000
    Limit("calendar", "default", "Queries", per_user=False, per_minute=10_000),
    Limit("calendar", "default", "Queries", per_user=True, per_minute=600),
)
_METRICS = {
    "sheets": ("read_requests", "write_requests"),
    "people": ("read_requests", "critical_write_requests"),
    "drive": ("default_requests", "default_requests"),
    "gmail": ("reads", "sends"),
    "calendar": ("default", "default"),
}


class Quota:
    """Counts requests and refuses those beyond a limit.

    Args:
        scale: every limit is multiplied by it.
        project_number: named in the refusal, as Google does.
        timer: seconds that only grow; not the office clock, which may be virtual.
    """

    def __init__(
        self,
        scale: float = 1.0,
        project_number: str = "0",
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scale = scale
        self._project = project_number
        self._timer = timer
        self._lock = threading.Lock()
        self._windows: dict[tuple[Limit, str], tuple[float, int]] = {}

    def charge(self, method: Method, user: str) -> None:
        """Count one request; a refused one is not counted.

        Raises:
            GoogleError: 429 RESOURCE_EXHAUSTED naming the limit that is used up.
        """
        metric = _METRICS[method.service][method.writes]
        with self._lock:
            keys = [
                (limit, user if limit.per_user else "")
                for limit in LIMITS
                if (limit.service, limit.metric) == (method.service, metric)
            ]
            for key in keys:
                if self._used(key) >= key[0].per_minute * self._scale:
                    raise self._refusal(key[0])
            for key in keys:
                start, count = self._windows[key]
                self._windows[key] = (start, count + 1)

    def _used(self, key: tuple[Limit, str]) -> int:
        now = self._timer()
        start, count = self._windows.get(key, (now, 0))
        if now - start >= MINUTE_S:
            start, count = now, 0
        self._windows[key] = (start, count)
        return count

    def _refusal(self, limit: Limit) -> GoogleError:
        period = "per minute per user" if limit.per_user else "per minute"
        host = f"{limit.service}.googleapis.com"
        message = (
            f"Quota exceeded for quota metric '{limit.title}' and limit '{limit.title} {period}'"
            f" of service '{host}' for consumer 'project_number:{self._project}'."
        )
        return exhausted(message, self._metadata(limit, host))

    def _metadata(self, limit: Limit, host: str) -> dict[str, str]:
        name = limit.title.title().replace(" ", "") + "PerMinute"
        return {
            "consumer": f"projects/{self._project}",
            "quota_limit": name + ("PerUser" if limit.per_user else "PerProject"),
            "quota_limit_value": f"{int(limit.per_minute * self._scale)}",
            "quota_location": "global",
            "quota_metric": f"{host}/{limit.metric}",
            "quota_unit": "1/min/{project}" + ("/{user}" if limit.per_user else ""),
            "service": host,
        }


def exhausted(message: str, metadata: Mapping[str, str]) -> GoogleError:
    """Return the 429 of a rate limit, with the details that Google adds."""
    return canonical(
        "RESOURCE_EXHAUSTED",
        message,
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": dict(metadata),
            },
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [
                    {
                        "description": "Request a higher quota limit.",
                        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
                    }
                ],
            },
        ],
    )
