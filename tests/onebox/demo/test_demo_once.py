"""The demo as a stranger starts it: it ends by itself with one JSON object, or at Ctrl-C."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(150)]

DEMO = (sys.executable, "-m", "onebox", "demo", "--fast")
PROMISED = {
    "ok",
    "events_sent",
    "events_recorded",
    "lost",
    "duplicates_created",
    "leads",
    "tasks",
    "sheet_rows",
    "contacts",
    "refused_edits",
    "google_calls",
    "p95_event_to_row_s",
}


def test_day_played_on_a_busy_port_takes_another_and_everything_agrees() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        busy = holder.getsockname()[1]
        done = subprocess.run(
            [*DEMO, "--once", "--json", "--port", str(busy)],
            check=False,
            capture_output=True,
            text=True,
        )

    told = json.loads(done.stdout.splitlines()[-1])
    assert told["differences"] == []
    assert told["ok"]
    assert done.returncode == 0
    assert str(busy) in done.stdout.splitlines()[0]
    assert told.keys() >= PROMISED
    assert told["events_sent"] >= 60
    assert told["lost"] == told["duplicates_created"] == 0
    assert told["refused_edits"] == 1
    assert told["sheet_rows"] == told["leads"] + told["tasks"]


def test_ctrl_c_ends_the_demo_and_its_box(tmp_path: Path) -> None:
    data = tmp_path / "office"
    demo = subprocess.Popen(
        [*DEMO, "--once", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert demo.stdout is not None
    while "08:32" not in (line := demo.stdout.readline()):
        assert line, "the demo ended before it began"
    base_url = json.loads((data / "serving.json").read_text())["base_url"]

    demo.send_signal(signal.SIGINT)

    rest, _ = demo.communicate(timeout=100)
    assert demo.returncode == 130
    assert "Traceback" not in rest
    time.sleep(0.1)
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as client:
        client.get(f"{base_url}/onebox/clock")
