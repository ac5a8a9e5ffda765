"""The records behind the rows, and which rows a change touches."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import is_
from typing import TypeVar, cast

from pydantic import JsonValue

from kartoteka.domain.access import Operation, can
from kartoteka.domain.change import Change, Part
from kartoteka.domain.closing import closed_at
from kartoteka.domain.deal import Deal
from kartoteka.domain.instant import read
from kartoteka.domain.model import Activity, Client, Entity, Lead, Task
from kartoteka.domain.sales_paper import SalesPaper
from kartoteka.domain.visibility import visible
from kartoteka.ports import Query, Store, Where
from kartoteka.services.unit import LOG
from sync.columns import Frame, Tab, View
from sync.stock import SHOWN, Stock

E = TypeVar("E", bound=Entity)
W = TypeVar("W", Lead, Deal)
_PAGE = 1_000
_ALTERNATIVES = 30  # that one query may name, all its lists multiplied
_OPEN = ("open", "ongoing", "won", "lost")
_READ = Operation.READ
_TASK_STATES = ("open", "working", "review", "returned", "done", "cancelled")
_SHOWN_OF_CLIENT = {"name", "phones", "emails", "company", "has_files"}
_Before = Mapping[str, JsonValue]


def touched(store: Store, changes: Sequence[Change]) -> dict[str, list[str]]:
    """Return the ids of the records whose rows these changes may show in, by kind, in order."""
    parts = [part for change in changes for part in change.parts]
    found = {kind: dict.fromkeys(p.id for p in parts if p.entity == kind) for kind in SHOWN}
    for kind in (Lead.kind, Deal.kind):
        found[kind].update(dict.fromkeys(_told_of(parts, kind)))
    clients = _changed(parts, Client.kind, _SHOWN_OF_CLIENT)
    found[Lead.kind].update(dict.fromkeys(_leads_of(store, clients)))
    found[Deal.kind].update(dict.fromkeys(_of(store, Deal, "client_id", clients)))
    found[Task.kind].update(dict.fromkeys(_of(store, Task, "client_id", clients)))
    found[SalesPaper.kind].update(dict.fromkeys(_of(store, SalesPaper, "client_id", clients)))
    leads = [*_changed(parts, Lead.kind, {"name"}), *_reached(store, parts)]
    states = Where("state", "in", _TASK_STATES)
    found[Task.kind].update(dict.fromkeys(_of(store, Task, "lead_id", leads, states)))
    return {kind: list(ids) for kind, ids in found.items()}


def _told_of(parts: Iterable[Part], kind: str) -> Iterator[str]:
    """Yield the records that something happened with: the book tells of it in its journal."""
    for part in parts:
        if part.entity == Activity.kind and part.before is None:
            record = (part.after or {}).get(f"{kind}_id")
            if record:
                yield str(record)


def removed(changes: Sequence[Change]) -> frozenset[str]:
    """Return the ids of the records that these changes took away."""
    parts = (part for change in changes for part in change.parts)
    return frozenset(part.id for part in parts if part.after is None)


def former(changes: Sequence[Change]) -> Mapping[tuple[str, str], _Before]:
    """Return what the changed fields of each record held before, by kind and id."""
    found: dict[tuple[str, str], dict[str, JsonValue]] = {}
    for change in changes:
        for part in change.parts:
            if part.before is not None and part.entity in SHOWN:
                known = found.setdefault((part.entity, part.id), {})
                found[part.entity, part.id] = {**part.before, **known}
    return found


def _changed(parts: Iterable[Part], kind: str, fields: set[str]) -> list[str]:
    """Return the records that existed before and changed in one of these fields."""
    found = (p for p in parts if p.entity == kind and p.before is not None)
    return list(dict.fromkeys(part.id for part in found if fields & (part.after or {}).keys()))


def _reached(store: Store, parts: Iterable[Part]) -> list[str]:
    """Return the leads of clients whose numbers changed: their tasks show the numbers."""
    return list(_leads_of(store, _changed(parts, Client.kind, {"phones", "emails"})))


def _leads_of(store: Store, clients: Sequence[str]) -> Iterator[str]:
    return _of(store, Lead, "client_id", clients, Where("state", "in", _OPEN))


def _of(
    store: Store, model: type[Entity], field: str, ids: Sequence[str], *where: Where
) -> Iterator[str]:
    """Yield the records of a kind that hang on these; as many are asked for at once as may be."""
    beside = math.prod(len(it.value) for it in where if isinstance(it.value, tuple))
    asked, most = tuple(dict.fromkeys(ids)), _ALTERNATIVES // beside
    for start in range(0, len(asked), most):
        named = Where(field, "in", asked[start : start + most])
        yield from (found.id for found in store.query(Query(model.collection, (named, *where))))


def recent(store: Store, since: datetime) -> Iterator[Change]:
    """Yield the changes since an instant, oldest first; reads the whole log."""
    position: str | None = None
    while entries := store.read_log(LOG, position, _PAGE):
        for entry in entries:
            if read(str(entry.doc["at"])) >= since:
                yield Change.model_validate(entry.doc)
        position = entries[-1].position


def everything(source: Store | Stock, tab: Tab, frame: Frame | None = None) -> list[str]:
    """Return the ids of all rows that belong into a tab, oldest first."""
    stock = _stock(source)
    if tab.lists is not None:
        return list(stock.rows(tab, frame or Frame(stock.settings())))
    seen = frame or Frame(stock.settings())
    ids = stock.listed(tab.entity) if tab.opens else []
    if tab.closed is not None:
        ids = stock.closed(tab.entity, tab.closed(seen), beside=ids)
    return ids if frame is None else list(load(stock, tab, ids, frame))


def load(
    source: Store | Stock, tab: Tab, ids: Sequence[str], frame: Frame | None = None
) -> dict[str, View]:
    """Return the rows' records that exist and belong into the tab, by id, in the order of `ids`.

    What the reader of the book may not see, such as a personal task, is as if it did not exist.
    """
    stock = _stock(source)
    seen = frame or Frame(stock.settings())
    if tab.lists is not None:
        rows = stock.rows(tab, seen)
        return {row: rows[row] for row in dict.fromkeys(ids) if row in rows}
    stock.fetch(tab.entity, ids)
    found = ((record_id, stock.view(tab.entity, record_id)) for record_id in dict.fromkeys(ids))
    views = ((record_id, as_seen(view, tab, seen)) for record_id, view in found if view is not None)
    return {record_id: view for record_id, view in views if view is not None}


def readable(stock: Stock, kind: str, ids: Sequence[str], frame: Frame) -> dict[str, View]:
    """Return these records as the reader sees them, wherever their rows belong, by id."""
    stock.fetch(kind, ids)
    found = ((record_id, stock.view(kind, record_id)) for record_id in dict.fromkeys(ids))
    return {
        record_id: _seen(view, record, frame)
        for record_id, view in found
        if view is not None and (record := _record(view, kind)) and _may(frame, record)
    }


def belonged(stock: Stock, tab: Tab, record_id: str, *, before: _Before, frame: Frame) -> bool:
    """Return whether the record, as it was before, had its row in this tab."""
    view = stock.view(tab.entity, record_id, before)
    return view is not None and as_seen(view, tab, frame) is not None


def as_seen(view: View, tab: Tab, frame: Frame) -> View | None:
    """Return the row as its reader sees it, None if it is not theirs or does not belong here."""
    record = _record(view, tab.entity)
    if record is None or not _may(frame, record) or not tab.holds(view, frame):
        return None
    return _seen(view, record, frame) if _in_time(record, tab, frame) else None


def _in_time(record: Entity, tab: Tab, frame: Frame) -> bool:
    """Return whether the record was closed in the time that the tab is for."""
    if tab.closed is None:
        return True
    at, span = closed_at(record), tab.closed(frame)
    return tab.opens if at is None else span.since <= at < span.until


def _record(view: View, entity: str) -> Entity | None:
    return cast("Entity | None", getattr(view, entity))


def _may(frame: Frame, record: Entity, via: Entity | None = None) -> bool:
    return can(frame.reader, _READ, record, within=frame.settings, now=frame.now, via=via)


def _seen(view: View, known: Entity, frame: Frame) -> View:
    """Return the view without the records out of reach, amounts covered in words.

    `known` is the record of the row: it was found to be within reach.
    """
    lead, deal = _own(view.lead, known, frame), _own(view.deal, known, frame)
    way = deal or lead or view.task
    client, other = _linked(view.client, way, frame), _linked(view.other, way, frame)
    company = _linked(view.company, way, frame)
    found = (lead, deal, client, other, company)
    if all(map(is_, found, (view.lead, view.deal, view.client, view.other, view.company))):
        return view
    return replace(view, lead=lead, deal=deal, client=client, other=other, company=company)


def _own(record: W | None, known: Entity, frame: Frame) -> W | None:
    if record is None or not (record is known or _may(frame, record)):
        return None
    has_amounts = record.kind == Deal.kind or bool(record.lines)
    return _covered(record, frame) if has_amounts else record


def _linked(record: E | None, way: Entity | None, frame: Frame) -> E | None:
    return record if record is not None and _may(frame, record, way) else None


def _covered(record: W, frame: Frame) -> W:
    """Return the record with the amounts that the reader may not see covered in its words."""
    shown = visible(frame.reader, record, within=frame.settings, now=frame.now)
    words = {
        name: shown[name]
        for name, value in record
        if isinstance(value, str) and name in shown and shown[name] != value
    }
    return record.model_copy(update=words) if words else record


def _stock(source: Store | Stock) -> Stock:
    return source if isinstance(source, Stock) else Stock(source)
