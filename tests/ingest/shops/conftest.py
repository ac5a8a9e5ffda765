"""The intake of an office that sells goods, at noon."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes import FakeTasks, FixedClock

from kartoteka import wiring
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.setup import read_preset, set_up
from kartoteka.settings import Settings
from kartoteka.wiring import App


@pytest.fixture
def app(tmp_path: Path, clock: FixedClock) -> Iterator[App]:
    store = SqliteStore(tmp_path / "shop.db")
    set_up(store, clock, read_preset("shop"))
    clock.advance(timedelta(hours=3))
    made = App(Settings(data=tmp_path), clock, lambda _: store)
    vars(made)["tasks"] = FakeTasks()
    wiring.install(made)
    yield made
    wiring._installed.clear()
    store.close()
