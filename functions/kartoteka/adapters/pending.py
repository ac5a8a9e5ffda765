"""The writing half of a transaction, the same in every store: collected, then applied at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kartoteka.adapters.storable import checked_collection, checked_id, storable
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.indexes import LOG_FIELDS, Catalog
from kartoteka.ports import Doc

Kind = Literal["put", "create", "delete", "append"]


@dataclass(frozen=True, slots=True)
class Write:
    """One write to apply at commit; `doc` is a checked plain copy."""

    kind: Kind
    collection: str
    id: str
    doc: Mapping[str, Any]


class PendingWrites:
    """Collects checked writes in order and refuses reads behind the first of them."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.writes: list[Write] = []

    def put(self, collection: str, record_id: str, doc: Doc) -> None:
        self._add("put", collection, record_id, doc)

    def create(self, collection: str, record_id: str, doc: Doc) -> None:
        """Write a record that must not exist; the commit raises `Conflict` if it does."""
        self._add("create", collection, record_id, doc)

    def delete(self, collection: str, record_id: str) -> None:
        self.writes.append(
            Write("delete", checked_collection(collection), checked_id(record_id), {})
        )

    def append(self, log: str, record_id: str, doc: Doc) -> None:
        """Add a new entry to a declared log; `Conflict` at commit if the id was used."""
        if log not in self.catalog.logs:
            raise ConfigError(f"{log!r} is not a log: add it to kartoteka.indexes.LOGS")
        reserved = [name for name in LOG_FIELDS if name in doc]
        if reserved:
            raise Invalid(f"a log entry cannot have the fields {reserved}: rename them")
        self._write("append", log, record_id, doc)

    def reading(self) -> None:
        """Refuse a read behind a write, as Firestore does."""
        if self.writes:
            raise ConfigError("a transaction reads after it wrote: move the reads to its start")

    def _add(self, kind: Kind, collection: str, record_id: str, doc: Doc) -> None:
        if collection in self.catalog.logs:
            raise ConfigError(f"{collection!r} is a log: use append, entries do not change")
        self._write(kind, collection, record_id, doc)

    def _write(self, kind: Kind, collection: str, record_id: str, doc: Doc) -> None:
        searched = self.catalog.searched_fields(checked_collection(collection))
        plain = storable(doc, searched)
        self.writes.append(Write(kind, collection, checked_id(record_id), plain))
