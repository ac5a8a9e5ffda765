"""`kartoteka edit` as an operator meets it: a bar, a crash, the same command again, undone."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.ports import Query
from onebox.cli import REFUSED, run

HEAD = "viktor@office.example"
SET = json.dumps({"segment": "partner", "tags": ["опт"]})


@pytest.fixture
def box(tmp_path: Path) -> Path:
    assert run(["init", "--data", str(tmp_path / "office")]) == 0
    return tmp_path / "office"


def docs(box: Path, what: str) -> list[dict[str, Any]]:
    with closing(SqliteStore(box / "office.sqlite3")) as store:
        return [dict(hit.doc) for hit in store.query(Query(what))]


def with_clients(box: Path, count: int) -> Path:
    """Import so many clients; return a file with their ids."""
    table = box.parent / "list.csv"
    rows = "".join(f"К{n};8916{n:07}\n" for n in range(count))
    table.write_text(f"Имя;Телефон\n{rows}", "utf-8")
    assert run(["import", str(table), "--as", HEAD, "--data", str(box)]) == 0
    ids = box.parent / "ids.txt"
    ids.write_text("\n".join(str(doc["id"]) for doc in docs(box, "clients")), "utf-8")
    return ids


def words(box: Path, ids: Path, given: str = SET) -> list[str]:
    edit = ["edit", "client", "--as", HEAD, "--set", given, "--ids", str(ids)]
    return [*edit, "--data", str(box)]


def test_edit_says_how_many_and_how_to_take_it_back(
    box: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = with_clients(box, 3)
    before = docs(box, "clients")
    capsys.readouterr()
    assert run(words(box, ids)) == 0
    told = capsys.readouterr().out
    batch = told.split("Batch ")[1].split(":")[0]
    assert "3 records, 3 changed" in told
    assert {doc["segment"] for doc in docs(box, "clients")} == {"partner"}

    assert run(["undo", batch, "--as", HEAD, "--data", str(box)]) == 0
    assert docs(box, "clients") == before


@pytest.mark.parametrize(
    ("given", "says"),
    [("{", "--set"), ("[]", "--set"), ('{"name": "Все"}', "только")],
)
def test_wrong_edit_says_what_to_change(
    box: Path, capsys: pytest.CaptureFixture[str], given: str, says: str
) -> None:
    ids = with_clients(box, 1)
    capsys.readouterr()
    assert run(words(box, ids, given)) == REFUSED
    assert says in capsys.readouterr().err
    ids.write_text("\n", "utf-8")
    assert run(words(box, ids)) == REFUSED
    assert "--ids" in capsys.readouterr().err


@pytest.mark.fault
def test_edit_killed_at_any_moment_goes_on_exactly_once_and_is_undone(
    box: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = with_clients(box, 4_000)
    before = docs(box, "clients")
    for seen in (1, 1_000, 2_000):
        killed_behind(box, words(box, ids), seen)
    capsys.readouterr()
    assert run([*words(box, ids), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["resumed_rows"] >= 2_000
    assert (told["count"], told["state"]) == (4_000, "done")
    assert len(docs(box, "edits")) == 1
    changed = [doc["subject"] for doc in docs(box, "changes") if doc["cause"].endswith(told["id"])]
    assert len(changed) == len(set(changed)) == 4_000

    assert run(["undo", told["id"], "--as", HEAD, "--data", str(box)]) == 0
    assert docs(box, "clients") == before


def killed_behind(box: Path, command: list[str], rows: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "onebox", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with closing(SqliteStore(box / "office.sqlite3")) as store:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            found = [hit.doc["rows"] for hit in store.query(Query("edits"))]
            if found and int(str(found[0])) >= rows:
                break
            time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
