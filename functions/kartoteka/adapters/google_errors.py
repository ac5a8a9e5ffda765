"""Google's HTTP errors as ours, for every client library that speaks to its REST services.

Source: the error shape of Google APIs: `{"error": {"code", "message", "status", "details"}}`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from kartoteka.domain.errors import (
    ConfigError,
    Conflict,
    KartotekaError,
    NotAllowed,
    NotFound,
    ProviderDown,
    RateLimited,
)

_SLOW_DOWN = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_STALE = ("failedPrecondition", "FAILED_PRECONDITION", "etag")
_TOO_MANY, _FORBIDDEN, _GONE, _BAD, _SERVER = 429, 403, 404, 400, 500


def error_of(status: int, body: bytes | str, headers: Mapping[str, str]) -> KartotekaError:
    """Return our error for an answer of Google; a page instead of JSON is an outage."""
    error = _error(body)
    message = str(error.get("message", ""))
    if status == _TOO_MANY or (status == _FORBIDDEN and _reasons(error) & _SLOW_DOWN):
        return RateLimited(message or "Google asks to slow down", retry_after=_pause(headers))
    if status >= _SERVER or not error:
        return ProviderDown(f"Google answered {status}", retry_after=_pause(headers))
    if status == _GONE:
        return NotFound(message or "Google does not know it", code="google_gone")
    if status == _BAD and any(word in json.dumps(error) for word in _STALE):
        return Conflict(message)
    if status == _FORBIDDEN:
        return NotAllowed(message, code="google_forbidden")
    reasons = ", ".join(sorted(_reasons(error)))
    return ConfigError(f"Google refused ({status}): {message} {reasons}".rstrip())


@contextmanager
def translated() -> Iterator[None]:
    """Turn what googleapiclient raises inside into our errors."""
    from google.auth.exceptions import RefreshError, TransportError
    from googleapiclient.errors import HttpError
    from httplib2 import HttpLib2Error

    try:
        yield
    except HttpError as exc:
        raise error_of(int(exc.resp.status), exc.content, dict(exc.resp)) from exc
    except RefreshError as exc:
        raise ConfigError("the office's Google account must be connected again") from exc
    except (TimeoutError, TransportError, HttpLib2Error, HTTPException, OSError) as exc:
        raise ProviderDown("Google does not answer") from exc


def _error(body: bytes | str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> set[str]:
    items = [*error.get("errors", []), *error.get("details", [])]
    return {str(item["reason"]) for item in items if isinstance(item, dict) and "reason" in item}


def _pause(headers: Mapping[str, str]) -> timedelta | None:
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdecimal() else None
