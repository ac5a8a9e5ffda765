"""What a store does with Google's client: each call bounded in time and repeated if it may be."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from kartoteka.adapters import firestore_query
from kartoteka.adapters.firestore_client import NO_RETRY, Effort, connected, patiently
from kartoteka.adapters.firestore_documents import fetch, plain
from kartoteka.adapters.firestore_log import LogReader
from kartoteka.adapters.firestore_tx import Transactions
from kartoteka.adapters.queries import Cursor, Prepared
from kartoteka.domain.errors import NotFound
from kartoteka.indexes import LOG_FIELDS, Catalog
from kartoteka.ports import Doc, Found

T = TypeVar("T")


class Session:
    """One client with its transactions and log reader."""

    def __init__(
        self,
        project: str | None,
        database: str,
        catalog: Catalog,
        *,
        log_shards: int,
        patience_s: float,
    ) -> None:
        self._client = connected(project, database)
        self._patience_s = patience_s
        self.log = LogReader(self._client, log_shards=log_shards, patience_s=patience_s)
        self.transactions = Transactions(
            self._client, catalog, log_shards=log_shards, patience_s=patience_s
        )

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        """Return the records that exist."""
        found = self._patiently(
            lambda call_s: fetch(self._client, collection, record_ids, call_s=call_s)
        )
        return {name: plain(snapshot) for name, snapshot in found.items()}

    def page(self, query: Prepared, size: int, after: Cursor | None) -> list[Found]:
        """Return up to `size` records behind the cursor."""
        return self._patiently(
            lambda call_s: firestore_query.page(self._client, query, size, after, call_s=call_s)
        )

    def count(self, query: Prepared) -> int:
        """Return the number of matching records."""
        return self._patiently(lambda call_s: firestore_query.count(self._client, query, call_s))

    def total(self, query: Prepared, field: str) -> int:
        """Return the sum of a field over the matching records."""
        return self._patiently(
            lambda call_s: firestore_query.total(self._client, query, field, call_s)
        )

    def rewrite(self, log: str, record_id: str, doc: Mapping[str, Any]) -> None:
        """Replace what a log entry says; entries are never deleted, so reading first is safe."""

        def call(call_s: float) -> None:
            found = fetch(self._client, log, [record_id], call_s=call_s).get(record_id)
            if found is None:
                raise NotFound(f"log {log!r} has no entry {record_id!r}")
            kept = {name: found.get(name) for name in LOG_FIELDS}
            found.reference.set({**doc, **kept}, retry=NO_RETRY, timeout=call_s)

        self._patiently(call)

    def close(self) -> None:
        """Close the channel."""
        self._client.hang_up()

    def _patiently(self, call: Callable[[float], T]) -> T:
        return patiently(call, Effort(self._patience_s))
