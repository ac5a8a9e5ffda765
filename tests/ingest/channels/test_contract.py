"""What every channel promises; a new channel is covered by its line in the registry."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import SHELF, call_of, context, expected, samples

import ingest.channels
from ingest.channels import CHANNELS
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.wiring import App

NAMES = sorted(CHANNELS)
SIGNED = [name for name in NAMES if CHANNELS[name].sign(b"{}", "secret")]
PAGES = Path(ingest.channels.__file__).parent


def address(app: App, channel: str) -> str:
    if channel == "form":
        return "/ingest/form/consult"
    return f"/ingest/{channel}/{account(app, channel).id}"


def account(app: App, channel: str) -> Account:
    return next(a for a in app.desk.settings().accounts if a.channel == channel)


def signed(app: App, channel: str, body: bytes) -> dict[str, str]:
    if channel == "form":
        return {}
    return CHANNELS[channel].sign(body, account(app, channel).secrets[0])


def sample(channel: str, name: str) -> bytes:
    return (SHELF / channel / f"{name}.json").read_bytes()


def stored(app: App) -> list[Inbound]:
    return [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]


@pytest.mark.parametrize(("channel", "path"), samples(), ids=lambda v: getattr(v, "stem", v))
def test_sample_means_what_is_written_beside_it(channel: str, path: Path) -> None:
    beside = path.with_name(f"{path.stem}.expected.json")

    assert expected(channel, path) == json.loads(beside.read_text("utf-8"))


@pytest.mark.parametrize(("channel", "path"), samples(), ids=lambda v: getattr(v, "stem", v))
def test_sample_sent_twice_is_one_record_and_two_successes(
    http: FlaskClient, app: App, channel: str, path: Path
) -> None:
    body = path.read_bytes()

    answers = [
        http.post(
            address(app, channel),
            data=body,
            content_type="application/json",
            headers=signed(app, channel, body),
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert len(stored(app)) == 1


@pytest.mark.parametrize("channel", NAMES)
def test_event_nobody_knows_is_kept_with_the_reason(
    http: FlaskClient, app: App, channel: str
) -> None:
    body = sample(channel, "unknown")
    headers = {"content-type": "application/json", **signed(app, channel, body)}

    answer = http.post(address(app, channel), data=body, headers=headers)
    [kept] = stored(app)

    assert answer.status_code == 200
    assert (kept.state, bool(kept.why), kept.raw) == ("unknown", True, body.decode())


@pytest.mark.parametrize("channel", SIGNED)
def test_body_that_is_not_json_is_kept_with_the_reason(
    http: FlaskClient, app: App, channel: str
) -> None:
    body = b"\xff{not json\x00"

    answer = http.post(address(app, channel), data=body, headers=signed(app, channel, body))
    [kept] = stored(app)

    assert answer.status_code == 200
    assert (kept.state, kept.why, kept.raw) == ("unknown", "not_json", "\ufffd{not json\ufffd")


@pytest.mark.parametrize("channel", SIGNED)
@pytest.mark.parametrize("value", ["wrong", "", "sha256=", "sha256=" + "0" * 64, "é\xff"])
def test_wrong_signature_is_refused_and_nothing_is_kept(
    http: FlaskClient, app: App, channel: str, value: str
) -> None:
    body = next(path for name, path in samples() if name == channel).read_bytes()
    [header] = CHANNELS[channel].sign(b"", "x")

    answer = http.post(address(app, channel), data=body, headers={header: value})

    assert answer.status_code == 401
    assert stored(app) == []


@pytest.mark.parametrize("channel", SIGNED)
def test_missing_signature_is_refused(http: FlaskClient, app: App, channel: str) -> None:
    assert http.post(address(app, channel), data=b"{}").status_code == 401


@pytest.mark.parametrize("channel", SIGNED)
def test_second_of_two_secrets_is_accepted(channel: str) -> None:
    headers = CHANNELS[channel].sign(b"{}", "new")

    CHANNELS[channel].verify(call_of(b"{}", headers), ("old", "new"))


@pytest.mark.parametrize("channel", SIGNED)
@pytest.mark.parametrize("secrets", [(), ("",), ("old",)])
def test_signature_of_no_valid_secret_is_refused(channel: str, secrets: tuple[str, ...]) -> None:
    headers = CHANNELS[channel].sign(b"{}", "")

    with pytest.raises(NotAuthentic):
        CHANNELS[channel].verify(call_of(b"{}", headers), secrets)


@pytest.mark.parametrize("channel", NAMES)
def test_account_nobody_made_is_not_found(http: FlaskClient, channel: str) -> None:
    answer = http.post(f"/ingest/{channel}/nobody", data=b"{}")

    assert answer.status_code == 404


@pytest.mark.parametrize("channel", NAMES)
def test_body_over_a_mebibyte_is_refused(http: FlaskClient, app: App, channel: str) -> None:
    body = b" " * (1024 * 1024 + 1)

    answer = http.post(address(app, channel), data=body, headers=signed(app, channel, body))

    assert answer.status_code == 413


@pytest.mark.parametrize("channel", NAMES)
def test_operator_page_and_samples_are_there(channel: str) -> None:
    page = (PAGES / f"{channel}.md").read_text("utf-8")

    assert "## Подключение" in page
    assert "## Setting up" in page
    assert page.count("\n1. ") == 2
    assert len([path for name, path in samples() if name == channel]) >= 4


def test_registry_names_each_channel_by_its_own_name() -> None:
    assert {name: channel.name for name, channel in CHANNELS.items()} == {n: n for n in NAMES}
    assert context("form").form is not None
