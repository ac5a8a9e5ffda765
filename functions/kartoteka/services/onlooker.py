"""A transaction that only looks: what a trial reads, and where it can write nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from kartoteka.ports import Doc, Found, Query, Store


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Reads the store without holding it: an act that is never closed sees what it did itself."""

    store: Store

    def get(self, collection: str, record_id: str) -> Doc | None:
        """Return a record as the store has it."""
        return self.store.get(collection, record_id)

    def get_many(self, collection: str, record_ids: Sequence[str]) -> dict[str, Doc]:
        """Return records as the store has them."""
        return self.store.get_many(collection, record_ids)

    def query(self, query: Query) -> list[Found]:
        """Return the answer of the store."""
        return list(self.store.query(query))

    def put(self, collection: str, record_id: str, doc: Doc) -> NoReturn:
        """Refuse: a trial writes nothing."""
        raise TypeError(f"a trial does not write {collection} {record_id}: {len(doc)} fields")

    create = append = put

    def delete(self, collection: str, record_id: str) -> NoReturn:
        """Refuse: a trial writes nothing."""
        raise TypeError(f"a trial does not delete {collection} {record_id}")
