"""A stand-in in a temporary file, and Google's own client library in front of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.discovery import build
from tests.onebox.google.google_desk import InProcess, OfficeClock

from onebox.google.app import Google, GoogleOptions, build_google
from onebox.google.methods import SERVICES

OFFICE = "office@example.ru"


@pytest.fixture
def office_clock() -> OfficeClock:
    return OfficeClock()


@pytest.fixture
def google(tmp_path: Path, office_clock: OfficeClock) -> Iterator[Google]:
    options = GoogleOptions(quotas=False)
    opened = build_google(tmp_path / "google.sqlite3", office_clock, options)
    yield opened
    opened.close()


@pytest.fixture
def client(google: Google) -> Callable[..., Any]:
    """Build googleapiclient's service object: `client("people", "anna@example.ru")`."""

    def built(service: str, email: str = OFFICE) -> Any:
        endpoint = {"api_endpoint": "http://stand-in/google/"}
        http = InProcess(google, email)
        return build(service, SERVICES[service], http=http, client_options=endpoint)

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
