"""What the commands cost at the store's port, and how little of it depends on the base."""

import statistics
import time
from pathlib import Path

from bench.core_base import grow, opened
from bench.core_commands import Day
from bench.report import Row, at_most, told
from kartoteka.adapters.counted import CountedStore
from kartoteka.adapters.sqlite import SqliteStore

SMALL = 10_000  # documents
_BUDGETS = {"move stage": (4, 4), "log call": (6, 6), "convert": (10, 10)}
_ROUNDS, _WARM_ROUNDS = 32, 4
_GROWTH = 1.3


def budgets(folder: Path) -> list[Row]:
    """Count what each command reads and writes, as Firestore would bill it."""
    counted = CountedStore(SqliteStore(folder / "budget.sqlite3"))
    work = opened(counted)
    day = Day(work, grow(counted, 1_000, folder))
    rows: list[Row] = []
    for name, prepared in day.acts.items():
        act = prepared()
        with counted.measure() as cost:
            act()
        writes = cost.writes + cost.deletes
        rows += _judged(f"{name}: reads", cost.reads, _BUDGETS.get(name, (None, None))[0])
        rows += _judged(f"{name}: writes", writes, _BUDGETS.get(name, (None, None))[1])
    counted.close()
    return rows


def growth(folder: Path, large: int) -> list[Row]:
    """Compare each command's wait in a base of 10,000 documents and in a large one.

    The rounds alternate between the bases, so that a busy moment of the machine meets both.
    """
    days = [_day(folder, documents) for documents in (SMALL, large)]
    waits: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in days[0].acts}
    for number in range(_ROUNDS):
        for name in waits:
            for at in (0, 1) if number % 2 else (1, 0):
                waited = _timed(days[at], name)
                if number >= _WARM_ROUNDS:
                    waits[name][at].append(waited)
    for day in days:
        day.work.desk.store.close()
    rows: list[Row] = []
    for name, (few, many) in waits.items():
        small_ms, large_ms = (statistics.median(base) * 1000 for base in (few, many))
        rows += [
            told(f"{name}, {SMALL:,} documents, p50", small_ms, "ms"),
            told(f"{name}, {large:,} documents, p50", large_ms, "ms"),
            at_most(f"{name}, large base : small base", large_ms / small_ms, _GROWTH),
        ]
    return rows


def _judged(what: str, value: int, limit: int | None) -> list[Row]:
    return [told(what, value) if limit is None else at_most(what, value, limit)]


def _day(folder: Path, documents: int) -> Day:
    place = folder / str(documents)
    place.mkdir()
    store = SqliteStore(place / "office.sqlite3")
    opened(store)
    people = grow(store, documents, place)
    store.close()  # what the journal holds is in the file now
    return Day(opened(SqliteStore(place / "office.sqlite3")), people)


def _timed(day: Day, name: str) -> float:
    """Return the seconds of one command on somebody fresh."""
    act = day.acts[name]()
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
