"""A base of many leads: one real lead, taken in by the services, copied under other names."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench.copies import Doc, Docs, Life, life, write
from bench.load import form_body, phone
from ingest.pipeline import receive
from kartoteka.adapters.clock import SystemClock
from kartoteka.http import Call
from kartoteka.ports import Query, QueuedTask, Store
from kartoteka.services.commands import execute
from kartoteka.services.people import actor
from kartoteka.services.registry import COMMANDS
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import LOG
from kartoteka.services.wake import CONSUMERS
from kartoteka.settings import Settings
from kartoteka.wiring import App, build

PATTERN_PERSON = 999_999_999
_CHUNK = 500
_LONG_AGO = 400  # days
_COLLECTIONS = ("clients", "leads", "activities", "inbounds", "keys")
_LAST = (phone(PATTERN_PERSON), f"Посетитель {PATTERN_PERSON}")


class NoTasks:
    """Takes every task and forgets it: the measured part ends before the queue."""

    def enqueue(self, task: QueuedTask) -> bool:
        """Return that the task was added."""
        return bool(task.name)


def office(folder: Path) -> App:
    """Return an office in a folder, with no queue behind it."""
    app = build(Settings(data=folder))
    app.__dict__["tasks"] = NoTasks()
    set_up(app.store, SystemClock(), read_preset("law_firm"))
    return app


def post(app: App, person: int) -> None:
    """Take a form in without HTTP."""
    body = form_body(person)
    headers = {"content-type": "application/json"}
    call = Call("POST", ("form", "consult"), body=body, headers=headers, remote="127.0.0.1")
    reply = receive(call, app)
    if reply.status != 200:
        raise AssertionError(f"the form was answered {reply.status}")


def grow(
    app: App, people: int, *, only: tuple[str, ...] = _COLLECTIONS, past: bool = False
) -> None:
    """Add so many leads to the base, and let every consumer believe that it has seen them.

    `past` ones were closed more than a year ago, as most leads of an old office: no book and no
    phone shows them any more.
    """
    post(app, PATTERN_PERSON)
    if past:
        _close_pattern(app)
    pattern = life(_pattern(app.store, only), _LAST)
    for start in range(0, people, _CHUNK):
        chosen = range(start, min(start + _CHUNK, people))
        docs = [doc for n in chosen for doc in _copied(pattern, n, _LONG_AGO if past else 0)]
        app.store.run(lambda tx, docs=docs: write(tx, docs))  # type: ignore[misc]
    head = app.store.log_head(LOG)
    for name in CONSUMERS:
        seen = {"position": head, "at": ""}
        app.store.run(partial(write, docs=[("checkpoints", name, seen)]))


def _close_pattern(app: App) -> None:
    lead = next(hit.id for hit in app.store.query(Query("leads")) if _is_pattern(hit.doc))
    director = next(one for one in app.desk.settings().staff if one.role == "director")
    given = {"lead": lead, "stage": "junk", "reason": "Ошибка номера, не наш клиент"}
    execute(COMMANDS, app.desk, actor(director), "lead.move", given=given, cause="bench")


def _is_pattern(doc: Mapping[str, Any]) -> bool:
    return str(doc["name"]).endswith(str(PATTERN_PERSON))


def _copied(pattern: Life, person: int, days_ago: int) -> Iterator[Doc]:
    told = dict(zip(_LAST, (phone(person), f"Посетитель {person}"), strict=True))
    return pattern.of(person, told, days_ago=days_ago)


def _pattern(store: Store, only: tuple[str, ...]) -> Docs:
    """Return the records of the pattern person's lead: the card, and what names it."""
    docs: Docs = []
    known = {phone(PATTERN_PERSON)}
    for collection in only:
        for found in store.query(Query(collection)):
            text = found.id + json.dumps(found.doc)
            if any(name in text for name in known):
                docs.append((collection, found.id, dict(found.doc)))
                known.add(found.id)
    if "leads" in only:
        newest = store.read_log(LOG, None, 1_000_000)[-1]
        docs.append((LOG, newest.id, dict(newest.doc)))
    missing = set(only) - {collection for collection, _, _ in docs}
    if missing:
        raise AssertionError(f"the pattern has no {', '.join(sorted(missing))}")
    return docs
