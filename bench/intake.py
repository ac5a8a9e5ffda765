"""Taking forms in: one caller against a bare function, many callers, and a large base."""

from pathlib import Path
from statistics import median

from bench.base import grow, office
from bench.processes import FORM, bare, box, load, rest
from bench.report import Row, at_least, at_most, quantile, told
from kartoteka.ports import Query, Store

_WARM, _ONE, _TURNS = 100, 300, 5
_MANY, _MANY_TURNS, _CALLERS = 600, 5, 16
_REST_S = 120.0
_SAME = 0.9  # two medians of one machine differ by so much without a cause


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
    bases = [(folder / "empty", 0), (folder / "large", base)]
    for data, leads in bases:
        _furnish(data, leads)
    with box(bases[0][0]) as first, box(bases[1][0]) as second:
        empty, large = _Tally(bases[0][0], first), _Tally(bases[1][0], second)
        for turn in range(-1, _MANY_TURNS):  # in turns, so that a busy moment meets both
            for tally in (empty, large):
                tally.burst(turn)
    return _judged(empty, large, base)


def _judged(empty: "_Tally", large: "_Tally", base: int) -> list[Row]:
    p50, p99 = quantile(large.waits, 0.5) * 1000, quantile(large.waits, 0.99) * 1000
    return [
        told(f"leads a second, c={_CALLERS}, empty base", empty.rate, "/s"),
        at_least(
            f"leads a second, c={_CALLERS}, {base:,} past leads in the base", large.rate, 250, "/s"
        ),
        at_least("large base : empty base", large.rate / empty.rate, _SAME),
        told("p50", p50, "ms"),
        at_most("p99 : p50", p99 / p50, 10),
        at_most("lost of those answered 200", float(large.lost() + empty.lost()), 0),
    ]


class _Tally:
    """The bursts that one box answered; the first, which warms it, does not count."""

    def __init__(self, data: Path, port: int) -> None:
        self._port = port
        self._store = office(data).store
        self._before = _leads(self._store)
        self._sent = 0
        self._seconds: list[float] = []
        self.waits: list[float] = []

    @property
    def rate(self) -> float:
        """Return the leads a second of the usual burst."""
        return _MANY / median(self._seconds)

    def burst(self, turn: int) -> None:
        """Send one burst, then let the box come to rest."""
        seed = 600_000_000 + (turn + 1) * 10_000
        tally = load(self._port, FORM, _MANY, callers=_CALLERS, seed=seed)
        self._sent += _MANY
        wrong = {status: n for status, n in tally["answers"].items() if status != "200"}
        if wrong:
            raise AssertionError(f"answers other than 200: {wrong}")
        if turn >= 0:
            self._seconds.append(tally["seconds"])
            self.waits += tally["waits"]
        rest(self._port, _REST_S)

    def lost(self) -> int:
        """Return how many answered leads the store does not hold; closes it."""
        made = _leads(self._store) - self._before
        self._store.close()
        return self._sent - made


def _furnish(data: Path, base: int) -> None:
    with box(data) as port:  # makes the workbook while there is nothing to put in it
        load(port, FORM, 1, callers=1, seed=999_999_990)
        rest(port, _REST_S)
    if base:
        app = office(data)
        grow(app, base, past=True)
        app.store.close()


def _leads(store: Store) -> int:
    return store.count(Query("leads"))
