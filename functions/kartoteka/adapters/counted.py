"""A store that counts what Firestore would bill.

Source: Firestore pricing: a read per document returned, at least one per query; a count or sum
costs one read per 1,000 index entries; a write or delete each costs one. A read of a record that
does not exist costs one too.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from kartoteka.ports import Doc, Found, LogEntry, Query, Store, Tx

T = TypeVar("T")
_ENTRIES_PER_READ = 1_000


@dataclass(slots=True)
class Operations:
    """Billed documents; attempts that were repeated count as often as they ran."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0


class CountedStore:
    """Passes everything to the store inside; `measure` shows the operations meanwhile.

    All threads that use this object meanwhile are counted together.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._meters: list[Operations] = []

    @contextmanager
    def measure(self) -> Iterator[Operations]:
        """Yield a count that runs until the end of the block."""
        meter = Operations()
        self._meters.append(meter)
        try:
            yield meter
        finally:
            self._meters = [other for other in self._meters if other is not meter]

    def run(self, work: Callable[[Tx], T]) -> T:
        return self._store.run(lambda tx: work(_CountedTx(tx, self.add)))

    def get(self, collection: str, record_id: str) -> Doc | None:
        self.add(reads=1)
        return self._store.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        self.add(reads=len(set(record_ids)))
        return self._store.get_many(collection, record_ids)

    def query(self, query: Query) -> Iterator[Found]:
        return self._streamed(self._store.query(query))

    def count(self, query: Query) -> int:
        counted = self._store.count(query)
        self.add(reads=max(1, math.ceil(counted / _ENTRIES_PER_READ)))
        return counted

    def sum(self, query: Query, field: str) -> int:
        """Return the sum, counted as one read: the number of its records is not known here."""
        self.add(reads=1)
        return self._store.sum(query, field)

    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        entries = self._store.read_log(log, after, limit)
        self.add(reads=max(1, len(entries)))
        return entries

    def log_head(self, log: str) -> str | None:
        self.add(reads=1)
        return self._store.log_head(log)

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        self.add(reads=1, writes=1)
        self._store.rewrite_log_entry(log, record_id, doc)

    def close(self) -> None:
        self._store.close()

    def add(self, *, reads: int = 0, writes: int = 0, deletes: int = 0) -> None:
        """Count operations in every running measurement."""
        for meter in self._meters:
            meter.reads += reads
            meter.writes += writes
            meter.deletes += deletes

    def _streamed(self, found: Iterator[Found]) -> Iterator[Found]:
        first = next(found, None)
        self.add(reads=1)
        if first is None:
            return
        yield first
        for record in found:
            self.add(reads=1)
            yield record


class _CountedTx:
    """The same transaction, counted."""

    def __init__(self, tx: Tx, add: Callable[..., None]) -> None:
        self._tx = tx
        self._add = add

    def get(self, collection: str, record_id: str) -> Doc | None:
        self._add(reads=1)
        return self._tx.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        self._add(reads=len(set(record_ids)))
        return self._tx.get_many(collection, record_ids)

    def query(self, query: Query) -> list[Found]:
        found = self._tx.query(query)
        self._add(reads=max(1, len(found)))
        return found

    def put(self, collection: str, record_id: str, doc: Doc) -> None:
        self._add(writes=1)
        self._tx.put(collection, record_id, doc)

    def create(self, collection: str, record_id: str, doc: Doc) -> None:
        self._add(writes=1)
        self._tx.create(collection, record_id, doc)

    def delete(self, collection: str, record_id: str) -> None:
        self._add(deletes=1)
        self._tx.delete(collection, record_id)

    def append(self, log: str, record_id: str, doc: Doc) -> None:
        self._add(writes=1)
        self._tx.append(log, record_id, doc)
