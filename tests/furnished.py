"""The law office of the preset, made once per test process and copied into each test."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fakes import FixedClock

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.ports import Tx
from kartoteka.services.setup import Preset, read_preset, set_up

USED_BY_MOST = ("activities", "checkpoints", "clients", "inbounds", "keys", "leads")


@cache
def law_firm() -> Preset:
    return read_preset("law_firm")


@cache
def _made_once() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "office.db"
        store = SqliteStore(path)
        set_up(store, FixedClock(), law_firm())
        store.run(_tables)
        store.close()
        return path.read_bytes()


def _tables(tx: Tx) -> None:
    """Have the tables made that most tests use, once and not in each: any write makes them."""
    for collection in USED_BY_MOST:
        tx.delete(collection, "nobody")


def furnish(path: Path) -> None:
    """Put an office where a store will be opened; the store must not have been used yet."""
    path.write_bytes(_made_once())
