"""Two hundred rules of the office: a change decided, a log drained and rehearsed, timers waiting.

`python -m bench.rules_bench --one PART NUMBER FOLDER` prints one JSON object: each run has a
process of its own. The log is that of people with a past; the rules wait for what happens in it,
and most of those woken have a condition that does not hold.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from automation import engine
from automation.office_rules import deciding
from bench.alone import alone
from bench.core_base import Work, grow, opened
from bench.memory import peak_mib
from bench.report import Row, at_least, at_most, told
from kartoteka.adapters.counted import CountedStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM, Change
from kartoteka.domain.ids import LeadId, TimerId
from kartoteka.domain.model import Timer
from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import RuleRow
from kartoteka.ports import Query, Tx
from kartoteka.services.office import SettingsCache
from kartoteka.services.rule_rehearsal import rehearse
from kartoteka.services.unit import LOG, Unit, transact

_RULES = 200
_DRAINED, _DECIDED, _REHEARSED = 10_000, 2_000, 100_000
_TIMERS = 1_000_000 if os.getenv("FULL") else 100_000
_DOCUMENTS_A_CHANGE = 4  # of the base: see `core_base`
_CHUNK, _MILLI = 2_000, 1_000
_WHENS = (
    "новая заявка",
    "новая сделка",
    "сделка сменила этап",
    "заявка сменила этап",
    "входящий звонок",
    "состоялся разговор",
    "сумма сделки достигла {} ₽",
    "за 3 дня до срока оплаты",
    "5 рабочих дней без ответа клиента по сделке",
    "новая задача",
)
_CONDITIONS = ("сумма сделки > {} ₽", "имя клиента содержит «{}»", "источник заявки = «{}»")


def rules(folder: Path) -> list[Row]:
    """Measure what 200 rules cost: a change, a drain, a rehearsal, a tick among many timers."""
    decided = _measured(folder, "decide", _DECIDED)
    drained = _measured(folder, "drain", _DRAINED)
    played = _measured(folder, "rehearse", _REHEARSED)
    ticked = _measured(folder, "tick", _TIMERS)
    return [
        at_most(f"a change under {_RULES} rules", decided["ms"], 5, "ms"),
        at_most("extra reads of that", decided["reads"], 4),
        told("firings of these changes", decided["firings"]),
        at_least(f"drain of {_DRAINED:,} changes", drained["a_second"], 300, "/s"),
        told("the same by the processor's time", drained["cpu_a_second"], "/s"),
        at_least("changes rehearsed", played["changes"], _REHEARSED),
        at_most("rehearsal of them", played["seconds"], 20, "s"),
        told("the same by the processor's time", played["cpu_seconds"], "s"),
        told("firings in the rehearsal", played["fired"]),
        at_most("memory growth of the rehearsal", played["memory_growth_mib"], 100, "MiB"),
        at_most(f"tick among {_TIMERS:,} timers", ticked["ms"], 200, "ms"),
        at_most("memory growth of the tick", ticked["memory_growth_mib"], 20, "MiB"),
    ]


def _decide(number: int, folder: Path) -> dict[str, Any]:
    office = _office(folder, number * _DOCUMENTS_A_CHANGE)
    changes = [
        Change.model_validate(it.doc) for it in office.desk.store.read_log(LOG, None, number)
    ]
    store = CountedStore(office.desk.store)
    desk = replace(office.desk, store=store)
    deciding.decide(desk, changes[:1])  # the rules are read once
    started = time.perf_counter()
    with store.measure() as cost:
        for change in changes:
            deciding.decide(desk, [change])
    seconds = time.perf_counter() - started
    firings = sum(1 for _ in office.desk.store.query(Query("firings")))
    return {
        "ms": seconds / len(changes) * _MILLI,
        "reads": round(cost.reads / len(changes), 2),
        "firings": firings,
    }


def _drain(number: int, folder: Path) -> dict[str, Any]:
    office = _office(folder, number * _DOCUMENTS_A_CHANGE)
    started, used, handled = time.perf_counter(), time.process_time(), 0
    while handled < number:
        done = engine.run(office.desk)
        handled += done.handled
        if not done.more:
            break
    return {
        "a_second": handled / (time.perf_counter() - started),
        "cpu_a_second": handled / (time.process_time() - used),
        "handled": handled,
    }


def _rehearse(number: int, folder: Path) -> dict[str, Any]:
    office = _office(folder, 360_000 * number // _REHEARSED, only=LOG)
    row = RuleRow(
        id="r",
        name="r",
        when="сделка сменила этап",
        condition="название сделки не пусто",
        then="уведомить руководителя",
    )
    office.clock.advance(timedelta(minutes=1))
    before, started, used = peak_mib(), time.perf_counter(), time.process_time()
    found = rehearse(office.desk, row, days=10_000)
    return {
        "changes": found.changes,
        "fired": found.fired,
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
        "memory_growth_mib": round(peak_mib() - before, 1),
    }


def _tick(number: int, folder: Path) -> dict[str, Any]:
    office = _office(folder, 0)
    now = office.desk.now()
    for first in range(0, number, _CHUNK):
        office.desk.store.run(partial(_wait, now=now, first=first))
    engine.tick(office.desk)
    before = peak_mib()
    waits = []
    for _ in range(5):
        office.clock.advance(timedelta(minutes=1))
        started = time.perf_counter()
        engine.tick(office.desk)
        waits.append(time.perf_counter() - started)
    return {
        "ms": sorted(waits)[2] * _MILLI,
        "memory_growth_mib": round(peak_mib() - before, 1),
    }


def _wait(tx: Tx, *, now: datetime, first: int) -> None:
    for at in range(first, first + _CHUNK):
        due = now + timedelta(days=1, seconds=at)
        item = Timer(
            id=TimerId(f"tm_{at:09}"), rule="next_action", lead_id=LeadId(f"ld_{at}"), due_at=due
        )
        tx.put(Timer.collection, item.id, item.model_dump(mode="json"))


def _office(folder: Path, documents: int, *, only: str = "") -> Work:
    """Return an office with a past and 200 rules; `only` its log, if nothing else is looked at."""
    office = opened(SqliteStore(folder / "office.sqlite3", mapped_bytes=0))
    if documents:
        grow(office.desk.store, documents, folder, only=only)
    rows = tuple(_row(at) for at in range(_RULES))

    def work(unit: Unit) -> None:
        unit.save(unit.need(Office, "office").model_copy(update={"rules": rows}))

    transact(office.desk.store, SYSTEM, "bench", office.desk.now(), work=work)
    if isinstance(office.desk.settings, SettingsCache):
        office.desk.settings.forget()
    return office


def _row(at: int) -> RuleRow:
    when = _WHENS[at % len(_WHENS)].format(1_000 * (at + 1))
    condition = _CONDITIONS[at % len(_CONDITIONS)].format(10_000_000 + at)
    return RuleRow(
        id=f"r{at}",
        name=f"Правило {at}",
        when=when,
        condition="" if at % 50 == 0 else condition,
        then="уведомить ответственного; задача «Проверить» ответственному",
    )


_PARTS: Mapping[str, Callable[[int, Path], dict[str, Any]]] = {
    "decide": _decide,
    "drain": _drain,
    "rehearse": _rehearse,
    "tick": _tick,
}


def _measured(folder: Path, part: str, number: int) -> dict[str, Any]:
    place = folder / part
    place.mkdir()
    return alone("bench.rules_bench", "--one", part, number, place)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--one"]:
        sys.exit("use: python -m bench rules")
    print(json.dumps(_PARTS[sys.argv[2]](int(sys.argv[3]), Path(sys.argv[4]))))
