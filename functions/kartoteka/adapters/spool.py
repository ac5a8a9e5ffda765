"""Any number of lines put in the order of their names, on the disk instead of in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

from kartoteka.adapters.sqlite_connections import translated

_CACHE_KIB = 8_192


def in_order(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (name, line) in the order of the names' UTF-8 bytes; names are used once.

    They wait in a temporary file of SQLite, which goes with the last of them.

    Raises:
        ConfigError: the disk refuses.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as spool:
            spool.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            spool.execute("PRAGMA journal_mode = OFF")
            spool.execute("CREATE TABLE lines (name TEXT PRIMARY KEY, line TEXT) WITHOUT ROWID")
            spool.execute("BEGIN")
            spool.executemany("INSERT INTO lines VALUES (?, ?)", lines)
            yield from spool.execute("SELECT name, line FROM lines ORDER BY name")
    except sqlite3.Error as exc:
        raise translated(exc) from exc
