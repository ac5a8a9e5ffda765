"""A restoring into Firestore is killed like a machine that loses its power, and then repeated."""

import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.furnished import furnish

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import ConfigError
from kartoteka.services.office import read_settings
from onebox.office import STORE_FILE

pytestmark = [pytest.mark.fault, pytest.mark.emulator, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
CLIENTS = 3_000


def kartoteka(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "onebox", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(*words: str) -> tuple[int, str]:
    process = kartoteka(*words)
    printed, _ = process.communicate()
    return process.returncode, printed


@pytest.fixture
def backup(tmp_path):
    folder = tmp_path / "office"
    folder.mkdir()
    furnish(folder / STORE_FILE)
    store = SqliteStore(folder / STORE_FILE)
    for first in range(0, CLIENTS, 500):

        def work(tx, first=first):
            for number in range(first, first + 500):
                tx.put("clients", f"cl_{number}", {"name": "Мария", "updated_at": f"{number}"})
                tx.append("changes", f"ch_{number}", {"subject": f"cl_{number}", "at": "x"})

        store.run(work)
    store.close()
    code, printed = said("backup", str(tmp_path / "b"), "--data", str(folder))
    assert code == 0, printed
    return tmp_path / "b"


def test_killed_restoring_leaves_no_office_and_is_finished_by_the_next(backup, open_firestore):
    name = f"t-{secrets.token_hex(6)}"
    store = open_firestore(database=name)
    words = ("restore", str(backup), "--into", f"firestore:demo-kartoteka/{name}")
    process = kartoteka(*words)
    while store.get("clients", "cl_0") is None and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.communicate()

    assert process.returncode < 0
    assert store.get("restorations", "now") is not None
    with pytest.raises(ConfigError, match="not set up"):
        read_settings(store)

    code, printed = said(*words)

    assert (code, "read again and equal" in printed) == (0, True), printed
    assert read_settings(store).staff
    assert store.get("restorations", "now") is None
    entries = [entry.id for entry in store.read_log("changes", None, CLIENTS + 9)]
    assert entries[-CLIENTS:] == [f"ch_{number}" for number in range(CLIENTS)]
    code, printed = said(*words)
    assert (code, "is not empty" in printed) == (2, True)
