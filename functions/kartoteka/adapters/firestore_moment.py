"""The whole of one Firestore database at one moment of the last hour.

Every read names the same instant (`read_time`), so what is written meanwhile is not seen. Entries
of a log are read as they say now (a person may have been forgotten meanwhile), those committed
later are left out.

A file's log counts its entries. So that a consumer goes on where it was, its checkpoint is
spelled as that number too.

Source: Firestore's `read_time`: at most one hour back, or seven days with point-in-time recovery.
"""

from collections.abc import Iterator
from datetime import datetime

from google.cloud.firestore import DocumentReference, Query

from kartoteka.adapters.firestore_client import NO_RETRY, Client, Effort, patiently
from kartoteka.adapters.firestore_documents import Snapshot, plain, record_id, reference
from kartoteka.adapters.firestore_log import LogReader
from kartoteka.adapters.moment import Kept
from kartoteka.domain.instant import read
from kartoteka.indexes import CATALOG, Catalog
from kartoteka.ports import Doc, LogEntry

_CHECKPOINTS = "checkpoints"
_PAGE = 300
_DIGITS = 20


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
        self._client = Client(project=project, database=database)
        self._catalog = catalog
        self._patience_s = patience_s
        self._log = LogReader(self._client, log_shards=log_shards, patience_s=patience_s)
        self._at = self._now()

    def collections(self) -> list[str]:
        found = patiently(
            lambda call_s: list(
                self._client.collections(retry=NO_RETRY, timeout=call_s, read_time=self._at)
            ),
            Effort(self._patience_s),
        )
        return sorted(collection.id for collection in found)

    def records(self, collection: str) -> Iterator[Kept]:
        """Stream the records by id; those of one collection are in memory at a time."""
        if collection in self._catalog.logs:
            for number, entry in enumerate(self._entries(collection), 1):
                yield Kept(entry.id, entry.doc, f"{number:0{_DIGITS}}")
            return
        kept: dict[str, Doc] = {
            record_id(found.id): plain(found) for found in self._snapshots(collection)
        }
        if collection == _CHECKPOINTS:
            kept = self._counted(kept)
        for name in sorted(kept, key=str.encode):
            yield Kept(name, kept[name])

    def close(self) -> None:
        """Close the channel."""
        self._client.hang_up()

    def _now(self) -> datetime:
        asked = [reference(self._client, _CHECKPOINTS, "now")]
        [found] = patiently(
            lambda call_s: list(self._client.get_all(asked, retry=NO_RETRY, timeout=call_s)),
            Effort(self._patience_s),
        )
        moment: datetime = found.read_time
        return datetime.fromisoformat(moment.isoformat())  # the vendor's class has nanoseconds

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
        while entries := self._log.entries(log, position, _PAGE):
            for entry in entries:
                if read(entry.position.partition(" ")[0]) > self._at:
                    return
                yield entry
            position = entries[-1].position

    def _counted(self, checkpoints: dict[str, Doc]) -> dict[str, Doc]:
        """Return the checkpoints with their positions spelled as a file's log spells them."""
        wanted = {doc.get("position") for doc in checkpoints.values()}
        numbers: dict[str, str] = {}
        for log in sorted(self._catalog.logs):
            for number, entry in enumerate(self._entries(log), 1):
                if entry.position in wanted:
                    numbers[entry.position] = f"{number:0{_DIGITS}}"
        return {
            name: {**doc, "position": numbers.get(str(doc.get("position")))}
            for name, doc in checkpoints.items()
        }


def _place(snapshot: Snapshot) -> DocumentReference:
    found: DocumentReference = snapshot.reference
    return found
