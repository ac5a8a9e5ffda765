"""A store whose writes go to a draft: what would happen, without happening.

Reads see the draft first, then the truth behind it. The draft is a real store in a file that the
caller throws away, so memory stays flat and the same code runs as in earnest. For work that reads
by id only and deletes nothing, such as an import; queries are answered by the truth alone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kartoteka.ports import Doc, Found, LogEntry, Query, Store, Tx

T = TypeVar("T")


class DraftStore:
    """Reads the truth, writes the draft."""

    def __init__(self, truth: Store, draft: Store) -> None:
        self._truth = truth
        self._draft = draft

    def run(self, work: Callable[[Tx], T]) -> T:
        """Run the work on the draft; the truth may change meanwhile."""
        return self._draft.run(lambda tx: work(_DraftTx(self._truth, tx)))

    def get(self, collection: str, record_id: str) -> Doc | None:
        drafted = self._draft.get(collection, record_id)
        return drafted if drafted is not None else self._truth.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        drafted = self._draft.get_many(collection, record_ids)
        return _behind(self._truth, collection, record_ids, drafted)

    def query(self, query: Query) -> Iterator[Found]:
        """Stream the answer of the truth."""
        return self._truth.query(query)

    def count(self, query: Query) -> int:
        return self._truth.count(query)

    def sum(self, query: Query, field: str) -> int:
        return self._truth.sum(query, field)

    def read_log(self, log: str, after: str | None, limit: int) -> list[LogEntry]:
        """Return what the draft's own log holds."""
        return self._draft.read_log(log, after, limit)

    def log_head(self, log: str) -> str | None:
        return self._draft.log_head(log)

    def rewrite_log_entry(self, log: str, record_id: str, doc: Doc) -> None:
        self._draft.rewrite_log_entry(log, record_id, doc)

    def close(self) -> None:
        """Close the draft; the truth stays open."""
        self._draft.close()


class _DraftTx:
    """One transaction on the draft, with the truth behind it."""

    def __init__(self, truth: Store, tx: Tx) -> None:
        self._truth = truth
        self._tx = tx
        self.put = tx.put
        self.create = tx.create
        self.append = tx.append
        self.delete = tx.delete

    def get(self, collection: str, record_id: str) -> Doc | None:
        drafted = self._tx.get(collection, record_id)
        return drafted if drafted is not None else self._truth.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        drafted = self._tx.get_many(collection, record_ids)
        return _behind(self._truth, collection, record_ids, drafted)

    def query(self, query: Query) -> list[Found]:
        return list(self._truth.query(query))


def _behind(
    truth: Store, collection: str, record_ids: Sequence[str], drafted: dict[str, Doc]
) -> dict[str, Doc]:
    """Return the drafted records and, of the others, those the truth holds."""
    left = [record_id for record_id in record_ids if record_id not in drafted]
    return {**(truth.get_many(collection, left) if left else {}), **drafted}
