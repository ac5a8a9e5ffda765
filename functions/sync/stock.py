"""The records of one drain, read once whatever the number of books that show them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias, TypeVar

from pydantic import JsonValue

from kartoteka.domain.catalogue import Company
from kartoteka.domain.closing import CLOSED, MOMENT
from kartoteka.domain.deal import Deal
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client, Entity, Lead, Pair, Staff, Task
from kartoteka.domain.office import Settings
from kartoteka.domain.payment import PaymentFact
from kartoteka.domain.sales_paper import INVOICE, LIVING, SalesPaper
from kartoteka.domain.tasks_rules import ACTIVE
from kartoteka.ports import Doc, Found, Order, Query, Store, Where
from kartoteka.services.office import read_settings
from sync.columns import Frame, Span, Tab, View
from sync.made_with import speaking

E = TypeVar("E", bound=Entity)
SHOWN: Mapping[str, type[Entity]] = {
    kind.kind: kind
    for kind in (Lead, Deal, Task, Client, Pair, Inbound, PaymentFact, SalesPaper, Staff)
}
Counted: TypeAlias = Callable[[Staff], Mapping[str, int]]  # what waits for a colleague
_OPEN = ("open", "ongoing")
_UNREAD = "unknown"
_UNSETTLED = ("unchecked", "unmatched")
_BEGINNING = "created_at"
_HELD = 6_000  # records that books share; a longer tab reads its own again


class Stock:
    """What was read of the store; a record changed by a command is `dropped` and read again."""

    def __init__(
        self,
        store: Store,
        settings: Settings | None = None,
        counted: Counted | None = None,
        *,
        held: int = _HELD,
    ) -> None:
        self._store = store
        self._settings = settings
        self._counted = counted
        self._held = held
        self._docs: dict[str, dict[str, Doc | None]] = {}
        self._made: dict[tuple[str, str], Entity] = {}
        self._listed: dict[Query, dict[str, str]] = {}
        self._born: dict[str, dict[str, str]] = {}
        self._now: Settings | None = None

    def settings(self) -> Settings:
        """Return the office's settings."""
        if self._settings is None:
            self._settings = read_settings(self._store)
        return self._settings

    def drop(self) -> None:
        """Forget every record: something was changed."""
        self._docs.clear()
        self._made.clear()
        self._listed.clear()
        self._now = None

    def ease(self) -> None:
        """Forget the records, if they are many: whoever needs one of them reads it again."""
        if len(self._made) > self._held:
            self._docs.clear()
            self._made.clear()

    def rows(self, tab: Tab, frame: Frame) -> dict[str, View]:
        """Return the rows of a tab of settings by id, as the store has them at this moment."""
        if tab.lists is None:
            return {}
        self._now = self._now or read_settings(self._store)
        there = speaking(replace(frame, settings=self._now), frame.locale)
        made = tab.lists(there, self._store)
        return {row.id: View(row.id, setting=row) for row in made}

    def listed(self, kind: str) -> list[str]:
        """Return the ids of the open records of a kind, what is due first in front."""
        return list(self._list(kind, self._open[kind]))

    def closed(self, kind: str, span: Span, beside: Sequence[str] = ()) -> list[str]:
        """Return the ids of the records closed in a span, and those `beside`, oldest first."""
        field = MOMENT[kind]
        time = (Where(field, ">=", spell(span.since)), Where(field, "<", spell(span.until)))
        made = {name: self._born.get(kind, {}).get(name, "") for name in beside}
        for state in CLOSED[kind]:
            where = (Where("state", "==", state), *time)
            made |= self._list(kind, Query(SHOWN[kind].collection, where, (Order(field),)))
        return sorted(made, key=lambda name: (made[name], name))

    def _list(self, kind: str, query: Query) -> dict[str, str]:
        """Return when the records of the answer were made, by id."""
        if query not in self._listed:
            found = self._store.query(query)
            self._listed[query] = {hit.id: str(hit.doc.get(_BEGINNING, "")) for hit in found}
            self._born.setdefault(kind, {}).update(self._listed[query])
        return self._listed[query]

    @cached_property
    def _open(self) -> Mapping[str, Query]:
        due = Where("state", "in", _OPEN)
        active = Where("state", "in", tuple(sorted(ACTIVE)))
        return {
            Lead.kind: Query(Lead.collection, (due,), (Order("next_at"),)),
            Deal.kind: Query(Deal.collection, (due,), (Order("next_at"),)),
            Task.kind: Query(Task.collection, (active,), (Order("due_at"),)),
            Client.kind: Query(Client.collection, (Where("merged_into", "==", None),)),
            Pair.kind: Query(Pair.collection, (Where("state", "==", "open"),), (Order("at"),)),
            Inbound.kind: Query(
                Inbound.collection,
                (Where("state", "==", _UNREAD),),
                (Order("at", descending=True),),
            ),
            PaymentFact.kind: Query(
                PaymentFact.collection,
                (Where("state", "in", _UNSETTLED),),
                (Order("at"),),
            ),
            SalesPaper.kind: Query(
                SalesPaper.collection,
                (Where("what", "==", INVOICE), Where("state", "in", tuple(sorted(LIVING)))),
                (Order("due"),),
            ),
            Staff.kind: Query(Staff.collection),
        }

    def answer(self, query: Query) -> Iterator[Found]:
        """Return what the store answers: for what is no row of a record."""
        return self._store.query(query)

    def fetch(self, kind: str, ids: Iterable[str]) -> None:
        """Read these records, and those that their rows show, in few calls."""
        wanted = list(ids)
        self._many(SHOWN[kind], wanted)
        records = [record for record_id in wanted if (record := self.one(SHOWN[kind], record_id))]
        for model, names in _LINKS.get(kind, ()):
            linked = (getattr(record, name) for record in records for name in names)
            self._many(model, [str(record_id) for record_id in linked if record_id])

    def one(self, model: type[E], record_id: str | None) -> E | None:
        """Return a record, None when there is none."""
        if not record_id:
            return None
        made = self._made.get((model.kind, record_id))
        if isinstance(made, model):
            return made
        self._many(model, [record_id])
        doc = self._docs[model.kind][record_id]
        if doc is None:
            return None
        record = model.model_validate(doc)
        self._made[model.kind, record_id] = record
        self._docs[model.kind][record_id] = None  # known, and not kept twice
        return record

    def view(
        self, kind: str, record_id: str, before: Mapping[str, JsonValue] | None = None
    ) -> View | None:
        """Return everything that the row of a record shows; as it was `before`, if given."""
        record = self._as_was(SHOWN[kind], record_id, before)
        if record is None:
            return None
        if isinstance(record, Task):
            return self._of_task(record)
        if isinstance(record, Pair):
            left, right = self.one(Client, record.left), self.one(Client, record.right)
            return View(record_id, pair=record, client=left, other=right)
        if isinstance(record, Lead | Deal | SalesPaper):
            return self._of_sale(record)
        if isinstance(record, Staff):
            counts = self._counted(record) if self._counted is not None else None
            return View(record_id, staff=record, counts=counts)
        return _alone(record)

    def _of_sale(self, record: Lead | Deal | SalesPaper) -> View:
        client = self.one(Client, record.client_id)
        if isinstance(record, Lead):
            return View(record.id, lead=record, client=client)
        company = self.one(Company, record.company_id)
        if isinstance(record, SalesPaper):
            return View(record.id, paper=record, client=client, company=company)
        return View(record.id, deal=record, client=client, company=company)

    def _of_task(self, task: Task) -> View:
        return View(
            task.id,
            lead=self.one(Lead, task.lead_id),
            client=self.one(Client, task.client_id),
            deal=self.one(Deal, task.deal_id),
            task=task,
        )

    def _as_was(
        self, model: type[E], record_id: str, before: Mapping[str, JsonValue] | None
    ) -> E | None:
        record = self.one(model, record_id)
        if before is None or record is None:
            return record
        return model.model_validate({**record.model_dump(mode="json"), **before})

    def _many(self, model: type[Entity], ids: Sequence[str]) -> None:
        known = self._docs.setdefault(model.kind, {})
        lacking = [record_id for record_id in dict.fromkeys(ids) if record_id not in known]
        if lacking:
            docs = self._store.get_many(model.collection, lacking)
            known.update({record_id: docs.get(record_id) for record_id in lacking})


def _alone(record: Entity) -> View | None:
    """Return the row of a record that shows nothing else."""
    if isinstance(record, Client):
        return View(record.id, client=record)
    if isinstance(record, PaymentFact):
        return View(record.id, payment=record)
    return View(record.id, inbound=record) if isinstance(record, Inbound) else None


_LINKS: Mapping[str, Sequence[tuple[type[Entity], tuple[str, ...]]]] = {
    Lead.kind: ((Client, ("client_id",)),),
    Deal.kind: ((Client, ("client_id",)), (Company, ("company_id",))),
    Task.kind: ((Lead, ("lead_id",)), (Client, ("client_id",)), (Deal, ("deal_id",))),
    Pair.kind: ((Client, ("left", "right")),),
    SalesPaper.kind: ((Client, ("client_id",)), (Company, ("company_id",))),
}
