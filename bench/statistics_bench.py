"""The figures from a log of a hundred thousand changes: time for each change, and memory.

`python -m bench.statistics_bench --one DOCUMENTS FOLDER` prints one JSON object: each run has a
process of its own. The log is that of people with a past, spread over three years.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.alone import alone
from bench.core_base import grow, opened
from bench.memory import peak_mib
from bench.report import Row, at_least, at_most, told
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.services import statistics
from kartoteka.services.figures import gather
from kartoteka.services.unit import LOG

_SMALL, _LARGE = 36_000, 360_000  # documents of the base whose log is read
_CHANGES = 100_000
_MS, _GROWTH, _GROWTH_MIB = 3.0, 1.5, 20
_ONE_MORE_MS, _GATHERED_MS = 50, 500
_ROUNDS = 20
_MILLI = 1_000


def counted(folder: Path) -> list[Row]:
    """Measure what one change costs at the beginning and in a long log, and the memory of it."""
    few, many = (_measured(folder, documents) for documents in (_SMALL, _LARGE))
    growth = many["ms"] / few["ms"]
    return [
        at_least("changes counted", many["changes"], _CHANGES),
        told(f"a change, of {few['changes']:,}", few["ms"], "ms"),
        at_most(f"a change, of {many['changes']:,}", many["ms"], _MS, "ms"),
        at_most("growth of that", growth, _GROWTH, "times"),
        told("memory growth, short log", few["memory_growth_mib"], "MiB"),
        at_most("memory growth, long log", many["memory_growth_mib"], _GROWTH_MIB, "MiB"),
        at_most("one change more", many["one_more_ms"], _ONE_MORE_MS, "ms"),
        at_most("all figures for the book", many["gathered_ms"], _GATHERED_MS, "ms"),
    ]


def run(documents: int, folder: Path) -> dict[str, object]:
    """Return what the log of so many documents took, in this process."""
    store = SqliteStore(folder / "office.sqlite3", mapped_bytes=0)
    office = opened(store)
    grow(store, documents, folder, only=LOG)
    statistics.drain(office.desk, most=200)
    before, started = peak_mib(), time.perf_counter()
    changes = 0
    while True:
        done = statistics.drain(office.desk)
        changes += done.handled
        if not done.more:
            break
    seconds = time.perf_counter() - started
    grown = peak_mib() - before
    one_more = []
    for person in range(_ROUNDS):
        office.form(9_000_000 + person)
        start = time.perf_counter()
        statistics.drain(office.desk)
        one_more.append(time.perf_counter() - start)
    start = time.perf_counter()
    gather(office.desk, office.desk.settings())
    gathered = time.perf_counter() - start
    store.close()
    return {
        "changes": changes,
        "ms": seconds / max(1, changes) * _MILLI,
        "memory_growth_mib": round(grown, 1),
        "one_more_ms": sorted(one_more)[_ROUNDS // 2] * _MILLI,
        "gathered_ms": gathered * _MILLI,
    }


def _measured(folder: Path, documents: int) -> dict[str, Any]:
    place = folder / f"log-{documents}"
    place.mkdir()
    return alone("bench.statistics_bench", "--one", documents, place)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--one"]:
        sys.exit("use: python -m bench figures")
    print(json.dumps(run(int(sys.argv[2]), Path(sys.argv[3]))))
