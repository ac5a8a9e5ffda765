"""Connections to one SQLite file, its settings, and its errors in our words.

WAL with synchronous=FULL: a commit is on disk when it returns, and readers never wait for
writers. A connection serves one caller at a time and then the next, whatever its thread; opening
one costs more than a read. Connections must not be carried across a fork.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kartoteka.adapters import sqlite_checkpoint
from kartoteka.domain.errors import ConfigError, KartotekaError, ProviderDown, Transient

_IDLE_LIMIT = 32
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -16384",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # what a person asked to forget is overwritten in the file too
    sqlite_checkpoint.SETTING,
)
MAPPED_BYTES = 1 << 30
_PASSING = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT", "SQLITE_PROTOCOL"}
_OUTAGE = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM"}


def translated(exc: sqlite3.Error) -> KartotekaError:
    """Return our error for one of SQLite's; the text names no values."""
    name = getattr(exc, "sqlite_errorname", "") or type(exc).__name__
    if is_busy(exc):
        return Transient("the database file is busy with another process: repeat later")
    if name.startswith(tuple(_OUTAGE)):
        return ProviderDown(f"the disk refuses the database file ({name}): free or repair the disk")
    return ConfigError(f"the database file cannot be used ({name}): check the path and the file")


def is_busy(exc: sqlite3.Error) -> bool:
    """Return whether another process holds the file, so that waiting helps."""
    return str(getattr(exc, "sqlite_errorname", "")).startswith(tuple(_PASSING))


class Connections:
    """Lends connections to one file; the least recently used rest."""

    def __init__(self, path: Path, patience_s: float, mapped_bytes: int = MAPPED_BYTES) -> None:
        self._path = path
        self._patience_s = patience_s
        self._mapping = f"PRAGMA mmap_size = {mapped_bytes:d}"
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection outside any transaction, and take it back so."""
        if self._closed:
            raise ConfigError("the store is closed: use it before close()")
        connection = self._idle.pop() if self._idle else self._open()
        try:
            yield connection
        except sqlite3.Error as exc:
            raise translated(exc) from exc
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Close what is idle now, and each lent connection when it returns."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _take_back(self, connection: sqlite3.Connection) -> None:
        """Undo what was left open; a connection that cannot is closed, which undoes it too."""
        try:
            if connection.in_transaction:
                connection.rollback()
        except sqlite3.Error:
            connection.close()
            return
        if self._closed or len(self._idle) >= _IDLE_LIMIT:
            connection.close()
        else:
            self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path,
                timeout=min(1.0, self._patience_s),
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        except sqlite3.Error as exc:
            raise translated(exc) from exc
        return self._prepared(connection)

    def _prepared(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Apply the settings; the first opener switches the file to WAL while others wait."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                for setting in (*_SETTINGS, self._mapping):
                    connection.execute(setting)
            except sqlite3.Error as exc:
                if is_busy(exc) and time.monotonic() < deadline:
                    time.sleep(0.01)
                    continue
                connection.close()
                raise translated(exc) from exc
            return connection
