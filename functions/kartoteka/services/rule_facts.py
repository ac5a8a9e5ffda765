"""What the rules may know of a record: read when a rule asks for it, and no more than it asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from kartoteka.domain.catalogue import Company
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import read
from kartoteka.domain.model import Activity, Client, Entity, Lead, Task
from kartoteka.domain.region import place_of
from kartoteka.domain.rules.evaluate import FactValue
from kartoteka.domain.rules.fields_table import Kind
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.segment import Member
from kartoteka.ports import Doc, Order, Query, Store, Where

KINDS: Mapping[str, type[Entity]] = {it.kind: it for it in (Client, Company, Deal, Lead, Task)}
_UNSAID = frozenset({"note", "page_view"})
_SEGMENTS = "client.segments"
_REGION, _NOWHERE = "lead.region", "unknown"
_LOOKED_AT = 20  # newest activities of a client
_SAID = {"activity.last_in_at": "in", "activity.last_out_at": "out"}


class Records(Protocol):
    """Where facts come from: the store as it is, or the log as it was."""

    def record(self, kind: str, record_id: str) -> Doc | None: ...
    def touches(self, client_id: str) -> Sequence[Doc]:
        """Return the newest activities of a client, the newest first."""

    def segments(self, client_id: str) -> tuple[str, ...]:
        """Return the segments that a client is in."""


class Stored:
    """The records of the store, each read once; `reads` counts the questions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], Doc | None] = {}
        self._touches: dict[str, list[Doc]] = {}
        self.reads = 0

    def record(self, kind: str, record_id: str) -> Doc | None:
        """Return the record as it is now."""
        if (kind, record_id) not in self._known:
            self.reads += 1
            self._known[kind, record_id] = self._store.get(KINDS[kind].collection, record_id)
        return self._known[kind, record_id]

    def touches(self, client_id: str) -> Sequence[Doc]:
        """Return the newest activities of a client, the newest first."""
        if client_id not in self._touches:
            self.reads += 1
            where = (Where("client_id", "==", client_id),)
            newest = (Order("at", descending=True),)
            query = Query(Activity.collection, where, newest, _LOOKED_AT)
            self._touches[client_id] = [hit.doc for hit in self._store.query(query)]
        return self._touches[client_id]

    def segments(self, client_id: str) -> tuple[str, ...]:
        """Return the segments that a client is in."""
        self.reads += 1
        query = Query(Member.collection, (Where("client_id", "==", client_id),))
        return tuple(sorted(str(hit.doc["segment_id"]) for hit in self._store.query(query)))


@dataclass(frozen=True)
class Around:
    """One record that a rule may fire about, and what belongs to it.

    Attributes:
        records: where they are.
        kind: of the record; empty: the office itself.
        doc: the record as stored.
        event: the activity that just happened, if one did.
    """

    records: Records
    kind: str
    doc: Doc
    event: Doc | None = None
    _known: dict[str, FactValue] = field(default_factory=dict)

    def facts(self, names: Iterable[str], vocabulary: Vocabulary) -> dict[str, FactValue]:
        """Return the value of each name, looked at once; None for what is not known."""
        found: dict[str, FactValue] = {}
        for name in names:
            if name not in self._known:
                self._known[name] = self._fact(name, vocabulary)
            found[name] = self._known[name]
        return found

    def _fact(self, name: str, vocabulary: Vocabulary) -> FactValue:
        entity = name.partition(".")[0]
        if name in _SAID:
            return self._last_said(_SAID[name])
        if name == _SEGMENTS:
            ids = self.records.segments(self.client_id) if self.client_id else ()
            return _named(ids, vocabulary)
        if name == _REGION:
            return self._region()
        doc = self.event if entity == Activity.kind else self.record(entity)
        known = vocabulary.fields.get(name)
        return None if doc is None or known is None else valued(doc, known.path, known.kind)

    @property
    def client_id(self) -> str:
        """Return whose record it is, empty when it is nobody's."""
        found = self.doc.get("id" if self.kind == Client.kind else "client_id")
        return found if isinstance(found, str) else ""

    def record(self, kind: str) -> Doc | None:
        """Return the record of this kind that belongs to the one the rule fires about."""
        if kind == self.kind:
            return self.doc
        name = self._link(kind)
        return self.records.record(kind, name) if name and kind in KINDS else None

    def _link(self, kind: str) -> str:
        """Return the id that the record names, else the one that its client names."""
        if kind == Client.kind:
            return self.client_id
        own = self.doc.get(f"{kind}_id")
        if isinstance(own, str):
            return own
        client = self.record(Client.kind)
        if client is None:
            return ""
        if kind == Deal.kind:
            return next((str(it) for it in _listed(client.get("open_deal_ids"))), "")
        return str(client.get({"lead": "open_lead_id"}.get(kind, f"{kind}_id")) or "")

    def _region(self) -> FactValue:
        """Return where the lead is from: as the routing found it, else by the client's number.

        Intake looks for a region only where the table of the routing asks for one.
        """
        lead = self.record(Lead.kind)
        stored = str((lead or {}).get("region") or "")
        if lead is None or stored not in {"", _NOWHERE}:
            return stored or None
        phones = [str(it) for it in _listed((self.record(Client.kind) or {}).get("phones"))]
        named = (place_of(phones, locale).shown for locale in ("ru", "en"))
        return tuple(dict.fromkeys(it for it in named if it)) or None

    def _last_said(self, direction: str) -> datetime | None:
        """Return when the client, or we, last said something to the other."""
        touches = self.records.touches(self.client_id) if self.client_id else ()
        said = (it for it in touches if _says(it, direction))
        newest = next(said, None)
        return None if newest is None else read(str(newest["at"]))


def _named(ids: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return segments as people may name them: by id, or as the office calls them."""
    known = vocabulary.choices.get("segment")
    called = known.called if known is not None else {}
    return tuple(name for it in ids for name in dict.fromkeys((it, *called.get(it, ()))))


def valued(doc: Doc, path: str, kind: Kind) -> FactValue:
    """Return the value at a path of a stored record, of the type that rules compare."""
    found = _values(doc, path.split("."))
    if kind is Kind.TEXTS:
        return tuple(str(it) for it in found if it not in (None, ""))
    value = found[0] if found else None
    if value is None or value == "":
        return None
    if kind is Kind.MOMENT:
        return read(str(value))
    if kind is Kind.DATE:
        return date.fromisoformat(str(value)[:10])
    return value if isinstance(value, str | int | bool) else str(value)


def _values(found: object, path: list[str]) -> list[object]:
    """Return what is at a path; a list on the way gives as many as it has."""
    if isinstance(found, list | tuple):
        return [value for item in found for value in _values(item, path)]
    if not path:
        return [found]
    inside = found.get(path[0]) if isinstance(found, Mapping) else None
    return [] if inside is None else _values(inside, path[1:])


def _says(doc: Doc, direction: str) -> bool:
    """Return whether one side reached the other: in a talk both do, notes are among colleagues."""
    call = doc.get("call")
    if isinstance(call, Mapping):
        talked = bool(call.get("answered_at"))
        return talked or (direction == "in" and doc.get("direction") == "in")
    return doc.get("direction") == direction and doc.get("what") not in _UNSAID


def _listed(found: object) -> Sequence[object]:
    return found if isinstance(found, list | tuple) else ()
