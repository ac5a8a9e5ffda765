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
_BUDGETS = {"form lead": (6, 8), "move stage": (4, 4), "log call": (6, 6), "convert": (10, 10)}
_ROUNDS, _WARM_ROUNDS = 50, 4
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
    """Compare each command's wait in a base of 10,000 documents and in a large one."""
    days = [_day(folder, documents) for documents in (SMALL, large)]
    rows: list[Row] = []
    for name in days[0].acts:
        few, many = _waits(days, name)
        rows += [
            told(f"{name}, {SMALL:,} documents, p50", few * 1000, "ms"),
            told(f"{name}, {large:,} documents, p50", many * 1000, "ms"),
            at_most(f"{name}, large base : small base", many / few, _GROWTH),
        ]
    for day in days:
        day.work.desk.store.close()
    return rows


def _waits(days: list[Day], name: str) -> list[float]:
    """Return the median seconds of one command in each base.

    The rounds alternate between the bases, so that a busy moment of the machine meets both. Each
    command is measured by itself: what a mass act leaves the disk to do would be counted as the
    next command's.
    """
    waits: list[list[float]] = [[] for _ in days]
    for number in range(_ROUNDS):
        for at in (0, 1) if number % 2 else (1, 0):
            waited = _timed(days[at], name)
            if number >= _WARM_ROUNDS:
                waits[at].append(waited)
    return [statistics.median(base) for base in waits]


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
