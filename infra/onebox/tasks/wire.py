"""Queues and tasks as the JSON of Cloud Tasks v2, both ways.

Source: cloudtasks v2 discovery document. Enums are accepted by name and by number, bytes are
base64, durations are seconds with an "s", times are RFC 3339. Output-only fields of a request
are ignored, unknown ones are refused, as Google does.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from onebox.tasks.errors import InvalidArgument
from onebox.tasks.model import DEFAULT_DEADLINE, HORIZON, Oidc, Queue, RateLimits, RetryConfig, Task
from onebox.tasks.names import check_task

MAX_TASK_BYTES = 1_048_576
MAX_HEADER_BYTES = 80 * 1024
_DEADLINES = (timedelta(seconds=15), timedelta(minutes=30))
_TASK_OUTPUT = {
    "createTime",
    "dispatchCount",
    "responseCount",
    "firstAttempt",
    "lastAttempt",
    "view",
}
_QUEUE_OUTPUT = {"state", "purgeTime", "stackdriverLoggingConfig"}
_REPLACED_HEADERS = re.compile(
    r"host|content-length|user-agent|x-(google|appengine|cloudtasks)-.*", re.IGNORECASE
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{1,9})?s")

M = TypeVar("M", bound=BaseModel)


def _read_duration(value: object) -> object:
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        return timedelta(seconds=float(value[:-1]))
    raise ValueError('a duration is a number of seconds with an "s", such as "3.5s"')


def _read_bytes(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("bytes are base64 text")  # noqa: TRY004 - pydantic collects ValueError
    plain = value.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def spell_duration(value: timedelta) -> str:
    """Return a duration as JSON has it, such as "0.100s" or "600s"."""
    micro = value // timedelta(microseconds=1)
    whole, part = divmod(micro, 1_000_000)
    return f"{whole}s" if part == 0 else f"{whole}.{part:06d}s"


Duration = Annotated[timedelta, BeforeValidator(_read_duration), PlainSerializer(spell_duration)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True
    )


class _RateLimits(_Wire):
    max_dispatches_per_second: float = Field(default=500.0, gt=0, le=500)
    max_burst_size: int | None = None
    max_concurrent_dispatches: int = Field(default=1000, ge=1, le=5000)


class _RetryConfig(_Wire):
    max_attempts: int = Field(default=100, ge=-1)
    max_retry_duration: Duration = timedelta(0)
    min_backoff: Duration = timedelta(seconds=0.1)
    max_backoff: Duration = timedelta(hours=1)
    max_doublings: int = Field(default=16, ge=0)


class _Queue(_Wire):
    name: str = ""
    rate_limits: _RateLimits = _RateLimits()
    retry_config: _RetryConfig = _RetryConfig()


class _OidcToken(_Wire):
    service_account_email: str = Field(min_length=1)
    audience: str = ""


class _HttpRequest(_Wire):
    url: str = Field(max_length=2083, pattern=r"^https?://[^\s/]+")
    http_method: Literal["POST", 1, "HTTP_METHOD_UNSPECIFIED", 0] = "POST"
    headers: Mapping[str, str] = Field(default_factory=dict)
    body: Annotated[bytes, BeforeValidator(_read_bytes)] = b""
    oidc_token: _OidcToken | None = None


class _Task(_Wire):
    name: str = ""
    http_request: _HttpRequest
    schedule_time: AwareDatetime | None = None
    dispatch_deadline: Duration = DEFAULT_DEADLINE
    retry_config: _RetryConfig | None = None


def _parse(model: type[M], data: object, ignored: set[str]) -> M:
    if not isinstance(data, Mapping):
        raise InvalidArgument("The request body must be a JSON object with the resource in it.")
    try:
        return model.model_validate({k: v for k, v in data.items() if k not in ignored})
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidArgument(f'Invalid value at "{where}": {first["msg"]}.') from exc


def queue_from_json(data: object) -> Queue:
    """Return the queue a client describes; what it leaves out has Google's defaults."""
    seen = _parse(_Queue, data, _QUEUE_OUTPUT)
    _check_backoff(seen.retry_config)
    rate = RateLimits(
        seen.rate_limits.max_dispatches_per_second, seen.rate_limits.max_concurrent_dispatches
    )
    return Queue(name=seen.name, rate=rate, retry=_retry(seen.retry_config))


def _retry(seen: _RetryConfig) -> RetryConfig:
    return RetryConfig(
        attempts=seen.max_attempts or RetryConfig().attempts,
        duration=seen.max_retry_duration,
        min_backoff=seen.min_backoff,
        max_backoff=seen.max_backoff,
        doublings=seen.max_doublings,
    )


def retry_to_json(retry: RetryConfig) -> dict[str, object]:
    """Return a retry configuration as JSON."""
    seen = _RetryConfig(
        max_attempts=retry.attempts,
        max_retry_duration=spell_duration(retry.duration),
        min_backoff=spell_duration(retry.min_backoff),
        max_backoff=spell_duration(retry.max_backoff),
        max_doublings=retry.doublings,
    )
    return seen.model_dump(by_alias=True)


def retry_from_json(data: object) -> RetryConfig:
    """Return the retry configuration behind `retry_to_json`."""
    return _retry(_parse(_RetryConfig, data, set()))


def queue_to_json(queue: Queue) -> dict[str, object]:
    """Return a queue as Google shows it."""
    shown: dict[str, object] = {
        "name": queue.name,
        "rateLimits": {
            "maxDispatchesPerSecond": queue.rate.per_second,
            "maxBurstSize": max(1, round(queue.rate.per_second)),
            "maxConcurrentDispatches": queue.rate.concurrent,
        },
        "retryConfig": retry_to_json(queue.retry),
        "state": queue.state.value,
    }
    if queue.purged is not None:
        shown["purgeTime"] = _spell(queue.purged)
    return shown


def task_from_json(data: object, queue: str, now: datetime) -> Task:
    """Return the task a client wants created in `queue` at `now`.

    Raises:
        InvalidArgument: a value is malformed or outside Google's limits.
    """
    seen = _parse(_Task, data, _TASK_OUTPUT)
    request = seen.http_request
    _check_limits(seen, now)
    oidc = request.oidc_token
    return Task(
        name=check_task(seen.name or f"{queue}/tasks/{secrets.randbits(64)}", queue),
        queue=queue,
        url=request.url,
        due=max(seen.schedule_time or now, now).astimezone(UTC),
        created=now,
        headers={k: v for k, v in request.headers.items() if not _REPLACED_HEADERS.fullmatch(k)},
        body=request.body,
        oidc=Oidc(oidc.service_account_email, oidc.audience or request.url) if oidc else None,
        deadline=seen.dispatch_deadline or DEFAULT_DEADLINE,
        retry=_retry(seen.retry_config) if seen.retry_config else None,
    )


def _check_backoff(seen: _RetryConfig | None) -> None:
    if seen is not None and not timedelta(0) <= seen.min_backoff <= seen.max_backoff:
        raise InvalidArgument("retryConfig needs 0s <= minBackoff <= maxBackoff.")


def _check_limits(seen: _Task, now: datetime) -> None:
    request = seen.http_request
    _check_backoff(seen.retry_config)
    for name, value in request.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidArgument("A header name or value has characters that HTTP forbids.")
    headers = sum(len(k) + len(v.encode()) for k, v in request.headers.items())
    if headers >= MAX_HEADER_BYTES:
        raise InvalidArgument("The headers of a task must be smaller than 80 KB.")
    if len(request.body) + headers + len(request.url) + len(seen.name) > MAX_TASK_BYTES:
        raise InvalidArgument("Task size too large: a task may have 1 MB.")
    if seen.schedule_time is not None and seen.schedule_time > now + HORIZON:
        raise InvalidArgument("The schedule time must be at most 30 days in the future.")
    shortest, longest = _DEADLINES
    if seen.dispatch_deadline and not shortest <= seen.dispatch_deadline <= longest:
        raise InvalidArgument("The dispatch deadline must be between 15 s and 30 min.")


def task_to_json(task: Task, *, full: bool = False) -> dict[str, object]:
    """Return a task as Google shows it; the body only in the full view."""
    shown: dict[str, object] = {
        "name": task.name,
        "httpRequest": _request_to_json(task, full=full),
        "scheduleTime": _spell(task.due),
        "createTime": _spell(task.created.replace(microsecond=0)),
        "dispatchDeadline": spell_duration(task.deadline),
        "view": "FULL" if full else "BASIC",
    }
    if task.retry is not None:
        shown["retryConfig"] = retry_to_json(task.retry)
    if task.dispatches:
        shown |= _attempts_to_json(task)
    return shown


def _request_to_json(task: Task, *, full: bool) -> dict[str, object]:
    request: dict[str, object] = {
        "url": task.url,
        "httpMethod": "POST",
        "headers": {**task.headers, "User-Agent": "Google-Cloud-Tasks"},
    }
    if task.oidc is not None:
        request["oidcToken"] = {
            "serviceAccountEmail": task.oidc.email,
            "audience": task.oidc.audience,
        }
    if full and task.body:
        request["body"] = base64.b64encode(task.body).decode()
    return request


def _attempts_to_json(task: Task) -> dict[str, object]:
    last = {
        "dispatchTime": _spell(task.last_dispatch),
        "responseTime": _spell(task.last_response),
    }
    shown: dict[str, object] = {k: v for k, v in last.items() if v}
    if task.status is not None:
        shown["responseStatus"] = {"code": 2, "message": task.reason}
    return {
        "dispatchCount": task.dispatches,
        "responseCount": task.responses,
        "firstAttempt": {"dispatchTime": _spell(task.first_dispatch)},
        "lastAttempt": shown,
    }


def _spell(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else ""
