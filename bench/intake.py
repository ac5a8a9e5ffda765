"""Taking forms in: one caller against a bare function, many callers, and a large base."""

import shutil
from pathlib import Path

from bench.base import grow, office
from bench.processes import FORM, bare, box, load, rest
from bench.report import Row, at_least, at_most, quantile, told
from kartoteka.ports import Query, Store

_WARM, _ONE, _MANY, _CALLERS = 100, 300, 3_000, 16
_TURNS = 5
_REST_S = 120.0
_FALL = 0.85  # a run is called not slower when it reaches this part of the other


def one_caller(folder: Path) -> list[Row]:
    """Compare one caller's wait with that of a bare function with as many durable commits."""
    plain_s: list[float] = []
    ours_s: list[float] = []
    with bare("keep", folder) as there, box(folder / "one") as here:
        load(there, "/", _WARM, callers=1, seed=1)
        load(here, FORM, _WARM, callers=1, seed=1)
        for turn in range(_TURNS):  # in turns, so that a busy moment meets both
            plain_s += load(there, "/", _ONE, callers=1, seed=1000 * (turn + 1))["waits"]
            rest(here, _REST_S)
            ours_s += load(here, FORM, _ONE, callers=1, seed=1000 * (turn + 1))["waits"]
    plain, ours = quantile(plain_s, 0.5) * 1000, quantile(ours_s, 0.5) * 1000
    return [
        told("bare function, one commit, c=1 p50", plain, "ms"),
        told("form accepted, c=1 p50", ours, "ms"),
        at_most("form accepted : bare function", ours / plain, 3),
    ]


def many_callers(folder: Path, base: int) -> list[Row]:
    """Measure throughput with an empty base and with a large one, and count what arrived."""
    empty = _burst(folder / "empty", 0)
    large = _burst(folder / "large", base)
    p50, p99 = quantile(large.waits, 0.5) * 1000, quantile(large.waits, 0.99) * 1000
    return [
        told(f"leads a second, c={_CALLERS}, empty base", empty.rate, "/s"),
        at_least(
            f"leads a second, c={_CALLERS}, {base:,} leads in the base", large.rate, 250, "/s"
        ),
        at_least("large base : empty base", large.rate / empty.rate, _FALL),
        told("p50", p50, "ms"),
        at_most("p99 : p50", p99 / p50, 10),
        at_most("lost of those answered 200", float(large.lost + empty.lost), 0),
    ]


class _Burst:
    """One measured burst."""

    def __init__(self, tally: dict[str, object], waits: list[float], made: int) -> None:
        self.waits = waits
        self.rate = len(waits) / float(str(tally["seconds"]))
        self.lost = len(waits) - made


def _burst(data: Path, base: int) -> _Burst:
    with box(data) as port:  # makes the workbook while there is nothing to put in it
        load(port, FORM, 1, callers=1, seed=999_999_990)
        rest(port, _REST_S)
    app = office(data)
    if base:
        grow(app, base)
    with box(data) as port:
        load(port, FORM, _WARM, callers=_CALLERS, seed=500_000_000)
        rest(port, _REST_S)
        before = _leads(app.store)
        tally = load(port, FORM, _MANY, callers=_CALLERS, seed=600_000_000)
        made = _leads(app.store) - before
    app.store.close()
    shutil.rmtree(data)
    wrong = {status: n for status, n in tally["answers"].items() if status != "200"}
    if wrong:
        raise AssertionError(f"answers other than 200: {wrong}")
    return _Burst(tally, tally["waits"], made)


def _leads(store: Store) -> int:
    return store.count(Query("leads"))
