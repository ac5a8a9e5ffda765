"""Records as one person sees them, with the names that people use: lists, single ones, cards."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Activity, Client, Entity, Lead, Task
from kartoteka.domain.office import Office
from kartoteka.ports import Doc, Order, Query, Where
from kartoteka.services.read import Look
from kartoteka.services.unit import LOG

Row = dict[str, Any]
_PAGE = 200
_TASK_STATES = ("open", "working", "review", "returned", "done", "cancelled")
_ORDERED = {"leads": "created_at", "clients": "updated_at", "tasks": "created_at", "notices": "at"}
_SORTED = {
    "activities": "at",
    "batches": "at",
    "chats": "heard_at",
    "edits": "at",
    "exchanges": "at",
    "exports": "at",
    "imports": "at",
    "inbounds": "received_at",
    "overrides": "id",
    "pairs": "at",
    "payments": "at",
    "plans": "id",
    "templates": "name",
    "timers": "due_at",
}
_BY_ACTOR = frozenset({"batches", "edits", "exports", "imports"})
_PEOPLE = {
    "chats": ("owner_id", "owner"),
    "deals": ("owner_id", "owner"),
    "notices": ("staff_id", "staff"),
    "overrides": ("staff_id", "staff"),
    "plans": ("staff_id", "staff"),
    "settings": ("updated_by", "changed_by"),
    "tasks": ("assignee_id", "assignee"),
}
_NAMES = frozenset({"id", "name"})
_GIVES = ("pipeline", "stage", "assign_to", "team", "pool", "priority")


def records(look: Look, what: str) -> Iterator[Row]:
    """Yield every record of a kind that is seen, oldest first, with names of people and stages."""
    if what == "changes":
        for change in look.log():
            yield from parts(change)
        return
    if what == "routing":
        yield from _routing(look)
        return
    order = (Order(_ORDERED[what]),) if what in _ORDERED else ()
    rows: Iterator[Row] = (dict(found) for found in look.rows(Query(what, order=order)))
    if what in _SORTED:
        rows = iter(sorted(rows, key=lambda row: str(row.get(_SORTED[what], ""))))
    yield from named(look, what, (row for row in rows if row))


def named(look: Look, what: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield rows of a kind with the names that people use beside their ids.

    Requests are told their clients' phone and e-mail, as far as they are seen: one read a page.
    """
    told = iter(rows)
    while page := [dict(row) for row in islice(told, _PAGE)]:
        clients = _clients(look, page) if what == Lead.collection else {}
        for row in page:
            yield _lead(row, look, clients) if what == Lead.collection else _named(what, row, look)


def one(look: Look, kind: type[Entity], record_id: str) -> Row:
    """Return a record as it is seen, with the names that people use.

    Raises:
        NotFound: there is no such record, or it is out of reach.
    """
    return _told(look, kind.collection, dict(look.one(kind, record_id)))


def lead_card(look: Look, lead_id: str) -> Row:
    """Return a lead with its client, activities, tasks and history, each oldest first.

    Raises:
        NotFound: there is no such lead, or it is out of reach.
    """
    lead = one(look, Lead, lead_id)
    client_id = str(lead["client_id"])
    return {
        "lead": lead,
        "client": _client(client_id, look),
        "activities": _of_lead(look, lead_id)[::-1],
        "tasks": [_named("tasks", task, look) for task in _tasks_of(look, lead_id)],
        "history": [
            part
            for part in _history(look, client_id)
            if part["id"] in {lead_id, client_id} or part.get("lead_id") == lead_id
        ],
    }


def card(look: Look, kind: type[Entity], record_id: str) -> Row:
    """Return a record with what belongs to it, each oldest first, and its history.

    Of a client: requests, deals, activities and tasks; of a deal: activities and tasks.

    Raises:
        NotFound: there is no such record, or it is out of reach.
    """
    row = one(look, kind, record_id)
    whole = kind is Client
    client_id = record_id if whole else str(row.get("client_id") or "")
    shown: Row = {kind.kind: row}
    if whole:
        shown |= {what: _of_client(look, what, client_id) for what in ("leads", "deals")}
    if whole or kind is Deal:
        for what in ("activities", "tasks"):
            of_client = _of_client(look, what, client_id) if client_id else []
            shown[what] = [it for it in of_client if whole or it.get("deal_id") == record_id]
    told = _history(look, client_id or record_id)
    shown["history"] = [part for part in told if whole or part["id"] == record_id]
    return shown


def _of_client(look: Look, what: str, client_id: str) -> list[Row]:
    newest = (Order("at", descending=True),) if what == Activity.collection else ()
    found = look.rows(Query(what, (Where("client_id", "==", client_id),), newest))
    rows = named(look, what, found)
    return sorted(rows, key=lambda row: str(row.get("created_at") or row.get("at") or ""))


def _history(look: Look, client_id: str) -> Iterator[Row]:
    query = Query(LOG, (Where("subject", "==", client_id),), (Order("at"),))
    for change in look.changes([found.doc for found in look.store.query(query)]):
        yield from parts(change)


def parts(change: Doc) -> Iterator[Row]:
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


def _of_lead(look: Look, lead_id: str) -> list[Row]:
    where = (Where("lead_id", "==", lead_id),)
    order = (Order("at", descending=True),)
    return [dict(found) for found in look.rows(Query(Activity.collection, where, order))]


def _tasks_of(look: Look, lead_id: str) -> list[Row]:
    where = (Where("lead_id", "==", lead_id), Where("state", "in", _TASK_STATES))
    found = [dict(row) for row in look.rows(Query(Task.collection, where))]
    return sorted(found, key=lambda task: str(task["created_at"]))


def _client(client_id: str, look: Look) -> Row:
    try:
        return dict(look.one(Client, client_id))
    except NotFound:
        return {}


def _routing(look: Look) -> Iterator[Row]:
    """Yield the table of routing row by row: what each asks, and what it gives."""
    for office in look.rows(Query(Office.collection)):
        rules = office.get("routing")
        for place, rule in enumerate(rules if isinstance(rules, list) else (), 1):
            told = {name: value for name, value in rule.items() if value not in (None, "", [], ())}
            gives = {name: told[name] for name in _GIVES if told.get(name)}
            asks = {name: value for name, value in told.items() if name not in _NAMES | set(_GIVES)}
            yield {"place": place, "id": rule["id"], "name": rule["name"]} | {
                "asks": asks,
                "gives": gives,
            }


def _actor(row: Row, look: Look, actor: object) -> Row:
    """Return the row with who did it: a name of the office, or the kind and id of a machine."""
    if isinstance(actor, Mapping):
        person = look.settings.person(actor.get("id"))
        row["by"] = person.name if person else f"{actor.get('kind')}:{actor.get('id')}"
    return row


def _told(look: Look, what: str, row: Row) -> Row:
    return next(named(look, what, [row]))


def _clients(look: Look, leads: Iterable[Row]) -> dict[str, Row]:
    """Return the clients of these requests that are seen, by id."""
    wanted = dict.fromkeys(str(lead.get("client_id") or "") for lead in leads)
    docs = look.store.get_many(Client.collection, [name for name in wanted if name])
    seen = look.seen([Client.model_validate(doc) for doc in docs.values()])
    return {str(client["id"]): dict(client) for client in seen}


def _lead(row: Row, look: Look, clients: Mapping[str, Row]) -> Row:
    client = clients.get(str(row.get("client_id") or ""), {})
    phones, emails = client.get("phones"), client.get("emails")
    row["stage_name"] = _stage(row, look)
    row["phone"] = phones[0] if phones else None
    row["email"] = emails[0] if emails else None
    return _person(row, look, "owner_id", "owner")


def _stage(row: Row, look: Look) -> str | None:
    if "stage" not in row:
        return None
    return look.settings.office.pipeline(str(row["pipeline"])).stage(str(row["stage"])).name


def _person(row: Row, look: Look, source: str, target: str) -> Row:
    person = look.settings.person(row.get(source))
    row[target] = person.name if person else None
    return row


def _named(what: str, row: Row, look: Look) -> Row:
    """Return the row with the names that people use beside its ids."""
    if what == "deals":
        row["stage_name"] = _stage(row, look)
    if what == "settings":
        row["version"] = row.get("updated_at")
    if what == "accounts":
        row["secrets"] = len(row.get("secrets") or ())  # told once, when they are made
    if what in _BY_ACTOR:
        return _actor(row, look, row.get("actor"))
    return _person(row, look, *_PEOPLE[what]) if what in _PEOPLE else row
