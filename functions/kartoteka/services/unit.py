"""The one write path: records read and saved in a unit become one transaction and one Change."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue

from kartoteka.domain.change import Actor, Backed, Change, Part
from kartoteka.domain.duplicates import Key, read_key
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Activity, Client, Entity
from kartoteka.ports import Doc, Query, Store, Tx

E = TypeVar("E", bound=Entity)
T = TypeVar("T")
LOG = "changes"
USES = "approval_uses"
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
        self.evidence = f"approval:{actor.approval_id}" if isinstance(actor, Backed) else ""
        self.reason = ""
        self.subject = ""
        self.apart = False  # a mass act: one Change per client, so that each has its history
        self._about: dict[tuple[str, str], str] = {}
        self._before: dict[tuple[str, str], _Dump] = {}
        self._after: dict[tuple[str, str], Entity] = {}
        self._fresh: set[tuple[str, str]] = set()
        self._removed: dict[tuple[str, str], Entity] = {}
        self._unsaid: dict[tuple[str, str], frozenset[str]] = {}
        self._claims: dict[str, Doc] = {}
        self._keys: dict[str, Key | None] = {}
        self._held: dict[str, Key | None] = {}
        self._kept: dict[tuple[str, str], Doc] = {}
        self._notes: list[Part] = []

    def find(self, model: type[E], record_id: str | None) -> E | None:
        """Return the record, with what this unit saved already, or None when there is none."""
        if not record_id or (model.collection, record_id) in self._removed:
            return None
        saved = self._after.get((model.collection, record_id))
        if isinstance(saved, model):
            return saved
        doc = self._tx.get(model.collection, record_id)
        return None if doc is None else self._seen(model, doc)

    def find_many(self, model: type[E], record_ids: Iterable[str]) -> dict[str, E]:
        """Return the records that exist, by id, read at once."""
        asked = dict.fromkeys(record_ids)
        left = [name for name in asked if (model.collection, name) not in self._removed]
        docs = self._tx.get_many(model.collection, left)
        return {record_id: self._seen(model, doc) for record_id, doc in docs.items()}

    def search(self, model: type[E], query: Query) -> list[E]:
        """Return what the store holds for the query, each as this unit saved it since.

        A saved record may have left the answer: look at its fields again. A removed one has.
        """
        hits = self._tx.query(query)
        left = (hit for hit in hits if (model.collection, hit.id) not in self._removed)
        found = [self._seen(model, hit.doc) for hit in left]
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
        """Return which client holds each identity key that means one client."""
        found = self.key_records(names)
        return {name: key.client_id for name, key in found.items() if not key.shared}

    def key_records(self, names: Iterable[str]) -> dict[str, Key]:
        """Return the identity keys that are taken, with what this unit did to them."""
        asked = list(dict.fromkeys(names))
        unread = [name for name in asked if name not in self._keys]
        docs = self._tx.get_many("keys", unread) if unread else {}
        for name in unread:
            self._keys[name] = read_key(docs[name]) if name in docs else None
        now = {name: self._held.get(name, self._keys[name]) for name in asked}
        return {name: key for name, key in now.items() if key is not None}

    def claim(self, names: Iterable[str], client_id: str) -> None:
        """Give free identity keys to a client; the transaction fails if one is taken meanwhile.

        Keys that this unit saw in other hands stay there.
        """
        free = (name for name in names if self._keys.get(name) is None)
        self._claims.update({name: {"client_id": client_id} for name in free})

    def hold(self, name: str, key: Key | None, *, about: str = "") -> None:
        """Keep who uses an identity key that was read; None frees it.

        In a mass act the log tells it among the changes of the client `about`.
        """
        self._held[name] = key
        if about:
            self._about[("key", name)] = about

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

    def save(self, record: E, *, unsaid: Iterable[str] = ()) -> E:
        """Keep the record as it shall be; the log says nothing of the fields `unsaid`."""
        self._after[(record.collection, record.id)] = record
        if unsaid:
            self._unsaid[(record.collection, record.id)] = frozenset(unsaid)
        return record

    def remove(self, record: Entity) -> None:
        """Delete a record that was read; the log keeps it whole, so that it can come back."""
        self._after.pop((record.collection, record.id), None)
        self._removed[(record.collection, record.id)] = record

    def close(self) -> list[Change]:
        """Write what was saved and claimed, with its one Change; none when nothing changed.

        A mass act (`apart`) leaves one Change per client in the same transaction.
        """
        self._tell_of_files()
        written = (self._part(key, record) for key, record in self._after.items())
        parts = [part for part in written if part is not None] + self._notes
        parts += [*self._removals(), *self._key_parts()]
        for name, doc in self._claims.items():
            self._tx.create("keys", name, doc)
        for key, doc in self._kept.items():
            self._tx.put(*key, doc)
        changes = [self._change(group) for group in self._groups(parts)]
        if changes and isinstance(self.actor, Backed):  # an approval backs one act only
            self._tx.create(USES, self.actor.approval_id, {"change": changes[0].id})
        for change in changes:
            self._tx.append(LOG, change.id, _logged(change))
        return changes

    def _tell_of_files(self) -> None:
        """Note at the client that there is a file of theirs, once: whoever shows them reads it."""
        came = [it for it in self._after.values() if isinstance(it, Activity) and it.files]
        for activity in came:
            was = self._before.get((activity.collection, activity.id), {})
            if was.get("files") and was.get("client_id") == activity.client_id:
                continue
            client = self.find(Client, activity.client_id)
            if client is not None and not client.has_files:
                self.save(client.model_copy(update={"has_files": True}))

    def _groups(self, parts: list[Part]) -> Iterable[list[Part]]:
        if not self.apart:
            return [parts] if parts else []
        groups: dict[str, list[Part]] = {}
        for part in parts:
            groups.setdefault(self._subject_of(part), []).append(part)
        return groups.values()

    def _belongs(self, record: Entity, doc: _Dump) -> None:
        client_id = record.id if isinstance(record, Client) else doc.get("client_id")
        if client_id:
            self._about[(record.kind, record.id)] = str(client_id)

    def _subject_of(self, part: Part) -> str:
        return self._about.get((part.entity, part.id)) or self.subject or part.id

    def _part(self, key: tuple[str, str], record: Entity) -> Part | None:
        after = record.model_dump(mode="json")
        before = self._before.get(key)
        self._belongs(record, after)
        if before == after:
            return None
        write = self._tx.create if key in self._fresh else self._tx.put
        write(*key, after)
        if before is None:
            return _told(record, None, after)
        unsaid = self._unsaid.get(key, frozenset())
        changed = [name for name in after if before.get(name) != after[name] and name not in unsaid]
        was = {name: before.get(name) for name in changed}
        return _told(record, was, {name: after[name] for name in changed})

    def _removals(self) -> Iterable[Part]:
        for key, record in self._removed.items():
            self._tx.delete(*key)
            before = self._before.get(key) or record.model_dump(mode="json")
            self._belongs(record, before)
            yield Part(entity=record.kind, id=record.id, before=before, after=None)

    def _key_parts(self) -> Iterable[Part]:
        for name, key in self._held.items():
            before = self._keys[name]
            if before == key:
                continue
            if key is None:
                self._tx.delete("keys", name)
            else:
                self._tx.put("keys", name, key.doc)
            docs = {"before": before and before.doc, "after": key and key.doc}
            yield Part(entity="key", id=name, **docs)

    def _change(self, parts: list[Part]) -> Change:
        return Change(
            at=self.now,
            actor=self.actor,
            cause=self.cause,
            evidence=self.evidence,
            reason=self.reason,
            subject=self._subject_of(parts[0]) if self.apart else self.subject or parts[0].id,
            parts=tuple(parts),
        )

    def _seen(self, model: type[E], doc: Doc) -> E:
        record = model.model_validate(doc)
        self._before.setdefault((model.collection, record.id), record.model_dump(mode="json"))
        return record


def _logged(change: Change) -> _Dump:
    """Return the entry of the log; the parts hold JSON already and are not walked again."""
    entry = change.model_dump(mode="json", exclude={"parts"})
    entry["parts"] = [
        {"entity": part.entity, "id": part.id, "before": part.before, "after": part.after}
        for part in change.parts
    ]
    return entry


def _told(record: Entity, before: _Dump | None, after: _Dump) -> Part:
    """Return the part of a record; its dumps are JSON already and need no second look."""
    return Part.model_construct(entity=record.kind, id=record.id, before=before, after=after)


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
