"""A stand-in in a temporary file, and Google's own client library in front of it."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.discovery import build
from tests.onebox.google.google_desk import Door, InProcess, OfficeClock

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


@pytest.fixture(scope="session")
def door() -> Door:
    return Door()


@pytest.fixture(scope="session")
def library(door: Door) -> Callable[..., Any]:
    """Build googleapiclient's service objects once: that is slower than most tests."""

    @cache
    def built(service: str, email: str) -> Any:
        endpoint = {"api_endpoint": "http://stand-in/google/"}
        http = InProcess(door, email)
        return build(service, SERVICES[service], http=http, client_options=endpoint)

    return built


@pytest.fixture(scope="session")
def office_resources(library: Callable[..., Any]) -> tuple[Any, Any]:
    service = library("people", OFFICE)
    return service.people(), service.contactGroups()


@pytest.fixture
def client(google: Google, door: Door, library: Callable[..., Any]) -> Callable[..., Any]:
    """Return googleapiclient's service object: `client("people", "anna@example.ru")`."""
    door.google = google
    return lambda service, email=OFFICE: library(service, email)


@pytest.fixture
def people(client: Callable[..., Any], office_resources: tuple[Any, Any]) -> Any:
    return office_resources[0]


@pytest.fixture
def groups(client: Callable[..., Any], office_resources: tuple[Any, Any]) -> Any:
    return office_resources[1]


@pytest.fixture
def drive(client: Callable[..., Any]) -> Any:
    return client("drive")
