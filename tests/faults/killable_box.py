"""A box in a process of its own that a test kills with SIGKILL and serves again."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from onebox.demo.box import free_port, stop

# A machine with ten other things to do needs several times what an idle one does.
_START_S = 120.0
_REST_S = 180.0
_ANSWER_S = 60.0


class KillableBox:
    """Serves the folder on one port, whatever happens to the process."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port(0)
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(trust_env=False, timeout=_ANSWER_S)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve; returns when the box answers."""
        command = [sys.executable, "-m", "onebox", "serve", "--no-page", "--data", str(self.data)]
        with (self.data.parent / "serve.out").open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                self.client.get(f"{self.base_url}/onebox/clock").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
            if self._process.poll() is not None:
                break
        raise AssertionError((self.data.parent / "serve.out").read_text()[-2000:])

    def kill(self) -> None:
        """Kill the process as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_ANSWER_S)

    def rest(self) -> None:
        """Wait until every consumer has read everything and no drain is queued."""
        deadline = time.monotonic() + _REST_S
        stats: dict[str, Any] = {}
        while time.monotonic() < deadline:
            stats = self.client.get(f"{self.base_url}/onebox/stats").json()
            lagging = any(lag["changes"] for lag in stats["lag"].values())
            if not lagging and not stats["queues"]["sheets"] and not stats["queues"]["contacts"]:
                return
            time.sleep(0.3)
        raise AssertionError(f"the mirrors did not come to rest: {stats}")

    def order_fault(self, match: str, action: str, times: int = 1) -> None:
        """Let the Google stand-in do something wrong the next few times."""
        order = {"match": match, "action": action, "times": times}
        self.client.post(f"{self.base_url}/google/_faults", json=order).raise_for_status()

    def faults_waiting(self) -> list[Any]:
        """Return the ordered faults that nothing has met yet."""
        answer = self.client.get(f"{self.base_url}/google/_faults").raise_for_status().json()
        found: list[Any] = answer["faults"]
        return found

    def close(self) -> None:
        self.client.close()
        if self._process is not None:
            stop(self._process)
