"""The records behind the rows, and which rows a change touches."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from kartoteka.domain.access import BOOK, Operation, can
from kartoteka.domain.change import Actor, ActorKind, Change, Part
from kartoteka.domain.instant import read
from kartoteka.domain.model import Client, Entity, Lead, Task
from kartoteka.ports import Order, Query, Store, Where
from kartoteka.services.unit import LOG
from sync.columns import LEADS, TASKS, Tab, View

E = TypeVar("E", bound=Entity)
ANYBODY = Actor(kind=ActorKind.STAFF, id="book", role=BOOK)  # whoever opens the book
_PAGE = 1_000
_OPEN = ("open", "ongoing", "won", "lost")
_READ = Operation.READ
_TASK_STATES = ("open", "working", "review", "returned", "done", "cancelled")
_SHOWN_OF_CLIENT = {"name", "phones", "emails"}


def touched(store: Store, changes: Sequence[Change]) -> dict[str, list[str]]:
    """Return the ids of the rows that these changes may show in, by tab, in order."""
    parts = [part for change in changes for part in change.parts]
    leads = dict.fromkeys(part.id for part in parts if part.entity == Lead.kind)
    tasks = dict.fromkeys(part.id for part in parts if part.entity == Task.kind)
    for client in _changed(parts, Client.kind, _SHOWN_OF_CLIENT):
        leads.update(dict.fromkeys(_leads_of(store, client)))
    for lead in [*_changed(parts, Lead.kind, {"name"}), *_reached(store, parts)]:
        tasks.update(dict.fromkeys(_tasks_of(store, lead)))
    return {LEADS.key: list(leads), TASKS.key: list(tasks)}


def removed(changes: Sequence[Change]) -> frozenset[str]:
    """Return the ids of the records that these changes took away."""
    parts = (part for change in changes for part in change.parts)
    return frozenset(part.id for part in parts if part.after is None)


def _changed(parts: Iterable[Part], kind: str, fields: set[str]) -> list[str]:
    """Return the records that existed before and changed in one of these fields."""
    found = (p for p in parts if p.entity == kind and p.before is not None)
    return list(dict.fromkeys(part.id for part in found if fields & (part.after or {}).keys()))


def _reached(store: Store, parts: Iterable[Part]) -> list[str]:
    """Return the leads of clients whose numbers changed: their tasks show the numbers."""
    clients = _changed(parts, Client.kind, {"phones", "emails"})
    return [lead for client in clients for lead in _leads_of(store, client)]


def _leads_of(store: Store, client_id: str) -> Iterator[str]:
    where = (Where("client_id", "==", client_id), Where("state", "in", _OPEN))
    return (found.id for found in store.query(Query(Lead.collection, where)))


def _tasks_of(store: Store, lead_id: str) -> Iterator[str]:
    where = (Where("lead_id", "==", lead_id), Where("state", "in", _TASK_STATES))
    return (found.id for found in store.query(Query(Task.collection, where)))


def recent(store: Store, since: datetime) -> Iterator[Change]:
    """Yield the changes since an instant, oldest first; reads the whole log."""
    position: str | None = None
    while entries := store.read_log(LOG, position, _PAGE):
        for entry in entries:
            if read(str(entry.doc["at"])) >= since:
                yield Change.model_validate(entry.doc)
        position = entries[-1].position


def everything(store: Store, tab: Tab) -> list[str]:
    """Return the ids of all rows that belong into a tab, oldest first."""
    collection = Lead.collection if tab is LEADS else Task.collection
    return [found.id for found in store.query(Query(collection, order=(Order("created_at"),)))]


def load(store: Store, tab: Tab, ids: Sequence[str]) -> dict[str, View]:
    """Return the rows' records that exist, by id, in the order of `ids`.

    What the readers of the book may not see, such as a personal task, is as if it did not exist.
    """
    return _lead_views(store, ids) if tab is LEADS else _task_views(store, ids)


def _lead_views(store: Store, ids: Sequence[str]) -> dict[str, View]:
    leads = _many(store, Lead, ids)
    clients = _many(store, Client, [lead.client_id for lead in leads.values()])
    return {
        lead_id: View(lead_id, leads[lead_id], clients.get(leads[lead_id].client_id))
        for lead_id in ids
        if lead_id in leads
    }


def _task_views(store: Store, ids: Sequence[str]) -> dict[str, View]:
    found = _many(store, Task, ids)
    tasks = {task_id: task for task_id, task in found.items() if can(ANYBODY, _READ, task)}
    leads = _many(store, Lead, [task.lead_id for task in tasks.values() if task.lead_id])
    clients = _many(store, Client, [task.client_id for task in tasks.values() if task.client_id])
    return {
        task_id: View(
            task_id,
            leads.get(tasks[task_id].lead_id or ""),
            clients.get(tasks[task_id].client_id or ""),
            tasks[task_id],
        )
        for task_id in ids
        if task_id in tasks
    }


def _many(store: Store, model: type[E], ids: Iterable[str]) -> dict[str, E]:
    wanted = list(dict.fromkeys(ids))
    docs = store.get_many(model.collection, wanted) if wanted else {}
    return {record_id: model.model_validate(doc) for record_id, doc in docs.items()}
