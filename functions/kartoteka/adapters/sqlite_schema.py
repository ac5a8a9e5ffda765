"""The tables: one per collection, made on first use, with an index per declared shape.

A table is `(id, doc)` with `doc` as JSON text, and one virtual column per searched field. A log
has `seq` before them, which only grows. A shape declared later gets its column and index when the
collection is used next.
"""

import sqlite3
from typing import Literal

from kartoteka.adapters.sqlite_query import FALSE_CODE, TRUE_CODE, column, table
from kartoteka.adapters.storable import checked_collection
from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import Catalog, Index

State = Literal["ready", "stale", "absent"]


class Schema:
    """Knows which tables of a file are complete; each is looked at once per process."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._ready: set[str] = set()

    def state(self, connection: sqlite3.Connection, collection: str) -> State:
        """Return whether the table is complete, lacks a column or index, or does not exist."""
        if collection in self._ready:
            return "ready"
        if not _columns(connection, collection):
            return "absent"
        if self.missing(connection, collection):
            return "stale"
        self._ready.add(collection)
        return "ready"

    def missing(self, connection: sqlite3.Connection, collection: str) -> list[str]:
        """Return the statements that complete the table, in order."""
        name, columns = table(collection), _columns(connection, collection)
        indexes = {row[1] for row in connection.execute(f"PRAGMA index_list({name})")}
        statements = [] if columns else [self._create(collection)]
        statements += [
            f"ALTER TABLE {name} ADD COLUMN {column(field)} AS ({_code_of(field)}) VIRTUAL"
            for field in sorted(self.catalog.searched_fields(collection))
            if column(field) not in columns
        ]
        shapes = self.catalog.of(collection)
        return statements + [_index(shape) for shape in shapes if shape.name not in indexes]

    def complete(self, connection: sqlite3.Connection, collection: str) -> None:
        """Run the missing statements; the caller holds the write lock."""
        for statement in self.missing(connection, collection):
            connection.execute(statement)

    def committed(self, collection: str) -> None:
        """Remember that the completed table is durable."""
        self._ready.add(collection)

    def checked_log(self, name: str) -> str:
        """Return the name of a declared log."""
        if name not in self.catalog.logs:
            raise ConfigError(f"{name!r} is not a log: add it to kartoteka.indexes.LOGS")
        return name

    def _create(self, collection: str) -> str:
        name = table(collection)
        if collection in self.catalog.logs:
            return (
                f"CREATE TABLE {name} (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
                " id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL)"
            )
        return f"CREATE TABLE {name} (id TEXT NOT NULL PRIMARY KEY, doc TEXT NOT NULL)"


def _columns(connection: sqlite3.Connection, collection: str) -> set[str]:
    """Return the names of the table's columns, none when there is no table."""
    name = table(checked_collection(collection))
    return {row[1] for row in connection.execute(f"PRAGMA table_xinfo({name})")}


def _code_of(field: str) -> str:
    """Return the SQL of `sqlite_query.code` for a field of the document."""
    path = f"""doc, '$."{field}"'"""
    return (
        f"CASE json_type({path}) WHEN 'null' THEN -9e999 WHEN 'false' THEN {FALSE_CODE!r}"
        f" WHEN 'true' THEN {TRUE_CODE!r} ELSE json_extract({path}) END"
    )


def _index(shape: Index) -> str:
    """Return the statement that makes the index; one that begins descending stands turned round.

    SQLite reads it from its end. New records then go behind the old ones, where a page is
    filled and left; before them every page would be divided again and again.
    """
    turned = bool(shape.order) and shape.order[0][1] == "desc"
    keys = [column(field) for field in shape.equal]
    keys += [column(name) + _way(turned=(way == "desc") != turned) for name, way in shape.order]
    keys.append(column(shape.total) if shape.total else "id" + _way(turned=turned))
    return f"CREATE INDEX {shape.name} ON {table(shape.collection)} ({', '.join(keys)})"


def _way(*, turned: bool) -> str:
    return " DESC" if turned else ""
