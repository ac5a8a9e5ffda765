"""The law office of the preset, made once per test process and copied into each test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fakes import FixedClock

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services.setup import Preset, read_preset, set_up


@cache
def law_firm() -> Preset:
    return read_preset("law_firm")


@cache
def _made_once() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "office.db"
        store = SqliteStore(path)
        set_up(store, FixedClock(), law_firm())
        store.close()
        return path.read_bytes()


def furnish(path: Path) -> None:
    """Put an office where a store will be opened; the store must not have been used yet."""
    path.write_bytes(_made_once())
