"""Records as one person sees them: every list and card is made of these."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from kartoteka.domain.access import Operation, Sight, can
from kartoteka.domain.approval import Approval
from kartoteka.domain.batch import Batch, EditRun
from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.change import Actor, Change
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.exchange import Exchange
from kartoteka.domain.history import State
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import (
    Activity,
    Client,
    Entity,
    Lead,
    Notice,
    Pair,
    Staff,
    Task,
    Timer,
)
from kartoteka.domain.office import Account, Form, Office, Settings
from kartoteka.domain.order import Order
from kartoteka.domain.overrides import Overrides
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.plan import Plan
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.domain.table_export import ExportRun
from kartoteka.domain.table_import import ImportRun
from kartoteka.domain.template import Template
from kartoteka.domain.visibility import Shown, visible, visible_change, visible_state
from kartoteka.ports import Doc, LogEntry, Query, Store
from kartoteka.services.unit import LOG

KINDS: Mapping[str, type[Entity]] = {
    kind.collection: kind
    for kind in (
        Account, Activity, Approval, Batch, Chat, Client, Company, Deal, EditRun, Exchange,
        ExportRun, Form, ImportRun, Inbound, Lead, Notice, Office, Order, Overrides, Pair,
        PaymentFact, Plan, Product, SalesPaper, Staff, Task, Template, Timer,
    )
}  # fmt: skip
_BY_KIND = {model.kind: model for model in KINDS.values()}
_PAGE = 200
_MOST_LOOKED = 1_000  # records that one page may cost, whatever its reader may see of them
_Place: TypeAlias = tuple[str, str]  # collection, id


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one answer; `after` continues behind them, None: there are no more."""

    rows: tuple[Shown, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """One person's view of the office at one moment; a machine sees everything."""

    store: Store
    settings: Settings
    actor: Actor
    now: datetime

    def rows(self, query: Query) -> Iterator[Doc]:
        """Yield the records of the answer that the actor may read, as they may see them.

        Memory stays flat: the records that lead to a page of others are read with it.
        """
        found = (hit.doc for hit in self.store.query(query))
        if not self.actor.is_person:
            yield from found
            return
        kind = KINDS[query.collection]
        while page := list(islice(found, _PAGE)):
            yield from self._seen([kind.model_validate(doc) for doc in page])

    def page(self, query: Query, most: int) -> Page:
        """Return at most so many records of the answer that the actor may read.

        A page looks at a thousand records and no more, so it may be shorter, even empty, for who
        sees few of them: it goes on while there is an `after`.
        """
        rows: list[Shown] = []
        kind, after, left = KINDS[query.collection], query.after, _MOST_LOOKED
        size = most  # whoever sees everything pays for what they get
        while left > 0:
            hits = list(self.store.query(replace(query, limit=size, after=after)))
            judged = self._judged([kind.model_validate(hit.doc) for hit in hits])
            for hit, shown in zip(hits, judged, strict=True):
                after = hit.cursor
                rows += [shown] if shown is not None else []
                if len(rows) == most:
                    return Page(tuple(rows), after)
            if len(hits) < size:
                return Page(tuple(rows), None)
            left -= size
            size = min(_PAGE, left)
        return Page(tuple(rows), after)

    def one(self, kind: type[Entity], record_id: str) -> Shown:
        """Return one record as the actor may see it.

        Raises:
            NotFound: there is none, or it is out of the actor's reach: nobody learns which.
        """
        doc = self.store.get(kind.collection, record_id)
        found = list(self.seen([kind.model_validate(doc)])) if doc is not None else []
        if not found:
            raise NotFound(f"there is no {kind.kind} {record_id!r}", code="record_unknown")
        return found[0]

    def then(self, kind: type[Entity], record_id: str, state: State) -> Shown:
        """Return an earlier state of a record by the rights that the actor has in it now.

        Raises:
            NotFound: the record is gone by now.
        """
        doc = self.store.get(kind.collection, record_id)
        if doc is None:
            raise NotFound(f"there is no {kind.kind} {record_id!r}", code="record_unknown")
        record = kind.model_validate(doc)
        via = self._way(record, self._around([record]))
        return visible_state(Sight(self.actor, self.settings, self.now, via), record, state)

    def seen(self, records: Iterable[Entity]) -> Iterator[Shown]:
        """Yield those records that the actor may read, as they may see them."""
        return self._seen(list(records))

    def changes(self, entries: Sequence[LogEntry] | Sequence[Doc]) -> Iterator[Shown]:
        """Yield those of these changes of the log that the actor may see, without closed fields."""
        docs = [entry.doc if isinstance(entry, LogEntry) else entry for entry in entries]
        told = [Change.model_validate(doc) for doc in docs]
        records = self._changed(told) if self.actor.is_person else {}
        for change in told:
            shown = visible_change(self.actor, change, records, within=self.settings, now=self.now)
            if shown is not None:
                yield shown

    def log(self) -> Iterator[Shown]:
        """Yield every change of the log, oldest first, as the actor may see it."""
        position: str | None = None
        while entries := self.store.read_log(LOG, position, _PAGE):
            yield from self.changes(entries)
            position = entries[-1].position

    def _seen(self, records: list[Entity]) -> Iterator[Shown]:
        return (shown for shown in self._judged(records) if shown is not None)

    def _judged(self, records: list[Entity]) -> Iterator[Shown | None]:
        """Yield each record as the actor may see it, None for one that they may not read."""
        around = self._around(records)
        for record in records:
            via = self._way(record, around)
            may = self._may_read(record, via)
            within, now = self.settings, self.now
            yield visible(self.actor, record, within=within, now=now, via=via) if may else None

    def _may_read(self, record: Entity, via: Entity | None) -> bool:
        return can(self.actor, Operation.READ, record, within=self.settings, now=self.now, via=via)

    def _way(self, record: Entity, around: Mapping[_Place, Entity]) -> Entity | None:
        """Return a record that the actor reads and that leads to this one."""
        known = (around[place] for place in _ways(record) if place in around)
        return next((found for found in known if self._may_read(found, None)), None)

    def _around(self, records: Iterable[Entity]) -> dict[_Place, Entity]:
        wanted: dict[str, dict[str, None]] = {}
        for record in records if self.actor.is_person else ():
            for collection, record_id in _ways(record):
                wanted.setdefault(collection, {})[record_id] = None
        return {
            (collection, record_id): KINDS[collection].model_validate(doc)
            for collection, ids in wanted.items()
            for record_id, doc in self.store.get_many(collection, list(ids)).items()
        }

    def _changed(self, changes: Iterable[Change]) -> dict[_Place, Entity]:
        wanted: dict[str, dict[str, None]] = {}
        for change in changes:
            for part in change.parts:
                if part.entity in _BY_KIND:
                    wanted.setdefault(part.entity, {})[part.id] = None
        return {
            (kind, record_id): _BY_KIND[kind].model_validate(doc)
            for kind, ids in wanted.items()
            for record_id, doc in self.store.get_many(_BY_KIND[kind].collection, list(ids)).items()
        }


def _ways(record: Entity) -> list[_Place]:
    """Return which records lead to this one: of deals and requests first."""
    if isinstance(record, Client):
        leads = [record.open_lead_id] if record.open_lead_id else []
        return [*(("deals", it) for it in record.open_deal_ids), *(("leads", it) for it in leads)]
    if isinstance(record, Chat):
        return [("clients", record.client_id)]
    if isinstance(record, Order):
        return [("deals", record.deal_id)]
    if isinstance(record, PaymentFact | SalesPaper):
        return [("deals", record.deal_id)] if record.deal_id else []
    if isinstance(record, Activity | Task):
        ways = (
            ("deals", record.deal_id), ("leads", record.lead_id), ("clients", record.client_id),
        )  # fmt: skip
        return [(collection, str(found)) for collection, found in ways if found]
    return []
