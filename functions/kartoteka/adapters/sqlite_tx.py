"""One transaction on a connection that holds the write lock."""

import sqlite3
from collections.abc import Sequence

import orjson

from kartoteka.adapters.pending import PendingWrites, Write
from kartoteka.adapters.queries import prepare
from kartoteka.adapters.sqlite_query import table
from kartoteka.adapters.sqlite_rows import SqliteRows
from kartoteka.adapters.sqlite_schema import Schema
from kartoteka.adapters.storable import checked_id
from kartoteka.domain.errors import Conflict
from kartoteka.ports import Doc, Found, Query

_STATEMENTS = {
    "put": "INSERT INTO {} (id, doc) VALUES (?, ?)"
    " ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
    "create": "INSERT INTO {} (id, doc) VALUES (?, ?)",
    "append": "INSERT INTO {} (id, doc) VALUES (?, ?)",
    "delete": "DELETE FROM {} WHERE id = ?",
}
_UNLIMITED = -1


def written(doc: Doc) -> str:
    """Return a checked document as the table holds it."""
    return orjson.dumps(doc).decode()


class SqliteTx(PendingWrites):
    """Reads at once; writes when the work is done, tables made as needed."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        super().__init__(schema.catalog)
        self._connection = connection
        self._schema = schema
        self._rows = SqliteRows(connection)
        self._completed: set[str] = set()

    def get(self, collection: str, record_id: str) -> Doc | None:
        checked_id(record_id)
        return self._rows.get(collection, record_id) if self._exists(collection) else None

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        asked = [checked_id(record_id) for record_id in record_ids]
        return self._rows.get_many(collection, asked) if self._exists(collection) else {}

    def query(self, query: Query) -> list[Found]:
        """Return the whole answer, or its first `limit` records."""
        prepared = prepare(self.catalog, query)
        size = _UNLIMITED if prepared.limit is None else prepared.limit
        exists = self._exists(query.collection)
        return self._rows.page(prepared, size, prepared.after) if exists else []

    def apply(self) -> None:
        """Execute the writes in their order; `Conflict` if a record to be created exists."""
        for write in self.writes:
            self._complete(write.collection)
            self._execute(write)

    def committed(self) -> None:
        """Tell the schema which tables are durable now."""
        for collection in self._completed:
            self._schema.committed(collection)

    def _execute(self, write: Write) -> None:
        sql = _STATEMENTS[write.kind].format(table(write.collection))
        values = [write.id]
        if write.kind != "delete":
            values.append(written(write.doc))
        try:
            self._connection.execute(sql, values)
        except sqlite3.IntegrityError as exc:
            raise Conflict(f"{write.collection}/{write.id} exists: read it and repeat") from exc

    def _exists(self, collection: str) -> bool:
        self.reading()
        if collection in self._completed:
            return True
        state = self._schema.state(self._connection, collection)
        if state == "stale":
            self._complete(collection)
        return state != "absent"

    def _complete(self, collection: str) -> None:
        """Make the table whole; the schema hears of it with the commit, when others see it."""
        if collection in self._completed:
            return
        if self._schema.state(self._connection, collection) != "ready":
            self._schema.complete(self._connection, collection)
            self._completed.add(collection)
