"""What `kartoteka channels` says of an account whose calls are turned away."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kartoteka.log import nickname
from kartoteka.services.connections import Connection
from onebox.cli import run
from onebox.commands.channels import advice
from onebox.logfile import FILE
from onebox.refusals import Refusals, refused

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def line(account: str, at: datetime) -> str:
    told = {"event": "unproven", "account": nickname(account), "at": at.isoformat()}
    return json.dumps(told) + "\n"


def test_only_refusals_after_the_last_event_of_an_account_count(tmp_path: Path) -> None:
    later = NOON + timedelta(minutes=5)
    (tmp_path / f"{FILE}.1").write_text(line("call", NOON) + line("gone", NOON))
    (tmp_path / FILE).write_text(line("call", later) + line("new", NOON) + line("new", later)[:-9])

    found = refused(tmp_path, {"call": NOON, "new": None, "quiet": None})

    assert found == {"call": Refusals(1, later), "new": Refusals(1, NOON)}


def test_box_that_never_ran_has_refused_nobody(tmp_path: Path) -> None:
    assert refused(tmp_path, {"call": None}) == {}


def test_channels_say_that_the_secret_at_the_provider_is_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "office"
    run(["init", "--data", str(data)])
    run(["channels", "--json", "--data", str(data)])
    told = capsys.readouterr().out
    made = json.loads(told[told.rindex('{\n  "channels"') :])["channels"]
    call = next(one["id"] for one in made if one["channel"] == "call")
    (data / FILE).write_text(line(call, NOON))

    run(["channels", "--data", str(data)])

    assert "call (Телефония): 1 call was refused" in capsys.readouterr().out


def green(age: timedelta) -> Connection:
    heard = NOON - age
    return Connection(
        channel="call",
        id="c",
        title="АТС",
        path="/",
        state="green",
        last_at=heard,
        heard_at=heard,
        age_s=int(age.total_seconds()),
    )


def test_green_channel_that_went_quiet_is_said_to_have() -> None:
    assert advice(green(timedelta(days=2)), None, NOON) == ""
    assert advice(green(timedelta(days=4)), None, NOON).startswith("nothing for 4 d.")
