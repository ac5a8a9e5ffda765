"""The one write path: records read and saved in a unit become one transaction and one Change."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue

from kartoteka.domain.change import Actor, Change, Part
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Entity
from kartoteka.ports import Doc, Query, Store, Tx

E = TypeVar("E", bound=Entity)
T = TypeVar("T")
LOG = "changes"
_Dump = dict[str, JsonValue]


class Unit:
    """One act: read first, then `save`; `close` writes everything and the Change.

    Nothing is written until `close`, so reads may follow saves without breaking the rule of
    reads before writes.
    """

    def __init__(self, tx: Tx, actor: Actor, cause: str, now: datetime) -> None:
        self._tx = tx
        self.actor = actor
        self.cause = cause
        self.now = now
        self.evidence = ""
        self.reason = ""
        self.subject = ""
        self._before: dict[tuple[str, str], _Dump] = {}
        self._after: dict[tuple[str, str], Entity] = {}
        self._fresh: set[tuple[str, str]] = set()
        self._claims: dict[str, Doc] = {}
        self._kept: dict[tuple[str, str], Doc] = {}
        self._notes: list[Part] = []

    def find(self, model: type[E], record_id: str | None) -> E | None:
        """Return the record, with what this unit saved already, or None."""
        if not record_id:
            return None
        saved = self._after.get((model.collection, record_id))
        if isinstance(saved, model):
            return saved
        doc = self._tx.get(model.collection, record_id)
        return None if doc is None else self._seen(model, doc)

    def find_many(self, model: type[E], record_ids: Iterable[str]) -> dict[str, E]:
        """Return the records that exist, by id, read at once."""
        docs = self._tx.get_many(model.collection, list(dict.fromkeys(record_ids)))
        return {record_id: self._seen(model, doc) for record_id, doc in docs.items()}

    def search(self, model: type[E], query: Query) -> list[E]:
        """Return what the store holds for the query, each as this unit saved it since.

        A saved record may have left the answer: look at its fields again.
        """
        found = [self._seen(model, hit.doc) for hit in self._tx.query(query)]
        saved = (self._after.get((model.collection, record.id)) for record in found)
        pairs = zip(found, saved, strict=True)
        return [kept if isinstance(kept, model) else record for record, kept in pairs]

    def need(self, model: type[E], record_id: str) -> E:
        """Return the record; `NotFound` when there is none."""
        record = self.find(model, record_id)
        if record is None:
            raise NotFound(f"there is no {model.kind} {record_id!r}", code="record_unknown")
        return record

    def keys(self, names: Iterable[str]) -> dict[str, str]:
        """Return which client holds each identity key that is taken."""
        docs = self._tx.get_many("keys", list(names))
        return {name: str(doc["client_id"]) for name, doc in docs.items()}

    def claim(self, names: Iterable[str], client_id: str) -> None:
        """Give free identity keys to a client; the transaction fails if one is taken meanwhile."""
        self._claims.update({name: {"client_id": client_id} for name in names})

    def keep(self, record: Entity, *, shown: tuple[str, ...] = ()) -> None:
        """Write a record whose body stays out of the log: only the `shown` fields go there.

        Nothing shown: bookkeeping such as a timer, of which the log says nothing at all.
        """
        doc = record.model_dump(mode="json")
        self._kept[(record.collection, record.id)] = doc
        if not shown:
            return
        after = {name: doc[name] for name in shown}
        self._notes.append(Part(entity=record.kind, id=record.id, before=None, after=after))

    def add(self, record: E) -> E:
        """Keep a record that must not exist yet."""
        self._fresh.add((record.collection, record.id))
        return self.save(record)

    def save(self, record: E) -> E:
        """Keep the record as it shall be."""
        self._after[(record.collection, record.id)] = record
        return record

    def close(self) -> Change | None:
        """Write what was saved and claimed, with the one Change; None when nothing changed."""
        written = (self._part(key, record) for key, record in self._after.items())
        parts = [part for part in written if part is not None] + self._notes
        for name, doc in self._claims.items():
            self._tx.create("keys", name, doc)
        for key, doc in self._kept.items():
            self._tx.put(*key, doc)
        if not parts:
            return None
        change = self._change(parts)
        self._tx.append(LOG, change.id, change.model_dump(mode="json"))
        return change

    def _part(self, key: tuple[str, str], record: Entity) -> Part | None:
        after = record.model_dump(mode="json")
        before = self._before.get(key)
        if before == after:
            return None
        write = self._tx.create if key in self._fresh else self._tx.put
        write(*key, after)
        if before is None:
            return Part(entity=record.kind, id=record.id, before=None, after=after)
        changed = [name for name in after if before.get(name) != after[name]]
        return Part(
            entity=record.kind,
            id=record.id,
            before={name: before.get(name) for name in changed},
            after={name: after[name] for name in changed},
        )

    def _change(self, parts: list[Part]) -> Change:
        return Change(
            at=self.now,
            actor=self.actor,
            cause=self.cause,
            evidence=self.evidence,
            reason=self.reason,
            subject=self.subject or parts[0].id,
            parts=tuple(parts),
        )

    def _seen(self, model: type[E], doc: Doc) -> E:
        record = model.model_validate(doc)
        self._before.setdefault((model.collection, record.id), record.model_dump(mode="json"))
        return record


def transact(
    store: Store, actor: Actor, cause: str, now: datetime, *, work: Callable[[Unit], T]
) -> T:
    """Return what `work` returns, after its records and their Change are committed together."""

    def once(tx: Tx) -> T:
        unit = Unit(tx, actor, cause, now)
        result = work(unit)
        unit.close()
        return result

    return store.run(once)
