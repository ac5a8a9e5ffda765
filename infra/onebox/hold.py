"""One office, one server: the data folder is held by the process that serves it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kartoteka.domain.errors import ConfigError
from onebox.office import serving

HOLD_FILE = "serving.lock"


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold an existing data folder inside the block.

    Two servers of one folder would send every queued call twice and take turns in the same
    workbook. The hold is a lock of an empty database: it dies with the process, however that ends.

    Raises:
        ConfigError: another process serves this folder.
    """
    with closing(sqlite3.connect(data / HOLD_FILE, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as exc:
            raise ConfigError(_taken(data)) from exc
        yield


def _taken(data: Path) -> str:
    place = serving(data)
    where = f" at {place.base_url} by the process {place.pid}" if place else ""
    return f"the office in {data} is served already{where}; stop that, or choose another --data"
