"""What a caller and a lead cost at the store's port: reads, writes, and time as the base grows."""

import random
import statistics
import time
from pathlib import Path

from bench.base import grow, office, post
from bench.load import phone
from bench.report import Row, at_most, quantile, told
from kartoteka.adapters.counted import CountedStore
from kartoteka.services.lookup import who_calls
from kartoteka.wiring import App

_LOOKUPS, _ROUNDS, _WARM_ROUNDS = 2_000, 24, 4
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
    """Measure how long it takes to know who calls, in a small and in a large base.

    The rounds alternate between the bases, so that a busy moment of the machine meets both.
    """
    bases = [_base(folder / str(people), people) for people in (small, large)]
    with (counted := CountedStore(bases[0].store)).measure() as read:
        who_calls(counted, phone(0))
    chance = random.Random(1)
    rounds = [
        [_round(app, chance, people) for app, people in zip(bases, (small, large), strict=True)]
        for _ in range(_ROUNDS)
    ]
    few, many = ([waits[at] for waits in rounds[_WARM_ROUNDS:]] for at in (0, 1))
    p99s = [statistics.median(quantile(waits, 0.99) for waits in base) for base in (few, many)]
    for app in bases:
        app.store.close()
    return [
        at_most("reads to know who calls", read.reads, 2),
        at_most(f"p50 at {small:,} clients", _median_ms(few), 2, "ms"),
        at_most(f"p50 at {large:,} clients", _median_ms(many), 2, "ms"),
        told(f"p99 at {small:,} clients", p99s[0] * 1000, "ms"),
        told(f"p99 at {large:,} clients", p99s[1] * 1000, "ms"),
        at_most("p99 of the large base : small base", p99s[1] / p99s[0], 1.5),
    ]


def _median_ms(rounds: list[list[float]]) -> float:
    return statistics.median(quantile(waits, 0.5) for waits in rounds) * 1000


def _base(data: Path, people: int) -> App:
    data.mkdir()
    app = office(data)
    grow(app, people, only=("clients", "keys"))
    return app


def _round(app: App, chance: random.Random, people: int) -> list[float]:
    """Return the seconds of each lookup of a random client."""
    waits = []
    for _ in range(_LOOKUPS):
        number = phone(chance.randrange(people))
        started = time.perf_counter()
        found = who_calls(app.store, number)
        waits.append(time.perf_counter() - started)
        if found is None:
            raise AssertionError(f"nobody is known under {number}")
    return waits
