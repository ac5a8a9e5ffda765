"""The API of a law office with records of two managers."""

from collections.abc import Iterator

import pytest
from tests.api.api_office import Api, api_of, furnished
from tests.conftest import STORE
from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.wake import Waker


@pytest.fixture
def api(desk: Desk) -> Api:
    furnished(desk)
    return api_of(desk, api_calls_per_minute=0)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The same for tests that only look, or are refused: one office for a whole module."""
    path = tmp_path_factory.mktemp("still") / STORE
    furnish(path)
    store, clock, tasks = SqliteStore(path), FixedClock(), FakeTasks()
    desk = Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
    furnished(desk)
    yield api_of(desk, api_calls_per_minute=0)
    store.close()
