"""What a caller and a lead cost at the store's port: reads, writes, and time as the base grows."""

import random
import shutil
import time
from pathlib import Path

from bench.base import PATTERN_PERSON, grow, office, post
from bench.load import phone
from bench.report import Row, at_most, quantile, told
from kartoteka.adapters.counted import CountedStore
from kartoteka.services.lookup import who_calls
from kartoteka.wiring import App

_LOOKUPS = 3_000
_WARM = 300
_FORMS = 50


def budget(folder: Path) -> list[Row]:
    """Count what one form lead reads and writes, as Firestore would bill it."""
    data = folder / "budget"
    data.mkdir()
    app = office(data)
    counted = CountedStore(app.store)
    measured = App(app.settings, app.clock, lambda _settings: counted)
    measured.__dict__["tasks"] = app.tasks
    post(measured, 1)  # the office's settings are read once in many seconds
    with counted.measure() as new:
        for person in range(2, 2 + _FORMS):
            post(measured, person)
    app.store.close()
    return [
        at_most("reads per form lead", new.reads / _FORMS, 6),
        at_most("writes per form lead", (new.writes + new.deletes) / _FORMS, 8),
    ]


def lookups(folder: Path, small: int, large: int) -> list[Row]:
    """Measure how long it takes to know who calls, in a small and in a large base."""
    few, reads = _lookups(folder / "few", small)
    many, _ = _lookups(folder / "many", large)
    p99s = quantile(few, 0.99) * 1000, quantile(many, 0.99) * 1000
    return [
        at_most("reads to know who calls", reads, 2),
        at_most(f"p50 at {small:,} clients", quantile(few, 0.5) * 1000, 2, "ms"),
        at_most(f"p50 at {large:,} clients", quantile(many, 0.5) * 1000, 2, "ms"),
        told(f"p99 at {small:,} clients", p99s[0], "ms"),
        told(f"p99 at {large:,} clients", p99s[1], "ms"),
        at_most("p99 of the large base : small base", p99s[1] / p99s[0], 1.5),
    ]


def _lookups(data: Path, people: int) -> tuple[list[float], float]:
    """Return the seconds of each lookup of a random client, and the reads of one."""
    data.mkdir()
    app = office(data)
    grow(app, people, only=("clients", "keys"))
    counted, chance, waits = CountedStore(app.store), random.Random(1), []
    with counted.measure() as read:
        who_calls(counted, phone(PATTERN_PERSON))
    for _ in range(_WARM + _LOOKUPS):
        number = phone(chance.randrange(people))
        started = time.perf_counter()
        found = who_calls(app.store, number)
        waits.append(time.perf_counter() - started)
        if found is None:
            raise AssertionError(f"nobody is known under {number}")
    app.store.close()
    shutil.rmtree(data)
    return waits[_WARM:], read.reads
