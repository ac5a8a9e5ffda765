"""A one box in a process of its own, for tests that need the whole."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "test-token"
READY_S = 60.0
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Box:
    """A served box: its address, its folder and what `init` printed."""

    url: str
    data: Path
    sheet: dict[str, Any]
    web: httpx.Client

    def account(self, channel: str) -> dict[str, Any]:
        return next(each for each in self.sheet["accounts"] if each["channel"] == channel)

    def cli(self, *words: str) -> Any:
        return json.loads(kartoteka(*words, "--json", "--data", str(self.data)))


def kartoteka(*words: str) -> str:
    """Return what a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "onebox", *words],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def environment() -> dict[str, str]:
    """Return the environment of a process that must find the sources."""
    roots = os.pathsep.join((str(ROOT / "functions"), str(ROOT / "infra")))
    return {"PATH": os.defpath, "PYTHONPATH": roots}


def until(found: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Return the first true answer; fails with the last one when patience ends."""
    deadline, pause_s = time.monotonic() + patience_s, 0.1
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {patience_s} s"
        time.sleep(pause_s)
        pause_s = min(1.0, pause_s * 1.3)  # readers of sheets have 60 calls a minute


@contextmanager
def served(data: Path, *options: str, books: str = "auto") -> Iterator[Box]:
    """Serve an office until the block ends; it must stop by itself when asked."""
    sheet = json.loads(kartoteka("init", "--json", "--data", str(data)))
    command = [sys.executable, "-m", "onebox", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--token", TOKEN, *options],
        cwd=ROOT,
        env={**environment(), "KARTOTEKA_BOOKS": books},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = _address(process)
        with httpx.Client(base_url=url, trust_env=False, timeout=READY_S) as web:
            until(lambda: web.get("/api/health").status_code == 200)
            yield Box(url, data, sheet, web)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().startswith("page "):
            return line.split()[1].rstrip("/")
    raise AssertionError("the box ended without saying its address")
