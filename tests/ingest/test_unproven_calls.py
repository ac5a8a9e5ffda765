"""A call with a wrong secret leaves a line that names the account, and nothing of what it said."""

import json
from functools import partial

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import call_of

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka.domain.office import Account
from kartoteka.log import nickname
from kartoteka.ports import Tx
from kartoteka.wiring import App
from onebox.samples import at_address

SPOKEN = b'{"id": "1", "event": "ringing", "client": "+79165550163"}'


@pytest.fixture(autouse=True)
def accounts(app: App) -> None:
    for channel in ("call", "commerceml"):
        made = Account(id=channel, channel=channel, title="x", source="x", secrets=("s",))
        app.store.run(partial(_put, made))


def _put(made: Account, tx: Tx) -> None:
    tx.put(Account.collection, made.id, made.model_dump(mode="json"))


def ring(http: FlaskClient, secret: str, account: str = "call") -> int:
    call = as_sent(CHANNELS["call"], at_address(call_of(SPOKEN), ("call", account)), secret)
    return http.post(call.target, data=call.body, headers=dict(call.headers)).status_code


def unproven(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what the log calls the accounts."""
    lines = [line for line in capsys.readouterr().out.splitlines() if '"unproven"' in line]
    assert not any("7916" in line for line in lines)
    return [json.loads(line)["account"] for line in lines]


def test_call_with_a_wrong_secret_names_its_account_in_the_log(
    http: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ring(http, "guess") == 401
    assert http.get("/commerceml/commerceml?mode=checkauth", auth=("1c", "x")).status_code == 401

    assert unproven(capsys) == [nickname("call"), nickname("commerceml")]


def test_proven_calls_and_addresses_of_nobody_leave_no_such_line(
    http: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ring(http, "s") == 200
    assert ring(http, "s", account="nobody") == 404

    assert unproven(capsys) == []
