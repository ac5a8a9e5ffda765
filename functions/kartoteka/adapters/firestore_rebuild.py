"""Filling an empty Firestore database with the records of a backup.

A note in the collection `restorations` names the backup and the collections that are whole. While
it is there the restoring is not finished: it goes on with the same backup only. What makes an
office of the records, its settings, is written last, in the commit that takes the note away; so a
restoring that was killed never looks like an office. Writing a record again changes nothing.

The entries of a log get made-up commit times, long past and in the order of the backup
(`firestore_log.restored_at`), so they keep their numbers and new entries follow them. Checkpoints,
which a backup spells as such numbers, are spelled as positions again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.cloud import firestore

from kartoteka.adapters.firestore_client import NO_RETRY, Effort, connected, patiently
from kartoteka.adapters.firestore_documents import fetch, reference
from kartoteka.adapters.firestore_log import restored_at, restored_position
from kartoteka.adapters.moment import CHECKPOINTS, RESTORATION, Kept
from kartoteka.adapters.storable import storable
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.indexes import CATALOG, Catalog

_NOTE = "now"
_MOST = 300  # records of one commit
_MOST_BYTES = 4_000_000  # of one commit; Firestore takes 10 MiB
_CALL_S = 60.0


class FirestoreRebuild:
    """Writes one backup into one database; see the module's docstring."""

    def __init__(
        self,
        project: str | None,
        database: str,
        *,
        log_shards: int = 1,
        catalog: Catalog = CATALOG,
        patience_s: float = 60.0,
    ) -> None:
        self._client = connected(project, database)
        self._place = f"firestore:{self._client.project}/{database}"
        self._log_shards = log_shards
        self._catalog = catalog
        self._patience_s = patience_s
        self._done: list[str] = []
        self._backup = ""

    def begin(self, backup: str) -> None:
        """Take the database for this backup, or take up what was broken off.

        Args:
            backup: what identifies the backup, such as a hash of its manifest.

        Raises:
            ConfigError: the database holds something else.
        """
        note = self._note()
        if note is None:
            self._refuse_unless_empty()
        elif note["backup"] != backup:
            raise ConfigError(
                f"{self._place} holds a part of another backup: restore that one again to finish"
                " it, or name a new database"
            )
        self._backup = backup
        self._done = list(note["done"]) if note else []
        self._remember()

    def fill(self, collection: str, records: Iterable[Kept], names: Mapping[int, str]) -> None:
        """Write the records of a collection, unless they are all there since an earlier time.

        Args:
            collection: its name.
            records: all of them.
            names: ids of the log entries that checkpoints point at, by number.
        """
        if collection in self._done:
            return
        for portion in _portions(self._prepared(collection, records, names)):
            self._commit(collection, portion)
        self._done.append(collection)
        self._remember()

    def finish(self, collection: str, records: Iterable[Kept]) -> None:
        """Write the last collection and take the note away, in one commit."""
        batch = self._client.batch()
        for name, doc in self._prepared(collection, records, {}):
            batch.set(reference(self._client, collection, name), doc)
        batch.delete(reference(self._client, RESTORATION, _NOTE))
        self._send(batch)

    def close(self) -> None:
        """Close the channel."""
        self._client.hang_up()

    def _note(self) -> dict[str, Any] | None:
        found = patiently(
            lambda call_s: fetch(self._client, RESTORATION, [_NOTE], call_s=call_s),
            Effort(self._patience_s),
        )
        return found[_NOTE].to_dict() if found else None

    def _refuse_unless_empty(self) -> None:
        found = patiently(
            lambda call_s: list(self._client.collections(retry=NO_RETRY, timeout=call_s)),
            Effort(self._patience_s),
        )
        if found:
            raise ConfigError(
                f"{self._place} is not empty; make a new database and restore into that:"
                " gcloud firestore databases create --database=NAME --location=PLACE"
            )

    def _remember(self) -> None:
        batch = self._client.batch()
        note = {"backup": self._backup, "done": self._done}
        batch.set(reference(self._client, RESTORATION, _NOTE), note)
        self._send(batch)

    def _prepared(
        self, collection: str, records: Iterable[Kept], names: Mapping[int, str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        searched = self._catalog.searched_fields(collection)
        for kept in records:
            doc = dict(storable(kept.doc, searched))
            if collection in self._catalog.logs:
                doc |= self._log_fields(kept)
            elif collection == CHECKPOINTS and is_number(doc.get("position")):
                number = int(doc["position"])
                doc["position"] = restored_position(number, names.get(number, ""))
            yield kept.id, doc

    def _log_fields(self, kept: Kept) -> dict[str, Any]:
        if kept.position is None:
            raise Invalid(f"entry {kept.id!r} of the log has no position")
        number = int(kept.position)
        shard = number % self._log_shards
        return {"committed_at": restored_at(number), "shard": shard, "attempt": "restored"}

    def _commit(self, collection: str, portion: Iterable[tuple[str, dict[str, Any]]]) -> None:
        batch = self._client.batch()
        for name, doc in portion:
            batch.set(reference(self._client, collection, name), doc)
        self._send(batch)

    def _send(self, batch: firestore.WriteBatch) -> None:
        patiently(lambda _: batch.commit(retry=NO_RETRY, timeout=_CALL_S), Effort(self._patience_s))


def is_number(position: object) -> bool:
    """Return whether a checkpoint's position is a number of the log, as a backup spells it."""
    return isinstance(position, str) and position.isascii() and position.isdigit()


def _portions(
    records: Iterable[tuple[str, dict[str, Any]]],
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Yield the records in lists that one commit takes."""
    portion: list[tuple[str, dict[str, Any]]] = []
    size = 0
    for name, doc in records:
        more = _size(doc)
        if portion and (len(portion) == _MOST or size + more > _MOST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append((name, doc))
        size += more
    if portion:
        yield portion


def _size(doc: dict[str, Any]) -> int:
    return len(repr(doc).encode())
