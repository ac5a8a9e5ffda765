"""A whole intake: the platform's web server around the entry point, a real store, a still clock."""

from collections.abc import Iterator
from pathlib import Path

import functions_framework
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.fakes import FakeTasks, FixedClock, TrustingCallers, TrustingTopics
from tests.furnished import furnish

from kartoteka import wiring
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.settings import Settings
from kartoteka.wiring import App

_SOURCE = Path(__file__).parents[2] / "functions" / "main.py"


@pytest.fixture(scope="session")
def served() -> Flask:
    return functions_framework.create_app("ingest", str(_SOURCE))


OUR_ERRORS = ("read_failed", "decide_failed")  # kept for an upgrade; only their own tests make any


@pytest.fixture
def app(
    tmp_path: Path, store: Store, clock: FixedClock, request: pytest.FixtureRequest
) -> Iterator[App]:
    furnish(tmp_path / "kartoteka.db")
    made = App(Settings(data=tmp_path), clock, lambda _: store)
    vars(made)["tasks"] = FakeTasks()
    vars(made)["topics"] = TrustingTopics()
    vars(made)["callers_of"] = lambda _: TrustingCallers()
    wiring.install(made)
    yield made
    wiring._installed.clear()
    if request.path.stem != "test_our_errors":
        waiting = Query(
            "inbounds", (Where("state", "==", "unknown"),), (Order("at", descending=True),)
        )
        assert {row.doc["why"] for row in store.query(waiting)}.isdisjoint(OUR_ERRORS)


@pytest.fixture
def http(served: Flask, app: App) -> FlaskClient:
    return served.test_client()
