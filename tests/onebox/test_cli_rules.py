"""`kartoteka rules`: rehearsing and looking back, from the terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kartoteka.domain.firing import Firing
from onebox.cli import run
from onebox.office import open_app


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["init", "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path


def test_a_rule_is_rehearsed_in_its_words(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--when", "новая заявка", "--then", "уведомить руководителя", "--json"]

    assert run(["rules", "rehearse", *words, "--data", str(data)]) == 0

    played = json.loads(capsys.readouterr().out)
    assert (played["fired"], played["changes"]) == (0, 1)  # the office was made


def test_words_that_mean_nothing_are_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    then = ["--then", "уведомить руководителя", "--data", str(data)]

    assert run(["rules", "rehearse", "--when", "когда-нибудь", *then]) == 2
    assert "когда-нибудь" in capsys.readouterr().err


def test_a_rule_that_does_nothing_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rules", "rehearse", "--when", "новая заявка", "--data", str(data)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_office_in_which_nothing_fired_says_so(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rules", "fired", "--data", str(data)]) == 0
    assert "No rule has fired" in capsys.readouterr().out


def test_a_failure_whose_reason_names_something_is_printed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    failed = Firing(
        id="fr_1", rule_id="rl_1", version=1, cause="slot:x", about="deal", record_id="dl_1",
        state="parked", why="rule_no_series", at=now, updated_at=now,
    )  # fmt: skip
    store = open_app(data).store
    store.run(lambda tx: tx.put(Firing.collection, failed.id, failed.model_dump(mode="json")))

    assert run(["rules", "fired", "--data", str(data)]) == 0
    assert "Серии «…» нет." in capsys.readouterr().out
