"""The HTTP calls the runner makes: tasks as Cloud Tasks makes them, jobs as Cloud Scheduler."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime

import httpx

from kartoteka.ports import Clock
from onebox.tasks.model import Oidc, Outcome, Task
from onebox.tasks.retry import retry_after
from onebox.tasks.schedule import Job

Post = Callable[[str, Mapping[str, str], bytes, float], tuple[int, Mapping[str, str]]]
"""(url, headers, body, timeout in seconds) to (status, headers); raises when nobody answers."""

Sign = Callable[[str, str], str]
"""(service account e-mail, audience) to a token."""

_log = logging.getLogger("onebox.tasks")


class HttpPost:
    """Posts with one shared pool of connections; usable by all threads."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(trust_env=False)

    def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str]]:
        answer = self._client.post(url, headers=dict(headers), content=body, timeout=timeout_s)
        return answer.status_code, answer.headers

    def close(self) -> None:
        self._client.close()


class Caller:
    """Makes the calls and reports how they ended."""

    def __init__(self, post: Post, sign: Sign, clock: Clock) -> None:
        self._post = post
        self._sign = sign
        self._clock = clock

    def call_task(self, task: Task) -> Outcome:
        """Make one attempt of a begun task; what the transport raises goes through."""
        headers = {**task.headers, **_task_headers(task), **self._identity(task.oidc)}
        return self._call(task.url, headers, task.body, task.deadline.total_seconds())

    def call_job(self, job: Job, url: str, due: datetime, oidc: Oidc) -> Outcome:
        """Make one run of a periodic job; what the transport raises goes through."""
        headers = {
            "User-Agent": "Google-Cloud-Scheduler",
            "Content-Type": "application/json",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": job.name,
            "X-CloudScheduler-ScheduleTime": due.astimezone(UTC).isoformat(),
            **self._identity(oidc),
        }
        return self._call(url, headers, b"{}", job.deadline.total_seconds())

    def _call(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Outcome:
        status, answered = self._post(url, headers, body, timeout_s)
        outcome = Outcome(status, "", retry_after(answered, self._clock.now()))
        return outcome if outcome.ok else Outcome(status, f"HTTP {status}", outcome.retry_after)

    def _identity(self, oidc: Oidc | None) -> dict[str, str]:
        if oidc is None:
            return {}
        return {"Authorization": f"Bearer {self._sign(oidc.email, oidc.audience)}"}


def outcome_of(ended: "Future[Outcome]", name: str) -> Outcome:
    """Return how a call ended; a call that raised ended without an answer."""
    error = ended.exception()
    if error is None:
        return ended.result()
    _log.warning("call %s got no answer: %s", name, type(error).__name__)
    return Outcome(0, f"no answer: {type(error).__name__}")


def _task_headers(task: Task) -> dict[str, str]:
    headers = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": task.queue.rsplit("/", 1)[-1],
        "X-CloudTasks-TaskName": task.id,
        "X-CloudTasks-TaskRetryCount": str(task.dispatches - 1),
        "X-CloudTasks-TaskExecutionCount": str(task.executions),
        "X-CloudTasks-TaskETA": f"{task.due.timestamp():.6f}",
    }
    if task.status is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(task.status)
        headers["X-CloudTasks-TaskRetryReason"] = task.reason
    return headers
