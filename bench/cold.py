"""The cold start: the platform's server, the function's module, the first answer."""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.base import office
from bench.processes import FORM
from bench.report import Row, at_most, told
from kartoteka.adapters.clock import SystemClock
from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.services.setup import read_preset, set_up

_TIMES = 7
_FUNCTIONS = Path(__file__).resolve().parents[1] / "functions" / "main.py"
_CLIENTS = {"sqlite": "import sqlite3", "firestore": "from google.cloud import firestore"}
_HELLO = """{client}
import functions_framework


@functions_framework.http
def hello(request):
    return "hello"
"""
_LONGEST_S = 60.0
_LOOK_S = 0.002


def cold_starts(folder: Path) -> list[Row]:
    """Compare `ingest` with a bare hello world that imports its store's client.

    Firestore is set up on Google's emulator where FIRESTORE_EMULATOR_HOST names one.
    """
    data = folder / "cold"
    data.mkdir()
    office(data).store.close()
    rows = _pair(data, "sqlite", {"KARTOTEKA_DATA": str(data)})
    emulator = os.getenv("FIRESTORE_EMULATOR_HOST")
    if emulator is None:
        return [*rows, Row("ingest on Firestore", "skipped", "no emulator")]
    store = FirestoreStore("bench", "(default)")
    set_up(store, SystemClock(), read_preset("law_firm"))
    store.close()
    around = {"KARTOTEKA_STORE": "firestore", "KARTOTEKA_PROJECT": "bench"}
    return rows + _pair(data, "firestore", around)


def _pair(folder: Path, store: str, around: dict[str, str]) -> list[Row]:
    source = folder / f"hello_{store}.py"
    source.write_text(_HELLO.format(client=_CLIENTS[store]), "utf-8")
    bare_s, ours_s = [], []
    for _ in range(_TIMES):  # in turns, so that a busy moment meets both
        bare_s.append(_seconds(source, "hello", "/", around))
        ours_s.append(_seconds(_FUNCTIONS, "ingest", FORM, around))
    plain, mine = statistics.median(bare_s), statistics.median(ours_s)
    return [
        told(f"hello world with {store}'s client, until its first answer", plain * 1000, "ms"),
        told(f"ingest on {store}, until its first answer (the form's page)", mine * 1000, "ms"),
        at_most(f"ingest : hello world, {store}", mine / plain, 1.5),
    ]


def _seconds(source: Path, target: str, path: str, around: dict[str, str]) -> float:
    """Return the time from the start of the platform's server to the first answer."""
    port = _free_port()
    program = [sys.executable, "-m", "functions_framework", "--source", str(source)]
    listen = ["--target", target, "--host", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    server = subprocess.Popen(
        [*program, *listen],
        env={**os.environ, **around},  # noqa: TID251 - passed on to the child as it is
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _first_answer(port, path, started + _LONGEST_S)
        return time.perf_counter() - started
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_answer(port: int, path: str, latest: float) -> None:
    while time.perf_counter() < latest:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_S)
        try:
            caller.request("GET", path)
            status = caller.getresponse().status
        except OSError:
            time.sleep(_LOOK_S)
        else:
            if status != http.HTTPStatus.OK:
                raise RuntimeError(f"{path} answered {status}")
            return
        finally:
            caller.close()
    raise TimeoutError(f"{path} did not answer within {_LONGEST_S} s")
