"""Fixtures for every test: a real store in a temporary file and a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes import FixedClock

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.ports import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = SqliteStore(tmp_path / "kartoteka.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
