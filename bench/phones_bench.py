"""The phones: how many calls to Google ten thousand cards take, and a hundred changes later."""

import math
import time
from pathlib import Path

from bench.base import grow, office
from bench.processes import box, stats
from bench.report import Row, at_most, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.model import Client
from kartoteka.ports import Query
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from onebox.office import open_app

_CARDS, _CHANGED = 10_000, 100
_PORTION = 200  # contacts that Google takes in one call
_CONSTANT = 12  # the first look at an account, its labels
_PATIENCE_S = 300.0
_QUIET_S = 6.0  # longer than a bucket of the consumer
_PEOPLE = "people."
_LISTING = "people.people.connections.list"


def phones(folder: Path) -> list[Row]:
    """Count Google's calls for a first sync and for a steady state."""
    data = folder / "phones"
    data.mkdir()
    prepared = office(data)
    grow(prepared, _CARDS - 1)
    prepared.store.close()
    with box(data) as port:
        start = time.monotonic()
        first = _settled(port, {})
        spent = time.monotonic() - start - _QUIET_S
        app = open_app(data)
        _touch(app)
        app.desk.waker.ask(CONSUMERS["contacts"])
        then = _settled(port, first)
        app.store.close()
    writes = sum(count for name, count in first.items() if "batch" in name)
    polled = first.get(_LISTING, 1) - 1  # an empty account is one page
    others = sum(first.values()) - writes - polled
    return [
        at_most(f"writes for {_CARDS:,} cards", writes, math.ceil(_CARDS / _PORTION)),
        at_most("other calls of the first sync", others, _CONSTANT),
        told("pages of a ten-minute look that fell within it", polled),
        told("first sync", spent, "s"),
        at_most(f"calls for {_CHANGED} changes", sum(then.values()) - sum(first.values()), 3),
    ]


def _settled(port: int, before: dict[str, int]) -> dict[str, int]:
    """Return the calls to People by method when they have grown and then stopped to grow."""
    deadline = time.monotonic() + _PATIENCE_S
    last, since = before, time.monotonic()
    while time.monotonic() < deadline:
        now = _calls(port)
        if now != last:
            last, since = now, time.monotonic()
        if last != before and time.monotonic() - since > _QUIET_S:
            return last
        time.sleep(0.5)
    raise AssertionError("the contacts do not come to rest")


def _calls(port: int) -> dict[str, int]:
    by_method: dict[str, int] = stats(port)["google_calls_by_method"]
    return {name: count for name, count in by_method.items() if name.startswith(_PEOPLE)}


def _touch(app: App) -> None:
    """Rename a hundred clients in one commit."""

    def work(unit: Unit) -> None:
        for name in ids:
            client = unit.need(Client, name)
            unit.save(client.model_copy(update={"name": f"{client.name} младший"}))

    found = app.store.query(Query(Client.collection, limit=_CHANGED))
    ids = [hit.id for hit in found]
    transact(app.store, SYSTEM, "command:bench", SystemClock().now(), work=work)
