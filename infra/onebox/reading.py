"""What the office holds, as rows for printing: records with the names that people use."""

from collections.abc import Iterator, Mapping
from typing import Any

from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Activity, Client, Lead, Task
from kartoteka.domain.office import Settings
from kartoteka.ports import Doc, Order, Query, Store, Where
from kartoteka.services.office import read_settings
from kartoteka.services.unit import LOG

Row = dict[str, Any]
_PAGE = 1000
_ORDERED = {"leads": "created_at", "clients": "updated_at", "tasks": "created_at", "notices": "at"}
_SORTED = {"activities": "at", "inbounds": "received_at"}


def records(store: Store, what: str) -> Iterator[Row]:
    """Yield every record of a kind, oldest first, with the names of people and stages added."""
    settings = read_settings(store)
    if what == "changes":
        yield from _changes(store)
        return
    order = (Order(_ORDERED[what]),) if what in _ORDERED else ()
    rows: Iterator[Row] = (dict(found.doc) for found in store.query(Query(what, order=order)))
    if what in _SORTED:
        rows = iter(sorted(rows, key=lambda row: str(row[_SORTED[what]])))
    for row in rows:
        yield _named(what, row, settings, store)


def lead_card(store: Store, lead_id: str) -> Row:
    """Return a lead with its client, activities, tasks and history, each oldest first.

    Raises:
        NotFound: there is no such lead.
    """
    lead = store.get(Lead.collection, lead_id)
    if lead is None:
        raise NotFound(f"there is no lead {lead_id!r}; `kartoteka list leads` prints their ids")
    client_id = str(lead["client_id"])
    settings = read_settings(store)
    return {
        "lead": _lead(dict(lead), settings, store),
        "client": dict(store.get(Client.collection, client_id) or {}),
        "activities": _of_lead(store, lead_id)[::-1],
        "tasks": [_named("tasks", task, settings, store) for task in _tasks_of(store, lead_id)],
        "history": [
            part
            for part in _history(store, client_id)
            if part["id"] in {lead_id, client_id} or part.get("lead_id") == lead_id
        ],
    }


def books(store: Store) -> list[Row]:
    """Return the office's spreadsheets: title, role, spreadsheet_id and url."""
    return [
        {
            "title": book.doc.get("title", ""),
            "role": book.doc.get("role", book.id),
            "spreadsheet_id": book.doc.get("spreadsheet_id", ""),
            "url": book.doc.get("url", ""),
        }
        for book in store.query(Query("books"))
    ]


def _changes(store: Store) -> Iterator[Row]:
    position: str | None = None
    while entries := store.read_log(LOG, position, _PAGE):
        for entry in entries:
            yield from _parts(entry.doc)
        position = entries[-1].position


def _history(store: Store, client_id: str) -> Iterator[Row]:
    query = Query(LOG, (Where("subject", "==", client_id),), (Order("at"),))
    for found in store.query(query):
        yield from _parts(found.doc)


def _parts(change: Doc) -> Iterator[Row]:
    """Yield one row per changed record, each with who, why and when."""
    actor = change["actor"] if isinstance(change["actor"], Mapping) else {}
    parts = change["parts"] if isinstance(change["parts"], list) else []
    for part in parts:
        after = part["after"] or {}
        yield {
            "change": change["id"],
            "at": change["at"],
            "actor": f"{actor.get('kind', '')}:{actor.get('id', '')}",
            "cause": change["cause"],
            "evidence": change["evidence"],
            "reason": change["reason"],
            "subject": change["subject"],
            "entity": part["entity"],
            "id": part["id"],
            "lead_id": after.get("lead_id"),
            "before": part["before"],
            "after": part["after"],
        }


def _of_lead(store: Store, lead_id: str) -> list[Row]:
    where = (Where("lead_id", "==", lead_id),)
    order = (Order("at", descending=True),)
    return [dict(found.doc) for found in store.query(Query(Activity.collection, where, order))]


def _tasks_of(store: Store, lead_id: str) -> list[Row]:
    states = Where("state", "in", ("open", "done", "cancelled"))
    where = (Where("lead_id", "==", lead_id), states)
    found = [dict(found.doc) for found in store.query(Query(Task.collection, where))]
    return sorted(found, key=lambda task: str(task["created_at"]))


def _lead(row: Row, settings: Settings, store: Store) -> Row:
    client = store.get(Client.collection, str(row["client_id"])) or {}
    phones, emails = client.get("phones"), client.get("emails")
    owner = settings.person(row["owner_id"])
    stage = settings.office.pipeline(str(row["pipeline"])).stage(str(row["stage"]))
    row["stage_name"] = stage.name
    row["owner"] = owner.name if owner else None
    row["phone"] = phones[0] if isinstance(phones, list) and phones else None
    row["email"] = emails[0] if isinstance(emails, list) and emails else None
    return row


def _person(row: Row, settings: Settings, source: str, target: str) -> Row:
    person = settings.person(row[source])
    row[target] = person.name if person else None
    return row


def _named(what: str, row: Row, settings: Settings, store: Store) -> Row:
    if what == "leads":
        return _lead(row, settings, store)
    if what == "tasks":
        return _person(row, settings, "assignee_id", "assignee")
    if what == "notices":
        return _person(row, settings, "staff_id", "staff")
    return row
