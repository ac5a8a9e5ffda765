"""Tables in memory, and the people who import them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.model import Role
from kartoteka.domain.table import Row, Table
from kartoteka.domain.table_import import ImportRun, Verdict
from kartoteka.ports import Query, Store
from kartoteka.services import importing
from kartoteka.services.office import Desk
from kartoteka.services.people import actor

TITLES = ("ФИО", "Телефон", "Почта")
TRUTH = ("clients", "keys", "leads", "activities", "companies", "pairs", "tasks", "deals")


def table(
    rows: Sequence[Sequence[str]], titles: Sequence[str] = TITLES, name: str = "list.csv"
) -> Table:
    """A file of these rows, whose fingerprint is its content."""
    kept = [Row(1, tuple(titles)), *(Row(at, tuple(row)) for at, row in enumerate(rows, 2))]
    return Table(name, repr((titles, rows)), len(rows), lambda: iter(kept))


def one(desk: Desk, role: Role = Role.DIRECTOR) -> Actor:
    """The first person of this role, or somebody new in it."""
    found = (actor(person) for person in desk.settings().staff if person.role == role)
    return next(found, Actor(kind=ActorKind.STAFF, id=f"st_{role.value}", role=role.value))


def done(desk: Desk, file: Table, who: Actor | None = None, **given: Any) -> list[Verdict]:
    """The verdict of every row, after the whole import, a minute after what was before."""
    desk.clock.advance(timedelta(minutes=1))
    plan = importing.prepare(desk, who or one(desk), file, **given)
    started = importing.begin(desk, plan, cause="test")
    return [verdict for part in importing.run(desk, plan, started) for verdict in part]


def whats(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.what for verdict in verdicts]


def codes(verdict: Verdict) -> list[str]:
    return [fault.code for fault in verdict.faults]


def truth(store: Store) -> dict[str, dict[str, Any]]:
    """Everything that an import writes beside its own progress and the log."""
    return {name: {hit.id: dict(hit.doc) for hit in store.query(Query(name))} for name in TRUTH}


def last_run(store: Store) -> ImportRun:
    runs = [ImportRun.model_validate(hit.doc) for hit in store.query(Query("imports"))]
    return max(runs, key=lambda run: run.at)


def clients(store: Store) -> list[dict[str, Any]]:
    return [dict(hit.doc) for hit in store.query(Query("clients"))]
