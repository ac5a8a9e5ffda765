"""The whole of one SQLite store: a copy that nobody writes to, read and rebuilt."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson

from kartoteka.adapters.moment import Kept, numbered
from kartoteka.adapters.sqlite_connections import translated
from kartoteka.adapters.sqlite_query import table
from kartoteka.adapters.sqlite_schema import Schema
from kartoteka.adapters.sqlite_tx import written
from kartoteka.adapters.storable import checked_collection, checked_id
from kartoteka.domain.errors import Invalid
from kartoteka.indexes import CATALOG, Catalog

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ? ORDER BY name"
_RECORDS = "SELECT id, doc FROM {} ORDER BY id"
_ENTRIES = "SELECT id, doc, seq FROM {} ORDER BY seq"
_ADD_RECORD = "INSERT INTO {} (id, doc) VALUES (?, ?)"
_ADD_ENTRY = "INSERT INTO {} (id, doc, seq) VALUES (?, ?, ?)"


def copy(source: Path, target: Path) -> None:
    """Copy a database file as it is at one moment, while others go on writing."""
    with _opened(source) as old, _opened(target) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")


class SqliteMoment:
    """The records of a file that nobody writes to."""

    kind = "sqlite"

    def __init__(self, path: Path, catalog: Catalog = CATALOG) -> None:
        self._path = path
        self._catalog = catalog

    def collections(self) -> list[str]:
        with _opened(self._path) as connection:
            rows = connection.execute(_TABLES, (table("*"),)).fetchall()
        return [name.removeprefix(table("")) for (name,) in rows]

    def records(self, collection: str) -> Iterator[Kept]:
        """Stream the records by id, the entries of a log by their sequence number."""
        name = table(checked_collection(collection))
        with _opened(self._path) as connection:
            if collection in self._catalog.logs:
                for record_id, text, seq in connection.execute(_ENTRIES.format(name)):
                    yield Kept(record_id, orjson.loads(text), numbered(seq))
            else:
                for record_id, text in connection.execute(_RECORDS.format(name)):
                    yield Kept(record_id, orjson.loads(text))


def rebuild(
    path: Path, collections: Iterable[tuple[str, Iterable[Kept]]], catalog: Catalog = CATALOG
) -> None:
    """Make a store of these records at `path`, which must be absent; log entries keep their place.

    Raises:
        Invalid: a record is there twice, or cannot be one.
    """
    schema = Schema(catalog)
    with _opened(path) as connection:
        connection.execute("BEGIN")
        for name, records in collections:
            schema.complete(connection, checked_collection(name))
            _fill(connection, name, records, log=name in catalog.logs)
        connection.execute("COMMIT")


def _fill(connection: sqlite3.Connection, name: str, records: Iterable[Kept], *, log: bool) -> None:
    sql = (_ADD_ENTRY if log else _ADD_RECORD).format(table(name))
    rows = (
        (checked_id(kept.id), written(kept.doc), *([_sequence(kept)] if log else []))
        for kept in records
    )
    try:
        connection.executemany(sql, rows)
    except sqlite3.IntegrityError as exc:
        raise Invalid(f"{name} holds a record twice") from exc


def _sequence(kept: Kept) -> int:
    if kept.position is None:
        raise Invalid(f"entry {kept.id!r} of the log has no position")
    return int(kept.position)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as exc:
        raise translated(exc) from exc
