"""Fixtures for every test: a real store in a temporary file and a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes import FakeTasks, FixedClock

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.ports import Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.wake import Waker


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = SqliteStore(tmp_path / "kartoteka.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tasks() -> FakeTasks:
    return FakeTasks()


@pytest.fixture
def desk(store: Store, clock: FixedClock, tasks: FakeTasks) -> Desk:
    """The ten-person law office of the preset, on a Monday morning."""
    set_up(store, clock, read_preset("law_firm"))
    return Desk(store, tasks, clock, SettingsCache(store, ttl_s=3600), Waker(tasks, clock))
