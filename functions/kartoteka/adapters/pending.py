"""The writing half of a transaction, the same in every store: collected, then applied at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kartoteka.adapters.storable import checked_collection, checked_id, storable
from kartoteka.domain.errors import ConfigError, Conflict, Invalid
from kartoteka.indexes import LOG_FIELDS, Catalog
from kartoteka.ports import Doc

Kind = Literal["put", "create", "delete", "append"]


@dataclass(frozen=True, slots=True)
class Write:
    """One write to apply at commit; `doc` is checked and plain."""

    kind: Kind
    collection: str
    id: str
    doc: Mapping[str, Any]


class PendingWrites:
    """Collects checked writes, one per record, and refuses reads behind the first of them."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._writes: dict[tuple[str, str], Write] = {}

    @property
    def writes(self) -> list[Write]:
        """Return the writes in the order in which their records were first written."""
        return list(self._writes.values())

    def put(self, collection: str, record_id: str, doc: Doc) -> None:
        self._add("put", collection, record_id, doc)

    def create(self, collection: str, record_id: str, doc: Doc) -> None:
        """Write a record that must not exist; the commit raises `Conflict` if it does."""
        self._add("create", collection, record_id, doc)

    def delete(self, collection: str, record_id: str) -> None:
        self._merge(Write("delete", checked_collection(collection), checked_id(record_id), {}))

    def append(self, log: str, record_id: str, doc: Doc) -> None:
        """Add a new entry to a declared log; `Conflict` at commit if the id was used."""
        check_entry(self.catalog, log, doc)
        self._write("append", log, record_id, doc)

    def reading(self) -> None:
        """Refuse a read behind a write, as Firestore does."""
        if self._writes:
            raise ConfigError("a transaction reads after it wrote: move the reads to its start")

    def _add(self, kind: Kind, collection: str, record_id: str, doc: Doc) -> None:
        if collection in self.catalog.logs:
            raise ConfigError(f"{collection!r} is a log: use append, entries do not change")
        self._write(kind, collection, record_id, doc)

    def _write(self, kind: Kind, collection: str, record_id: str, doc: Doc) -> None:
        searched = self.catalog.searched_fields(checked_collection(collection))
        plain = storable(doc, searched)
        self._merge(Write(kind, collection, checked_id(record_id), plain))

    def _merge(self, write: Write) -> None:
        """Keep one write per record that does what all of them would, one after another."""
        place = (write.collection, write.id)
        earlier = self._writes.get(place)
        if earlier is not None:
            write = _both(earlier, write)
        self._writes[place] = write


def check_entry(catalog: Catalog, log: str, doc: Doc) -> None:
    """Refuse what is no log, and an entry with fields that the log keeps for itself."""
    if log not in catalog.logs:
        raise ConfigError(f"{log!r} is not a log: add it to kartoteka.indexes.LOGS")
    reserved = [name for name in LOG_FIELDS if name in doc]
    if reserved:
        raise Invalid(f"a log entry cannot have the fields {reserved}: rename them")


def _both(earlier: Write, later: Write) -> Write:
    if later.kind in {"create", "append"} and earlier.kind != "delete":
        raise Conflict(f"{later.collection}/{later.id} is created behind an earlier write")
    if later.kind == "delete" and earlier.kind == "create":
        raise ConfigError("a transaction creates a record and deletes it: leave out both")
    kind = later.kind
    if later.kind == "create":
        kind = "put"
    elif later.kind == "put" and earlier.kind == "create":
        kind = "create"
    return Write(kind, later.collection, later.id, later.doc)
