"""The store in Firestore: many processes, no server of ours.

Importing this module does not import Google's client; building a store does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kartoteka.adapters.pending import check_entry
from kartoteka.adapters.queries import Prepared, prepare, prepare_total, read_cursor
from kartoteka.adapters.storable import storable
from kartoteka.domain.errors import ConfigError
from kartoteka.indexes import CATALOG, Catalog
from kartoteka.ports import Doc, Found, LogEntry, Query, Tx

T = TypeVar("T")
_PAGE = 300
_MAX_SHARDS = 30


class FirestoreStore:
    """Documents, declared queries and logs in one database of Firestore Native, Standard."""

    def __init__(
        self,
        project: str | None = None,
        database: str = "(default)",
        *,
        catalog: Catalog = CATALOG,
        log_shards: int = 1,
        patience_s: float = 20.0,
    ) -> None:
        """Open the store with the credentials of the environment.

        Args:
            project: the Google Cloud project; None takes the environment's.
            database: the database in it.
            catalog: the declared shapes and logs.
            log_shards: over how many index ranges a log is spread, 1 to 30; one takes about
                500 entries per second. It may grow, never shrink.
            patience_s: how long an operation is repeated before `Transient`.
        """
        from kartoteka.adapters.firestore_session import Session

        if not 1 <= log_shards <= _MAX_SHARDS:
            raise ConfigError(f"log_shards {log_shards}: use 1 to {_MAX_SHARDS}")
        self._catalog = catalog
        self._session = Session(
            project, database, catalog, log_shards=log_shards, patience_s=patience_s
        )

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one serializable transaction and return its result."""
        return self._session.transactions.run(work)

    def get(self, collection: str, record_id: str) -> Doc | None:
        return self.get_many(collection, [record_id]).get(record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        """Return the records that exist, in the order of their ids as given, with one call."""
        return self._session.get_many(collection, record_ids)

    def query(self, query: Query) -> Iterator[Found]:
        """Stream the answer page by page; a wrong query is refused here, not at the first row."""
        return self._pages(prepare(self._catalog, query))

    def count(self, query: Query) -> int:
        return self._session.count(prepare_total(self._catalog, query))

    def sum(self, query: Query, field: str) -> int:
        """Return the sum of the whole numbers in `field`; other values do not count."""
        return self._session.total(prepare_total(self._catalog, query, field), field)

    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return the entries behind `after`; see `firestore_log` for why none is skipped."""
        return self._session.log.entries(self._declared(log), after, limit)

    def log_head(self, log: str) -> str | None:
        return self._session.log.head(self._declared(log))

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        """Replace an entry; the server's fields of its first writing stay."""
        check_entry(self._catalog, log, doc)
        plain = storable(doc, self._catalog.searched_fields(log))
        self._session.rewrite(log, record_id, plain)

    def close(self) -> None:
        self._session.close()

    def _pages(self, prepared: Prepared) -> Iterator[Found]:
        after, left = prepared.after, prepared.limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(_PAGE, left)
            found = self._session.page(prepared, size, after)
            yield from found
            if len(found) < size:
                return
            after = read_cursor(found[-1].cursor, prepared.order)
            left = None if left is None else left - size

    def _declared(self, log: str) -> str:
        if log not in self._catalog.logs:
            raise ConfigError(f"{log!r} is not a log: add it to kartoteka.indexes.LOGS")
        return log
