"""Queues and tasks as the runner holds them. Names are full resource names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

RETENTION = timedelta(days=31)
HORIZON = timedelta(days=30)
TOMBSTONE = timedelta(hours=24)
DEFAULT_DEADLINE = timedelta(minutes=10)


class QueueState(StrEnum):
    """Whether a queue's tasks are dispatched."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How fast a queue may dispatch; the defaults and maxima are Google's."""

    per_second: float = 500.0
    concurrent: int = 1000


@dataclass(frozen=True, slots=True)
class RetryConfig:
    """When a failed attempt is repeated.

    `attempts` -1 means no limit; `duration` zero means no limit. With both limits set, both
    must be reached before the task is given up.
    """

    attempts: int = 100
    duration: timedelta = timedelta(0)
    min_backoff: timedelta = timedelta(seconds=0.1)
    max_backoff: timedelta = timedelta(hours=1)
    doublings: int = 16


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and its limits."""

    name: str
    rate: RateLimits = RateLimits()
    retry: RetryConfig = RetryConfig()
    state: QueueState = QueueState.RUNNING
    purged: datetime | None = None


@dataclass(frozen=True, slots=True)
class Oidc:
    """Whose identity token accompanies the call, and for which audience."""

    email: str
    audience: str


@dataclass(frozen=True, slots=True)
class Task:
    """One delayed call and what happened to it so far.

    `dispatches` counts attempts begun, `responses` those that were answered, `executions` those
    answered by the handler itself (not 5xx). `status` is the last HTTP status, 0 for no answer.
    `forced` tasks ignore their queue's state and limits.
    """

    name: str
    queue: str
    url: str
    due: datetime
    created: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    oidc: Oidc | None = None
    deadline: timedelta = DEFAULT_DEADLINE
    retry: RetryConfig | None = None
    dispatches: int = 0
    responses: int = 0
    executions: int = 0
    first_dispatch: datetime | None = None
    last_dispatch: datetime | None = None
    last_response: datetime | None = None
    status: int | None = None
    reason: str = ""
    forced: bool = False

    @property
    def id(self) -> str:
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt; `status` is 0 when nobody answered."""

    status: int
    reason: str = ""
    retry_after: timedelta = timedelta(0)

    @property
    def ok(self) -> bool:
        return 200 <= self.status <= 299  # noqa: PLR2004 - the definition of success in HTTP
