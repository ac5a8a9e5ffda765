"""Processes that are measured: a box, a bare function, the load generator."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.load import HOST
from onebox.demo.box import free_port, stop

BARE = Path(__file__).parent / "bare" / "main.py"
FORM = "/ingest/form/consult"
_START_S = 40.0
_MIRRORS = ("sheets", "contacts")  # queues; that of timers is never empty


@contextmanager
def box(data: Path) -> Iterator[int]:
    """Serve an office on real time without its page; yield its port."""
    port = free_port(0)
    command = [sys.executable, "-m", "onebox", "serve", "--no-page", "--data", str(data)]
    with _running([*command, "--port", str(port)]):
        _wait(port, "/onebox/clock")
        yield port


@contextmanager
def bare(target: str, folder: Path) -> Iterator[int]:
    """Serve a bare function as functions-framework's own command does; yield its port."""
    port = free_port(0)
    command = [str(Path(sys.executable).parent / "functions-framework"), "--source", str(BARE)]
    extra = {"BARE_FILE": str(folder / "bare.sqlite3")}
    with _running([*command, "--target", target, "--host", HOST, "--port", str(port)], extra):
        _wait(port, "/")
        yield port


@contextmanager
def _running(command: list[str], extra: Mapping[str, str] | None = None) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(extra or {})},  # noqa: TID251 - passed on to the child as it is
        start_new_session=True,
    )
    try:
        yield
    finally:
        stop(process)


def _wait(port: int, path: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def stats(port: int) -> dict[str, Any]:
    """Return the counters of a box."""
    with urllib.request.urlopen(f"http://{HOST}:{port}/onebox/stats", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def rest(port: int, patience_s: float) -> None:
    """Wait until every consumer has read everything and no book waits, or patience ends."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        told = stats(port)
        behind = any(lag["changes"] for lag in told["lag"].values())
        if not behind and not any(told["queues"][name] for name in _MIRRORS):
            return
        time.sleep(0.5)


def load(
    port: int, path: str, posts: int, *, callers: int, seed: int, per_second: float = 0.0
) -> dict[str, Any]:
    """Return the tally of a load generator in its own process."""
    words = [str(port), path, str(posts), str(callers), str(seed), str(per_second)]
    command = [sys.executable, "-m", "bench.load", *words]
    done = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
