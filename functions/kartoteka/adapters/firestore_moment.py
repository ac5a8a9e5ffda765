"""The whole of one Firestore database at one moment of the last hour.

Every read names the same instant (`read_time`), so what is written meanwhile is not seen. Entries
of a log are read as they say now (a person may have been forgotten meanwhile), those committed
later are left out.

A file's log counts its entries. So that a consumer goes on where it was, its checkpoint is
spelled as that number too: of the last entry that it has read.

Source: Firestore's `read_time`: at most one hour back, or seven days with point-in-time recovery.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from google.cloud.firestore import DocumentReference, Query

from kartoteka.adapters.firestore_client import NO_RETRY, Effort, connected, patiently
from kartoteka.adapters.firestore_documents import Snapshot, plain, record_id, reference
from kartoteka.adapters.firestore_log import LogReader, number_of
from kartoteka.adapters.moment import CHECKPOINTS, RESTORATION, Kept, numbered
from kartoteka.adapters.spool import in_order
from kartoteka.domain.instant import read
from kartoteka.indexes import CATALOG, Catalog
from kartoteka.ports import Doc, LogEntry

_PAGE = 300
_LOG_PAGE = 1_000


class FirestoreMoment:
    """The records of a database as they are when this object is made."""

    kind = "firestore"

    def __init__(
        self,
        project: str | None,
        database: str,
        *,
        log_shards: int = 1,
        catalog: Catalog = CATALOG,
        patience_s: float = 20.0,
    ) -> None:
        self._client = connected(project, database)
        self._catalog = catalog
        self._patience_s = patience_s
        self._log = LogReader(self._client, log_shards=log_shards, patience_s=patience_s)
        self._at = self._now()
        self._numbers: dict[str, str] = {}

    def collections(self) -> list[str]:
        found = patiently(
            lambda call_s: list(
                self._client.collections(retry=NO_RETRY, timeout=call_s, read_time=self._at)
            ),
            Effort(self._patience_s),
        )
        return sorted(collection.id for collection in found if collection.id != RESTORATION)

    def records(self, collection: str) -> Iterator[Kept]:
        """Stream the records by id; a page of them is in memory at a time."""
        if collection in self._catalog.logs:
            for number, entry in self._counted(collection):
                yield Kept(entry.id, entry.doc, numbered(number))
            return
        found = self._found(collection)
        if collection == CHECKPOINTS:
            found = self._spelled(found)
        lines = ((name, json.dumps(doc, ensure_ascii=False)) for name, doc in found)
        for name, line in in_order(lines):
            yield Kept(name, json.loads(line))

    def is_whole(self) -> bool:
        """Return whether no restoring into the database was broken off."""
        asked = [reference(self._client, RESTORATION, "now")]
        [found] = patiently(
            lambda call_s: list(self._client.get_all(asked, retry=NO_RETRY, timeout=call_s)),
            Effort(self._patience_s),
        )
        return not found.exists

    def close(self) -> None:
        """Close the channel."""
        self._client.hang_up()

    def _now(self) -> datetime:
        asked = [reference(self._client, CHECKPOINTS, "now")]
        [found] = patiently(
            lambda call_s: list(self._client.get_all(asked, retry=NO_RETRY, timeout=call_s)),
            Effort(self._patience_s),
        )
        moment: datetime = found.read_time
        return datetime.fromisoformat(moment.isoformat())  # the vendor's class has nanoseconds

    def _found(self, collection: str) -> Iterator[tuple[str, Doc]]:
        return ((record_id(hit.id), plain(hit)) for hit in self._snapshots(collection))

    def _snapshots(self, collection: str) -> Iterator[Snapshot]:
        asked = Query(self._client.collection(collection)).order_by("__name__").limit(_PAGE)
        page = self._page(asked)
        while page:
            yield from page
            page = self._page(asked.start_after({"__name__": _place(page[-1])}))

    def _page(self, asked: Query) -> list[Snapshot]:
        return patiently(
            lambda call_s: list(asked.stream(retry=NO_RETRY, timeout=call_s, read_time=self._at)),
            Effort(self._patience_s),
        )

    def _entries(self, log: str) -> Iterator[LogEntry]:
        position = None
        while entries := self._log.entries(log, position, _LOG_PAGE):
            for entry in entries:
                if read(entry.position.partition(" ")[0]) > self._at:
                    return
                yield entry
            position = entries[-1].position

    def _counted(self, log: str) -> Iterator[tuple[int, LogEntry]]:
        """Yield the entries with their numbers; remember those of the checkpoints' positions.

        An entry that came from a backup has the number that it had there.
        """
        wanted = self._positions()
        number = 0
        for entry in self._entries(log):
            number = number_of(entry.position) or number + 1
            self._numbers |= {at: numbered(number) for at in wanted if entry.position <= at}
            yield number, entry

    def _positions(self) -> list[str]:
        docs = (plain(hit) for hit in self._snapshots(CHECKPOINTS))
        return [str(doc["position"]) for doc in docs if _is_position(doc)]

    def _spelled(self, checkpoints: Iterable[tuple[str, Doc]]) -> Iterator[tuple[str, Doc]]:
        """Yield the checkpoints with positions in the log spelled as a file spells them."""
        kept = list(checkpoints)
        if not {str(doc["position"]) for _, doc in kept if _is_position(doc)} <= set(self._numbers):
            for log in self._catalog.logs:
                for _ in self._counted(log):
                    pass
        for name, doc in kept:
            if _is_position(doc):
                yield name, {**doc, "position": self._numbers.get(str(doc["position"]))}
            else:
                yield name, doc


def _is_position(doc: Doc) -> bool:
    """Return whether a checkpoint tells how far a log was read; another tells a time, say."""
    return " " in str(doc.get("position", ""))


def _place(snapshot: Snapshot) -> DocumentReference:
    found: DocumentReference = snapshot.reference
    return found
