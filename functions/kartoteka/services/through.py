"""A store behind which another one stands: what is not said otherwise is that one's."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kartoteka.ports import Doc, Found, LogEntry, Query, Store, Tx

T = TypeVar("T")


class Through:
    """A store that passes everything on; those that watch or note something begin with it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self, work: Callable[[Tx], T]) -> T:
        return self._store.run(work)

    def get(self, collection: str, record_id: str) -> Doc | None:
        return self._store.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        return self._store.get_many(collection, record_ids)

    def query(self, query: Query) -> Iterator[Found]:
        return self._store.query(query)

    def count(self, query: Query) -> int:
        return self._store.count(query)

    def sum(self, query: Query, field: str) -> int:
        return self._store.sum(query, field)

    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        return self._store.read_log(log, after, limit)

    def log_head(self, log: str) -> str | None:
        return self._store.log_head(log)

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        self._store.rewrite_log_entry(log, record_id, doc)

    def close(self) -> None:
        """Leave the office's store open: it is not this one's to close."""
