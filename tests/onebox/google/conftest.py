"""A stand-in in a temporary file, and Google's real client library talking to it in-process."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httplib2
import pytest
from googleapiclient.discovery import build
from tests.onebox.google.google_shapes import wrong_shapes

from onebox.google.app import Google, GoogleOptions, build_google
from onebox.google.methods import resolve
from onebox.google.wire import Answer, Request

OFFICE = "office@example.ru"
VERSIONS = {"people": "v1", "drive": "v3"}


class OfficeClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


class InProcess:
    """What googleapiclient takes for an httplib2.Http: it asks the front door directly.

    Every JSON answer with status 200 is checked against the discovery document.
    """

    def __init__(self, google: Google, email: str) -> None:
        self._google = google
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
        answer = self._google.front.answer(Request(method, path, query, lowered, raw))
        _check(method, path, answer)
        head = {**answer.headers, "status": str(answer.status)}
        return httplib2.Response(head), answer.body

    def close(self) -> None:
        """Nothing is open."""


def _check(http: str, path: str, answer: Answer) -> None:
    known = path if "/v" in path or path.startswith("v") else f"drive/v3/{path}"
    found = resolve(http, known)
    if found is None or answer.status != 200 or "json" not in answer.headers["content-type"]:
        return
    method, _ = found
    assert wrong_shapes(method.service, method.response, json.loads(answer.body)) == []


@pytest.fixture
def office_clock() -> OfficeClock:
    return OfficeClock()


@pytest.fixture
def options() -> GoogleOptions:
    return GoogleOptions(quotas=False)


@pytest.fixture
def google(tmp_path: Path, office_clock: OfficeClock, options: GoogleOptions) -> Iterator[Google]:
    opened = build_google(tmp_path / "google.sqlite3", office_clock, options)
    yield opened
    opened.close()


@pytest.fixture
def client(google: Google) -> Callable[..., Any]:
    """Build googleapiclient's service object: `client("people", "anna@example.ru")`."""

    def built(service: str, email: str = OFFICE) -> Any:
        endpoint = {"api_endpoint": "http://stand-in/google/"}
        http = InProcess(google, email)
        return build(service, VERSIONS[service], http=http, client_options=endpoint)

    return built


@pytest.fixture
def people(client: Callable[..., Any]) -> Any:
    return client("people").people()


@pytest.fixture
def groups(client: Callable[..., Any]) -> Any:
    return client("people").contactGroups()


@pytest.fixture
def drive(client: Callable[..., Any]) -> Any:
    return client("drive")
