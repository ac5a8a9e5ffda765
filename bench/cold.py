"""The cold start: the platform's server, the function's module, the first answer and lead."""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests import emulator

from bench.base import office
from bench.load import form_body
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
_EMULATOR = "FIRESTORE_EMULATOR_HOST"


@dataclass(frozen=True)
class Ask:
    """The first call to a fresh process."""

    source: Path
    target: str
    path: str
    body: bytes | None = None


class _Queue(BaseHTTPRequestHandler):
    """Accepts every task, as Cloud Tasks does over REST."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _queue() -> Iterator[str]:
    """Yield the address of queues that are always there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Queue)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def cold_starts(folder: Path) -> list[Row]:
    """Compare `ingest` with a bare hello world that imports its store's client.

    Firestore is set up on Google's emulator: the one that FIRESTORE_EMULATOR_HOST names, else
    one that is started for this, where it is installed.
    """
    data = folder / "cold"
    data.mkdir()
    office(data).store.close()
    with _queue() as tasks:
        around = {"KARTOTEKA_TASKS_ENDPOINT": tasks, "KARTOTEKA_PROJECT": "bench"}
        rows = _rows(data, "sqlite", {**around, "KARTOTEKA_DATA": str(data)})
        try:
            with _emulator():
                return rows + _on_firestore(data, around)
        except emulator.Absent as absent:
            return [*rows, Row("ingest on Firestore", "skipped", str(absent))]


@contextmanager
def _emulator() -> Iterator[None]:
    """Have Google's emulator named in the environment."""
    if os.getenv(_EMULATOR):
        yield
        return
    with emulator.running() as host:
        os.environ[_EMULATOR] = host  # noqa: TID251 - Google's client and the children read it
        try:
            yield
        finally:
            del os.environ[_EMULATOR]  # noqa: TID251 - as before


def _on_firestore(folder: Path, around: Mapping[str, str]) -> list[Row]:
    store = FirestoreStore("bench", "(default)")
    set_up(store, SystemClock(), read_preset("law_firm"))
    store.close()
    return _rows(folder, "firestore", {**around, "KARTOTEKA_STORE": "firestore"})


def _rows(folder: Path, store: str, around: Mapping[str, str]) -> list[Row]:
    source = folder / f"hello_{store}.py"
    source.write_text(_HELLO.format(client=_CLIENTS[store]), "utf-8")
    bare_s, page_s, lead_s = [], [], []
    for number in range(_TIMES):  # in turns, so that a busy moment meets all
        bare_s.append(_seconds(Ask(source, "hello", "/"), around))
        page_s.append(_seconds(Ask(_FUNCTIONS, "ingest", FORM), around))
        lead_s.append(_seconds(Ask(_FUNCTIONS, "ingest", FORM, form_body(number)), around))
    bare, page, lead = (statistics.median(times) for times in (bare_s, page_s, lead_s))
    return [
        told(f"hello world with {store}'s client, until its first answer", bare * 1000, "ms"),
        told(f"ingest on {store}, until its first answer (the form's page)", page * 1000, "ms"),
        at_most(f"ingest : hello world, {store}", page / bare, 1.5),
        told(f"ingest on {store}, until its first lead (store, decide, wake)", lead * 1000, "ms"),
    ]


def _seconds(ask: Ask, around: Mapping[str, str]) -> float:
    """Return the time from the start of the platform's server to the first answer."""
    port = _free_port()
    program = [sys.executable, "-m", "functions_framework", "--source", str(ask.source)]
    listen = ["--target", ask.target, "--host", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    server = subprocess.Popen(
        [*program, *listen],
        env={**os.environ, **around},  # noqa: TID251 - passed on to the child as it is
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _first_answer(port, ask, started + _LONGEST_S)
        return time.perf_counter() - started
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_answer(port: int, ask: Ask, latest: float) -> None:
    while time.perf_counter() < latest:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_S)
        try:
            method = "GET" if ask.body is None else "POST"
            caller.request(method, ask.path, ask.body, {"content-type": "application/json"})
            status = caller.getresponse().status
        except OSError:
            time.sleep(_LOOK_S)
        else:
            if status != http.HTTPStatus.OK:
                raise RuntimeError(f"{ask.path} answered {status}")
            return
        finally:
            caller.close()
    raise TimeoutError(f"{ask.path} did not answer within {_LONGEST_S} s")
