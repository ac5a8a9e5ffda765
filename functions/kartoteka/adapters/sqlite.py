"""The store in one SQLite file: serializable, durable, flat as the data grows.

Writers go one at a time: through a fair lock inside the process, through SQLite's own between
processes, so the sequence of a log is the order of its commits. Reads outside a transaction see
the newest commit and wait for nobody. A query's pages are each a consistent moment; a record that
moves in the order between two pages can be seen twice or not at all.

Writers use a connection of their own: its cache stays right from one commit to the next, and it
does not map the file, because a page that is going to change costs more through a mapping.
"""

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from kartoteka.adapters import sqlite_query
from kartoteka.adapters.pending import check_entry
from kartoteka.adapters.queries import Prepared, prepare, prepare_total, read_cursor
from kartoteka.adapters.sqlite_checkpoint import Checkpointer
from kartoteka.adapters.sqlite_connections import MAPPED_BYTES, Connections, is_busy
from kartoteka.adapters.sqlite_lock import FairLock
from kartoteka.adapters.sqlite_rows import PAGE, SqliteRows
from kartoteka.adapters.sqlite_schema import Schema
from kartoteka.adapters.sqlite_tx import SqliteTx, written
from kartoteka.adapters.storable import checked_id, storable
from kartoteka.domain.errors import ConfigError, NotFound
from kartoteka.indexes import CATALOG, Catalog
from kartoteka.ports import Doc, Found, LogEntry, Query, Tx

T = TypeVar("T")
_jitter = secrets.SystemRandom()


class SqliteStore:
    """Documents, declared queries and logs in the file at `path`, which is made if absent."""

    def __init__(
        self,
        path: Path | str,
        *,
        catalog: Catalog = CATALOG,
        patience_s: float = 20.0,
        mapped_bytes: int = MAPPED_BYTES,
    ) -> None:
        """Open the store.

        Args:
            path: the file; its folder must exist.
            catalog: the declared shapes and logs.
            patience_s: how long a transaction waits for other writers before `Transient`.
            mapped_bytes: of the file are mapped into memory for reads outside transactions: they
                are quicker, but count as memory of the process; 0 for a mass act that shall stay
                small.
        """
        if not Path(path).parent.is_dir():
            raise ConfigError(f"the folder of the database file is missing: {Path(path).parent}")
        self._patience_s = patience_s
        self._lock = FairLock()
        self._connections = Connections(Path(path), patience_s, mapped_bytes)
        self._writers = Connections(Path(path), patience_s, mapped_bytes=0)
        self._schema = Schema(catalog)
        alone = partial(self._lock.held, patience_s)
        self._checkpointer = Checkpointer(self._connections.lent, alone)

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one serializable transaction and return its result, durable."""
        with self._lock.held(self._patience_s), self._writers.lent() as connection:
            self._begin(connection)
            tx = SqliteTx(connection, self._schema)
            result = work(tx)
            tx.apply()
            connection.execute("COMMIT")
            tx.committed()
            self._checkpointer.committed(len(tx.writes))
            return result

    def get(self, collection: str, record_id: str) -> Doc | None:
        checked_id(record_id)
        with self._reading(collection) as rows:
            return rows.get(collection, record_id) if rows else None

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        asked = [checked_id(record_id) for record_id in record_ids]
        with self._reading(collection) as rows:
            return rows.get_many(collection, asked) if rows else {}

    def query(self, query: Query) -> Iterator[Found]:
        """Stream the answer page by page; a wrong query is refused here, not at the first row."""
        return self._pages(prepare(self._schema.catalog, query))

    def count(self, query: Query) -> int:
        prepared = prepare_total(self._schema.catalog, query)
        with self._reading(query.collection) as rows:
            return rows.number(sqlite_query.count(prepared)) if rows else 0

    def sum(self, query: Query, field: str) -> int:
        """Return the sum of the whole numbers in `field`; other values do not count."""
        prepared = prepare_total(self._schema.catalog, query, field)
        with self._reading(query.collection) as rows:
            return rows.number(sqlite_query.total(prepared, field)) if rows else 0

    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return the entries behind `after`; a position is the entry's sequence number."""
        with self._reading(self._schema.checked_log(log)) as rows:
            return rows.log(log, after, limit) if rows else []

    def log_head(self, log: str) -> str | None:
        with self._reading(self._schema.checked_log(log)) as rows:
            return rows.log_head(log) if rows else None

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        """Replace an entry under its old sequence number."""
        check_entry(self._schema.catalog, log, doc)
        text = written(storable(doc, self._schema.catalog.searched_fields(log)))
        with self._reading(log) as rows:
            found = rows is not None and rows.get(log, checked_id(record_id)) is not None
        if not found:
            raise NotFound(f"log {log!r} has no entry {record_id!r}")
        with self._lock.held(self._patience_s), self._writers.lent() as connection:
            self._begin(connection)
            connection.execute(sqlite_query.rewrite(log), (text, record_id))
            connection.execute("COMMIT")

    def close(self) -> None:
        self._checkpointer.close()
        self._connections.close()
        self._writers.close()

    def _pages(self, prepared: Prepared) -> Iterator[Found]:
        after, left = prepared.after, prepared.limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            with self._reading(prepared.index.collection) as rows:
                found = rows.page(prepared, size, after) if rows else []
            yield from found
            if len(found) < size:
                return
            after = read_cursor(found[-1].cursor, prepared.order)
            left = None if left is None else left - size

    @contextmanager
    def _reading(self, collection: str) -> Iterator[SqliteRows | None]:
        """Lend the rows of a collection, None while it has no table."""
        with self._connections.lent() as connection:
            state = self._schema.state(connection, collection)
            if state == "stale":
                self._complete(connection, collection)
            yield None if state == "absent" else SqliteRows(connection)

    def _complete(self, connection: sqlite3.Connection, collection: str) -> None:
        """Add the columns and indexes declared since the table was made."""
        with self._lock.held(self._patience_s):
            self._begin(connection)
            self._schema.complete(connection, collection)
            connection.execute("COMMIT")
        self._schema.committed(collection)

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Take the write lock of the file; wait for other processes, then give up."""
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as exc:
                if not is_busy(exc) or time.monotonic() > deadline:
                    raise
                time.sleep(_jitter.uniform(0, 0.02))
            else:
                return
