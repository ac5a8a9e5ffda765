"""Every reader of every channel against calls that nobody sends in good faith, for minutes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.hostile_calls import LETTER, Case, decoded, seeds
from tests.faults.hostile_judge import Finding, Judge
from tests.faults.hostile_texts import HOSTILE

from ingest.channels import CHANNELS
from kartoteka.http import Call

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1_200)]
ROOT = Path(__file__).parents[2]
SECONDS = 300 if os.getenv("FULL") else 20
TRIES = 3  # what looked slow may have been the machine
SLACK = 2.5  # or the machine is a slow one


def fuzzed(findings: Path, *words: str) -> None:
    run = [sys.executable, "-W", "ignore", "-m", "tests.faults.fuzz_run", *words]
    told = subprocess.run(
        [*run, "--seconds", str(SECONDS), "--findings", str(findings)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-2_000:]


def confirmed(judge: Judge, path: Path) -> Finding | None:
    """Return what is still wrong when the case is tried again, without instruments."""
    case = decoded(path.read_bytes())
    assert case is not None
    found = [judge.finding(case) for _ in range(TRIES)]
    return found[-1] if all(found) else None


def test_samples_themselves_leave_nothing_to_find(tmp_path: Path) -> None:
    judge = Judge(tmp_path, slack=5)
    try:
        assert [judge.finding(case) for case in seeds() if judge.finding(case)] == []
    finally:
        judge.close()


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/xml", "multipart/form-data; boundary=b"]
)
def test_hostile_bodies_are_read_in_fifty_milliseconds_a_hundred_kilobytes(
    tmp_path: Path, media_type: str
) -> None:
    judge, slow = Judge(tmp_path, SLACK), {}
    for name in (*CHANNELS, LETTER):
        for number, body in enumerate(HOSTILE):
            call = Call("POST", (), body=body, headers={"content-type": media_type})
            case = Case(name, call)
            if all(judge.finding(case, whole=False) for _ in range(TRIES)):
                slow[name, number] = judge.finding(case, whole=False)
    judge.close()

    assert slow == {}


def test_no_call_makes_an_error_of_ours_or_takes_long(tmp_path: Path) -> None:
    findings = tmp_path / "findings"
    fuzzed(findings)

    judge = Judge(tmp_path, SLACK)
    faults = {path.name: confirmed(judge, path) for path in findings.glob("*.case")}
    judge.close()

    assert (findings / "tried").exists()
    assert {name: fault for name, fault in faults.items() if fault} == {}
