"""One transaction of Firestore, repeated as a whole, its commit never counted twice.

A commit whose answer is lost may have happened. An entry appended by the attempt carries a random
token, so the log tells whether it did; a transaction that only creates is repeated and its
`Conflict` tells; any other is reported as `ProviderDown`, because repeating it could apply it
twice. Ids of records to be created are therefore drawn outside `work`.

Reads lock their documents (the default of Firestore Standard), and a failed attempt hands its
place in the queue to the next one.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from google.api_core import exceptions as api
from google.cloud import firestore

from kartoteka.adapters import firestore_query
from kartoteka.adapters.firestore_client import Attempt, Client, Effort, patiently
from kartoteka.adapters.firestore_documents import fetch, plain, reference
from kartoteka.adapters.firestore_errors import REFUSED, UNCERTAIN, VENDOR, translated
from kartoteka.adapters.pending import PendingWrites, Write
from kartoteka.adapters.queries import prepare
from kartoteka.domain.errors import ProviderDown
from kartoteka.indexes import Catalog
from kartoteka.ports import Doc, Found, Query, Tx

T = TypeVar("T")


class Transactions:
    """Runs work in transactions of one database."""

    def __init__(
        self, client: Client, catalog: Catalog, *, log_shards: int, patience_s: float
    ) -> None:
        self._client = client
        self._catalog = catalog
        self._log_shards = log_shards
        self._patience_s = patience_s

    def run(self, work: Callable[[Tx], T]) -> T:
        """Return the result of the attempt that was committed."""
        effort, retry_of = Effort(self._patience_s), None
        while True:
            attempt = self._begun(retry_of, effort)
            try:
                return self._attempted(attempt, work, effort)
            except VENDOR as exc:
                again = isinstance(exc, (*REFUSED, *UNCERTAIN)) or _expired(exc)
                if not again or not effort.pause():
                    raise translated(exc) from exc
                retry_of = attempt.id if isinstance(exc, api.Aborted) else None

    def _begun(self, retry_of: bytes | None, effort: Effort) -> Attempt:
        return patiently(lambda call_s: self._client.begin(retry_of, call_s), effort)

    def _attempted(self, attempt: Attempt, work: Callable[[Tx], T], effort: Effort) -> T:
        tx = FirestoreTx(self._client, attempt, self._catalog, effort)
        try:
            result = work(tx)
        except BaseException:
            self._client.abandon(attempt.id, effort.call_s())
            raise
        self._commit(attempt, tx, effort)
        return result

    def _commit(self, attempt: Attempt, tx: "FirestoreTx", effort: Effort) -> None:
        """Commit; an error that leaves here means that the writes are not applied.

        Except `ProviderDown`, when nobody can tell.
        """
        token = secrets.token_hex(8)
        for write in tx.writes:
            self._add(attempt, write, token)
        try:
            attempt.commit_writes()
        except UNCERTAIN as exc:
            self._client.abandon(attempt.id, effort.call_s())
            if not self._applied(tx.writes, token, effort, exc):
                raise

    def _applied(
        self, writes: Sequence[Write], token: str, effort: Effort, lost: Exception
    ) -> bool:
        """Return whether the commit without an answer happened; see the module's docstring."""
        for write in writes:
            if write.kind == "append":
                return self._token_of(write, effort) == token
        if writes and not any(write.kind == "create" for write in writes):
            raise ProviderDown(
                "Firestore did not confirm a commit: read before repeating"
            ) from lost
        return False

    def _token_of(self, write: Write, effort: Effort) -> object:
        found = patiently(
            lambda call_s: fetch(self._client, write.collection, [write.id], call_s=call_s), effort
        )
        return found[write.id].get("attempt") if found else None

    def _add(self, attempt: Attempt, write: Write, token: str) -> None:
        place = reference(self._client, write.collection, write.id)
        if write.kind == "delete":
            attempt.delete(place)
        elif write.kind == "put":
            attempt.set(place, dict(write.doc))
        elif write.kind == "create":
            attempt.create(place, dict(write.doc))
        else:
            attempt.create(place, {**write.doc, **self._log_fields(token)})

    def _log_fields(self, token: str) -> dict[str, object]:
        shard = secrets.randbelow(self._log_shards)
        return {"committed_at": firestore.SERVER_TIMESTAMP, "shard": shard, "attempt": token}


class FirestoreTx(PendingWrites):
    """Reads inside the attempt; Google's errors pass through `work` to the one who repeats it."""

    def __init__(self, client: Client, attempt: Attempt, catalog: Catalog, effort: Effort) -> None:
        super().__init__(catalog)
        self._client = client
        self._attempt = attempt
        self._effort = effort

    def get(self, collection: str, record_id: str) -> Doc | None:
        return self.get_many(collection, [record_id]).get(record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        """Return the records that exist, with one call."""
        self.reading()
        found = fetch(
            self._client,
            collection,
            record_ids,
            call_s=self._effort.call_s(),
            attempt=self._attempt,
        )
        return {name: plain(snapshot) for name, snapshot in found.items()}

    def query(self, query: Query) -> list[Found]:
        """Return the whole answer, or its first `limit` records."""
        self.reading()
        prepared = prepare(self.catalog, query)
        return firestore_query.page(
            self._client,
            prepared,
            prepared.limit,
            prepared.after,
            call_s=self._effort.call_s(),
            attempt=self._attempt,
        )


def _expired(exc: Exception) -> bool:
    """Return whether the server forgot the transaction: nothing was applied, begin again."""
    return isinstance(exc, api.InvalidArgument) and "transaction" in str(exc).lower()
