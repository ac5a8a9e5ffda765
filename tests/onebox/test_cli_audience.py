"""`kartoteka audience` as a person types it: the file, the count, and who may not have it."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from onebox.cli import REFUSED, run


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    folder = str(tmp_path / "office")
    assert run(["init", "--data", folder]) == 0
    capsys.readouterr()
    return folder


def do(data: str, capsys: pytest.CaptureFixture[str], name: str, /, **given: object):
    words = ["do", name, "--as", "olga@office.example", "--json", json.dumps(given)]
    assert run([*words, "--data", data]) == 0
    return json.loads(capsys.readouterr().out)


def test_list_of_a_segment_is_written_whole_and_a_short_one_is_told_of(data, tmp_path, capsys):
    client = do(data, capsys, "client.add", name="Ирина", phone="+79161112233")
    do(data, capsys, "consent.give", client=client["id"], medium="sms")
    do(data, capsys, "segment.recount", segment="new_30")
    out = tmp_path / "list.csv"

    words = ["audience", "Новые за 30 дней", "--format", "google", "--out", str(out)]
    code = run([*words, "--as", "olga@office.example", "--data", data])

    told = capsys.readouterr()
    assert code == 0
    with out.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["Email", "Phone"], ["", hashlib.sha256(b"+79161112233").hexdigest()]]
    assert "1 rows" in told.out
    assert "100" in told.err
    assert run([*words, "--as", "anna@office.example", "--data", data]) == REFUSED
