"""The box that is played with: a child process with its own folder, and its control addresses."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from kartoteka.domain.errors import ConfigError

_START_S = 30.0
_STOP_S = 5.0
_KILLED_S = 60.0  # a machine under load takes its time to bury a process
_LONGEST_TRAVEL_S = 120.0
OUTPUT_FILE = "serve.out"


@dataclass(frozen=True)
class Box:
    """A served box; `page` says whether it has its page in the browser."""

    base_url: str
    data: Path
    token: str  # moves the clock
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def now(self) -> datetime:
        """Return the time of the office."""
        return datetime.fromisoformat(self._get("/onebox/clock")["now"])

    def stats(self) -> dict[str, Any]:
        """Return the box's counters."""
        return self._get("/onebox/stats")

    def travel(self, moment: datetime) -> int:
        """Move the clock, firing what is due on the way; return how many calls were made."""
        answer = self.client.post(
            f"{self.base_url}/onebox/clock",
            json={"set": moment.isoformat()},
            headers={"x-kartoteka-token": self.token},
            timeout=_LONGEST_TRAVEL_S,
        )
        return int(answer.raise_for_status().json()["fired"])

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.base_url + path).raise_for_status().json()
        return found


@contextmanager
def served(data: Path, port: int, start: datetime, *, page: bool) -> Iterator[Box]:
    """Serve a box on a virtual clock; at the end it is stopped, at the latest by force.

    Raises:
        ConfigError: it did not start; says what it printed.
    """
    data.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "onebox", "serve", "--data", str(data), "--port", str(port)]
    command += ["--clock", start.isoformat(), "--token", token, *([] if page else ["--no-page"])]
    with (data / OUTPUT_FILE).open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    client = httpx.Client(trust_env=False, timeout=30.0)
    try:
        box = Box(f"http://127.0.0.1:{port}", data, token, process, client)
        _wait_until_up(box)
        yield box
    finally:
        client.close()
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the child: politely, then by force."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_KILLED_S)


def free_port(wanted: int) -> int:
    """Return the wanted port if nobody holds it, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise ConfigError("this machine gives no free port on 127.0.0.1")


def _wait_until_up(box: Box) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if box.process.poll() is not None:
            break
        try:
            box.now()
        except (httpx.HTTPError, ValueError):
            time.sleep(0.05)
        else:
            return
    said = (box.data / OUTPUT_FILE).read_text("utf-8", "replace").strip()
    raise ConfigError(f"the box did not start: {said[-500:] or 'it said nothing'}")
