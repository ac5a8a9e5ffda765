"""What tests of the stand-in use: a clock, and Google's client library without a socket."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httplib2
from tests.onebox.google.discovery_check import problems

from onebox.google.app import Google
from onebox.google.methods import SERVICES, resolve
from onebox.google.wire import Answer, Request


class OfficeClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class Door:
    """Where the clients of all tests lead; each test puts its own stand-in behind it."""

    google: Google


class InProcess:
    """What googleapiclient takes for an httplib2.Http: it asks the front door directly.

    Every JSON answer with status 200 is checked against the discovery document.
    """

    def __init__(self, door: Door, email: str) -> None:
        self._door = door
        self._email = email

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> tuple[httplib2.Response, bytes]:
        parts = urlsplit(uri)
        lowered = {key.lower(): value for key, value in (headers or {}).items()}
        lowered["authorization"] = f"Bearer stand-in:{self._email}"
        raw = body.encode() if isinstance(body, str) else body or b""
        path = parts.path.removeprefix("/google/")
        query = parse_qsl(parts.query, keep_blank_values=True)
        answer = self._door.google.front.answer(Request(method, path, query, lowered, raw))
        _check_shape(lowered.get("x-http-method-override", method), path, answer)
        head = {**answer.headers, "status": str(answer.status)}
        return httplib2.Response(head), answer.body

    def close(self) -> None:
        """Nothing is open."""


def _check_shape(http: str, path: str, answer: Answer) -> None:
    if answer.status != 200 or "json" not in answer.headers["content-type"]:
        return
    path = path.removeprefix("upload/")
    bare = "calendar" if path.startswith(("calendars", "users")) else "drive"
    known = path if path.startswith(("v1/", "drive/", "gmail/")) else f"{bare}/v3/{path}"
    found = resolve(http, known)
    assert found is not None
    method, _ = found
    version = SERVICES[method.service]
    assert problems(json.loads(answer.body), method.response, method.service, version) == []
