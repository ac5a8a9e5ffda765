"""A week of the month as a stranger starts it: office and ledger agree to the last number."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MONTH = (sys.executable, "-m", "onebox", "demo", "month")


def test_week_is_played_and_the_second_count_agrees() -> None:
    done = subprocess.run(
        [*MONTH, "--days", "5", "--json"], check=False, capture_output=True, text=True
    )

    told = json.loads(done.stdout.splitlines()[-1])
    assert told["differences"] == []
    assert told["ok"]
    assert done.returncode == 0
    assert told["leads"] >= 50
    assert told["tasks"] > told["firings"] > 0
    assert told["google_calls"] > 0


def test_folder_with_an_office_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "office.sqlite3").touch()

    done = subprocess.run(
        [*MONTH, "--data", str(tmp_path)], check=False, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert "name a new folder" in done.stderr
