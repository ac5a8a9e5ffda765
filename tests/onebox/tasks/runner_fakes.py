"""A worker that answers as told, and a runner around it."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from onebox.clock import BoxClock
from onebox.tasks.local import LocalTasks, Setup
from onebox.tasks.model import Queue, RateLimits, RetryConfig, Task
from onebox.tasks.schedule import Job

LOCATION = "projects/p/locations/l"
BASE_URL = "http://127.0.0.1:9"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Reply = tuple[int, Mapping[str, str]]


def queue(name: str = "q", concurrent: int = 1000, **retry: object) -> Queue:
    return Queue(
        f"{LOCATION}/queues/{name}",
        RateLimits(concurrent=concurrent),
        replace(RetryConfig(), **retry),
    )


def task(name: str, due: datetime = START, path: str = "/call", queue: str = "q") -> Task:
    full = f"{LOCATION}/queues/{queue}"
    return Task(f"{full}/tasks/{name}", full, BASE_URL + path, due, due)


@dataclass(frozen=True)
class Hit:
    path: str
    at: datetime
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return self.headers.get("X-CloudTasks-TaskName", "")


@dataclass
class FakeWorker:
    """Answers 200, or the next of the answers planned for a path; `on` may do more."""

    clock: BoxClock
    plans: dict[str, list[Reply]] = field(default_factory=dict)
    on: dict[str, Callable[[], None]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    busiest: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    timeouts: list[float] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Reply:
        path = urlsplit(url).path
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            self.timeouts.append(timeout_s)
            self.hits.append(Hit(path, self.clock.now(), headers, body))
            plan = self.plans.get(path, [])
            reply = plan.pop(0) if plan else (200, {})
        try:
            self.on.get(path, lambda: None)()
        finally:
            with self._lock:
                self._busy -= 1
        return reply

    def wait_for(self, count: int, seconds: float = 60.0) -> list[Hit]:
        end = time.monotonic() + seconds
        while len(self.hits) < count and time.monotonic() < end:
            time.sleep(0.002)
        assert len(self.hits) >= count, f"{len(self.hits)} of {count} calls came"
        return self.hits


def sign(email: str, audience: str) -> str:
    return f"{email}|{audience}"


def runner(
    data: Path,
    worker: FakeWorker,
    queues: Sequence[Queue] = (),
    jobs: Sequence[Job] = (),
) -> LocalTasks:
    setup = Setup(
        data=data,
        base_url=BASE_URL,
        email="jobs@box",
        sign=sign,
        queues=queues or [queue()],
        jobs=jobs,
        post=worker.post,
    )
    return LocalTasks(setup, worker.clock)


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.002)
    assert true()
