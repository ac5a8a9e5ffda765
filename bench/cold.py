"""The cold start: a new process, the function's module, the first answer."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.base import office
from bench.processes import BARE, FORM
from bench.report import Row, at_most, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.services.setup import read_preset, set_up

_TIMES = 7
_FUNCTIONS = Path(__file__).resolve().parents[1] / "functions" / "main.py"
# Each prints nothing and ends with the first answer; the server is Flask's test client in both.
_FIRST_ANSWER = """
import sys
import functions_framework
{imports}
app = functions_framework.create_app({target!r}, {source!r})
answer = app.test_client().get({path!r})
sys.stdout = sys.__stdout__
assert answer.status_code == 200, answer.data
"""
_CLIENTS = {
    "sqlite": "import sqlite3",
    "firestore": "from google.cloud import firestore",
}


def cold_starts(folder: Path) -> list[Row]:
    """Compare `ingest` with a bare hello world that imports its store's client.

    Firestore is set up on Google's emulator where FIRESTORE_EMULATOR_HOST names one.
    """
    data = folder / "cold"
    data.mkdir()
    office(data).store.close()
    rows = _pair("sqlite", {"KARTOTEKA_DATA": str(data)})
    emulator = os.getenv("FIRESTORE_EMULATOR_HOST")
    if emulator is None:
        return [*rows, Row("ingest on Firestore", "skipped", "no emulator")]
    store = FirestoreStore("bench", "(default)")
    set_up(store, SystemClock(), read_preset("law_firm"))
    store.close()
    return rows + _pair("firestore", {"KARTOTEKA_STORE": "firestore", "KARTOTEKA_PROJECT": "bench"})


def _pair(store: str, around: dict[str, str]) -> list[Row]:
    source, place = str(BARE), str(_FUNCTIONS)
    hello = _FIRST_ANSWER.format(imports=_CLIENTS[store], target="hello", source=source, path="/")
    ours = _FIRST_ANSWER.format(imports="", target="ingest", source=place, path=FORM)
    bare_s, ours_s = [], []
    for _ in range(_TIMES):  # in turns, so that a busy moment meets both
        bare_s.append(_seconds(hello, around))
        ours_s.append(_seconds(ours, around))
    plain, mine = statistics.median(bare_s), statistics.median(ours_s)
    return [
        told(f"hello world with {store}'s client, until its first answer", plain * 1000, "ms"),
        told(f"ingest on {store}, until its first answer (the form's page)", mine * 1000, "ms"),
        at_most(f"ingest : hello world, {store}", mine / plain, 1.5),
    ]


def _seconds(program: str, around: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **around},  # noqa: TID251 - passed on to the child as it is
    )
    return time.perf_counter() - started
