"""Segments of a hundred thousand clients: counted from nothing, and after one change.

`python -m bench.segments_bench --one CLIENTS FOLDER` prints one JSON object: each run has a
process of its own. Clients have a past of three years; every second one bought something, and the
office asks three questions of its own beside the ready ones.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.alone import alone
from bench.base import NoTasks
from bench.memory import peak_mib
from bench.report import Row, at_least, at_most, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Client, Entity, Lead, Line, Source, Touch
from kartoteka.domain.office import Office
from kartoteka.domain.segment import Segment
from kartoteka.ports import Tx
from kartoteka.services import segments
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.segment_state import counted
from kartoteka.services.setup import read_preset, set_up
from kartoteka.services.unit import Unit, transact
from kartoteka.services.wake import Waker

_SMALL, _LARGE = 10_000, 100_000
_CHUNK, _ROUNDS, _MILLI = 500, 20, 1_000
_RATE, _GROWTH_MIB, _ONE_MORE_MS, _READS = 300, 20, 60, 30
_PAST = 1_095  # days
_OWN = (
    Segment(id="sg_1", name="A", condition="сумма покупок > 100 000 ₽ и теги содержит опт"),
    Segment(id="sg_2", name="B", condition="последняя покупка раньше сейчас - 60 дней"),
    Segment(id="sg_3", name="C", condition="последняя связь раньше сейчас - 5 рабочих дней"),
)


def counting(folder: Path) -> list[Row]:
    """Measure what counting everybody costs, its memory, and what one change costs then."""
    few, many = (_measured(folder, clients) for clients in (_SMALL, _LARGE))
    return [
        told(f"clients a second, of {few['clients']:,}", few["rate"]),
        at_least(f"clients a second, of {many['clients']:,}", many["rate"], _RATE),
        told("entries into segments", many["members"]),
        told("memory growth, few clients", few["memory_growth_mib"], "MiB"),
        at_most("memory growth, many clients", many["memory_growth_mib"], _GROWTH_MIB, "MiB"),
        at_most("one change more, 10,000 clients", few["one_more_ms"], _ONE_MORE_MS, "ms"),
        at_most("one change more, 100,000 clients", many["one_more_ms"], _ONE_MORE_MS, "ms"),
        at_most("reads of that", many["reads"], _READS),
        told("writes of that", many["writes"]),
    ]


def run(clients: int, folder: Path) -> dict[str, object]:
    """Return what so many clients took, in this process."""
    store = SqliteStore(folder / "office.sqlite3", mapped_bytes=0)
    desk = _office(store)
    _grow(store, desk, clients)
    segments.drain(desk, most=_CHUNK)
    before, started = peak_mib(), time.perf_counter()
    while segments.drain(desk).more:
        pass
    seconds = time.perf_counter() - started
    grown = peak_mib() - before
    one_more, reads, writes = _one_more(desk)
    members = sum(it.size for it in counted(store).values())
    store.close()
    return {
        "clients": clients,
        "rate": (clients - _CHUNK) / seconds,
        "members": members,
        "memory_growth_mib": round(grown, 1),
        "one_more_ms": one_more,
        "reads": reads,
        "writes": writes,
    }


def _office(store: SqliteStore) -> Desk:
    clock, tasks = SystemClock(), NoTasks()
    set_up(store, clock, read_preset("law_firm"))
    desk = Desk(store, tasks, clock, SettingsCache(store, 60), Waker(tasks, clock))
    transact(store, SYSTEM, "bench", desk.now(), work=_settle)
    return desk


def _settle(unit: Unit) -> None:
    unit.save(unit.need(Office, "office").model_copy(update={"segments": _OWN}))


def _grow(store: SqliteStore, desk: Desk, clients: int) -> None:
    """Write the clients with what they asked for and bought."""
    sale, now = desk.settings().office.deals, desk.now()
    for first in range(0, clients, _CHUNK):
        found = [
            record
            for number in range(first, min(first + _CHUNK, clients))
            for record in _person(number, now - timedelta(days=number * 7919 % _PAST), sale.id)
        ]
        store.run(partial(_write, records=found))


def _write(tx: Tx, *, records: list[Entity]) -> None:
    for record in records:
        tx.put(record.collection, record.id, record.model_dump(mode="json"))


def _person(number: int, since: datetime, sale: str) -> Iterator[Entity]:
    times: dict[str, Any] = {"created_at": since, "updated_at": since}
    name, touch = f"cl_{number:07}", Source(channel="form", name="Сайт")
    stay: dict[str, Any] = {"stage": "won", "stage_entered_at": since, **times}
    tags = ("опт",) if number % 3 == 0 else ()
    heard = Touch(at=since, kind="call", direction="in")
    yield Client(id=name, name="Ирина", tags=tags, last_touch=heard, **times)
    yield Lead(
        id=f"ld_{number:07}", client_id=name, name="Ирина", pipeline="leads_law",
        state="won", first_touch=touch, last_touch=touch, **stay,
    )  # fmt: skip
    if number % 2:
        amount = number % 40 * 1_000_000
        yield Deal(
            id=f"dl_{number:07}", client_id=name, name="Иск", pipeline=sale, state="won",
            won_at=since, amount_minor=amount, lines=(Line(name="Иск", price_minor=amount),),
            **stay,
        )  # fmt: skip


def _one_more(desk: Desk) -> tuple[float, float, float]:
    """Return the median of one change more in milliseconds, and its reads and writes."""
    times: list[float] = []
    calls = {"reads": 0, "writes": 0}
    there = Desk(_Counted(desk.store, calls), desk.tasks, desk.clock, desk.settings, desk.waker)
    for number in range(_ROUNDS):
        client = Client.model_validate(desk.store.get("clients", f"cl_{number * 37:07}"))
        heard = Touch(at=desk.now(), kind="call", direction="out")
        transact(desk.store, SYSTEM, "bench", desk.now(), work=partial(_touch, client, heard))
        start = time.perf_counter()
        segments.drain(there)
        times.append(time.perf_counter() - start)
    median = sorted(times)[_ROUNDS // 2] * _MILLI
    return median, calls["reads"] / _ROUNDS, calls["writes"] / _ROUNDS


def _touch(client: Client, heard: Touch, unit: Unit) -> None:
    unit.save(unit.need(Client, client.id).model_copy(update={"last_touch": heard}))


class _Counted:
    """A store, or a transaction of it, whose calls are counted."""

    def __init__(self, inner: Any, calls: dict[str, int]) -> None:
        self._inner, self._calls = inner, calls

    def run(self, work: Any) -> Any:
        return self._inner.run(lambda tx: work(_Counted(tx, self._calls)))

    def __getattr__(self, name: str) -> Any:
        kind = "writes" if name in {"put", "create", "delete", "append"} else "reads"
        self._calls[kind] += 1
        return getattr(self._inner, name)


def _measured(folder: Path, clients: int) -> dict[str, Any]:
    place = folder / f"clients-{clients}"
    place.mkdir()
    return alone("bench.segments_bench", "--one", clients, place)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--one"]:
        sys.exit("use: python -m bench segments")
    print(json.dumps(run(int(sys.argv[2]), Path(sys.argv[3]))))
