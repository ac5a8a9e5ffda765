"""What every channel promises; a new channel is covered by its line in the registry."""

import ast
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.cost import takes_less
from tests.ingest.channels.samples import (
    SHELF,
    call_of,
    context,
    expected,
    samples,
    understood,
    unsigned,
)
from werkzeug.test import TestResponse

import ingest.channels
from ingest.channel import Manner, Signs, as_sent
from ingest.channels import CHANNELS
from kartoteka.domain.errors import NotAuthentic, Rejected, Transient
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.ports import Query, Store, Tx
from kartoteka.wiring import App
from onebox.samples import at_address

IN_OWN_WORDS = {"commerceml"}  # its client hears of a failure in the body of a 200
SLOWEST_S = 0.25  # of processor for 100 kB, on a machine that does other things too
NAMES = sorted(CHANNELS)
SIGNED = [name for name in NAMES if name != "form"]
BY_HEADER = [name for name in SIGNED if isinstance(CHANNELS[name], Signs)]
JSON = [name for name in BY_HEADER if (SHELF / name / "unknown.json").exists()]
PAGES = Path(ingest.channels.__file__).parent


def account(app: App, channel: str) -> Account:
    """Return the account of a channel, made when the office has none."""
    for known in app.desk.settings().accounts:
        if known.channel == channel:
            return known
    made = Account(
        id=f"{channel}_token", channel=channel, title=channel, source=channel, secrets=("s:1",)
    )
    app.store.run(lambda tx: tx.put(Account.collection, made.id, made.model_dump(mode="json")))
    vars(app).pop("desk")  # the settings are read again
    return made


def addressed(app: App, channel: str, call: Call) -> Call:
    """Return the call at the office's address of its channel."""
    first = ("form", "consult") if channel == "form" else (channel, account(app, channel).id)
    return at_address(replace(call, path=call.path[2:]), first)


def signed(app: App, channel: str, call: Call) -> Call:
    secrets = account(app, channel).secrets if channel != "form" else ("",)
    return as_sent(CHANNELS[channel], addressed(app, channel, call), secrets[0])


def deliver(http: FlaskClient, call: Call) -> TestResponse:
    return http.open(call.target, method=call.method, data=call.body, headers=dict(call.headers))


def posted(app: App, channel: str, body: bytes) -> Call:
    return signed(app, channel, at_address(call_of(body), (channel, "")))


def named(channel: str, stem: str) -> Path:
    return next(path for name, path in samples() if name == channel and path.stem == stem)


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
    call = unsigned(channel, path)
    sent = signed(app, channel, call)

    answers = [deliver(http, sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert len(stored(app)) == len(understood(CHANNELS[channel], call))


@pytest.mark.parametrize("channel", NAMES)
def test_event_nobody_knows_is_kept_with_the_reason(
    http: FlaskClient, app: App, channel: str
) -> None:
    call = unsigned(channel, named(channel, "unknown"))

    answer = deliver(http, signed(app, channel, call))
    [kept] = stored(app)

    assert answer.status_code == 200
    assert (kept.state, bool(kept.why), bool(kept.raw)) == ("unknown", True, True)


@pytest.mark.parametrize("channel", JSON)
def test_body_that_is_not_json_is_kept_with_the_reason(
    http: FlaskClient, app: App, channel: str
) -> None:
    body = b"\xff{not json\x00"

    answer = deliver(http, posted(app, channel, body))
    [kept] = stored(app)

    assert answer.status_code == 200
    assert (kept.state, kept.why, kept.raw) == ("unknown", "not_json", "\ufffd{not json\ufffd")


@pytest.mark.parametrize("channel", BY_HEADER)
@pytest.mark.parametrize("value", ["wrong", "", "sha256=", "sha256=" + "0" * 64, "é\xff"])
def test_wrong_signature_is_refused_and_nothing_is_kept(
    http: FlaskClient, app: App, channel: str, value: str
) -> None:
    call = unsigned(channel, next(path for name, path in samples() if name == channel))
    [header] = CHANNELS[channel].sign(b"", "x")
    forged = replace(call, headers={**call.headers, header: value})

    answer = deliver(http, addressed(app, channel, forged))

    assert answer.status_code == 401
    assert stored(app) == []


@pytest.mark.parametrize("channel", SIGNED)
def test_call_without_any_proof_is_refused(http: FlaskClient, app: App, channel: str) -> None:
    call = unsigned(channel, named(channel, "unknown"))

    assert deliver(http, addressed(app, channel, call)).status_code == 401
    assert stored(app) == []


@pytest.mark.parametrize(("channel", "path"), samples(), ids=lambda v: getattr(v, "stem", v))
def test_either_of_two_secrets_is_accepted_and_no_other(channel: str, path: Path) -> None:
    call = unsigned(channel, path)
    sent = [as_sent(CHANNELS[channel], call, secret) for secret in ("k:new", "k:old")]

    for one in sent:
        CHANNELS[channel].verify(one, ("k:old", "k:new"))
    for secrets in ((), ("",), ("k:third",)):
        if channel != "form":
            with pytest.raises(NotAuthentic):
                CHANNELS[channel].verify(sent[0], secrets)


@pytest.mark.parametrize("channel", SIGNED)
def test_proof_with_an_empty_secret_is_refused(channel: str) -> None:
    call = as_sent(CHANNELS[channel], unsigned(channel, named(channel, "unknown")), "")

    with pytest.raises(NotAuthentic):
        CHANNELS[channel].verify(call, ("", "k:1"))


@pytest.mark.parametrize("channel", NAMES)
def test_account_nobody_made_is_not_found(http: FlaskClient, channel: str) -> None:
    answer = http.post(f"/ingest/{channel}/nobody", data=b"{}")

    assert answer.status_code == 404


@pytest.mark.parametrize("channel", NAMES)
def test_body_over_the_limit_is_refused(http: FlaskClient, app: App, channel: str) -> None:
    manner = getattr(CHANNELS[channel], "manner", Manner())
    call = at_address(call_of(b" " * (manner.limit + 1)), (channel, ""))

    assert deliver(http, addressed(app, channel, call)).status_code == 413


@pytest.mark.parametrize("channel", NAMES)
def test_samples_in_the_opposite_order_are_all_kept(
    http: FlaskClient, app: App, channel: str
) -> None:
    paths = [path for name, path in samples() if name == channel]
    calls = [signed(app, channel, unsigned(channel, path)) for path in reversed(paths)]

    answers = {deliver(http, call).status_code for call in calls}
    now = app.clock.now()
    events = {one.event_id for call in calls for one in understood(CHANNELS[channel], call, now)}

    assert answers == {200}
    assert {one.event_id for one in stored(app)} == events


class Asleep:
    """A store that does not answer for a while."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sleeps = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def run(self, work: Callable[[Tx], Any]) -> Any:
        if self.sleeps:
            raise Transient("the store does not answer")
        return self.store.run(work)


@pytest.mark.parametrize("channel", sorted({*NAMES} - IN_OWN_WORDS))
def test_store_that_does_not_answer_is_a_503_and_the_repetition_is_kept(
    http: FlaskClient, app: App, channel: str
) -> None:
    call = signed(app, channel, unsigned(channel, named(channel, "unknown")))
    vars(app)["store"] = asleep = Asleep(app.store)
    vars(app).pop("desk", None)

    slow = deliver(http, call)
    asleep.sleeps = False
    repeated = deliver(http, call)

    assert (slow.status_code, repeated.status_code) == (503, 200)
    assert len(stored(app)) == 1


HOSTILE = [
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"a":"' + b"\\u0000" * 16_000 + b'"}',
    b"a=" + b"%41" * 33_000,
    b"fields[a][" * 10_000,
    b"&".join(b"f%d=1" % number for number in range(12_000)),
    b"<a " * 33_000,
    b"<a>" * 33_000,
    b"--b\r\n" * 20_000,
]


@pytest.mark.parametrize("channel", NAMES)
def test_hostile_body_of_a_hundred_kilobytes_is_read_in_no_time(channel: str) -> None:
    for body in HOSTILE:
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/xml"):
            call = at_address(call_of(body, {"content-type": kind}), (channel, "a", "s:1"))

            assert takes_less(SLOWEST_S, parsed, channel, call), (body[:20], kind)


def parsed(channel: str, call: Call) -> None:
    with suppress(Rejected):
        CHANNELS[channel].parse(call, context(channel))


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


def test_type_checker_compares_every_channel_of_the_table() -> None:
    tree = ast.parse(Path(ingest.channels.__file__).read_text("utf-8"))
    [checked] = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_CHECKED"
    ]

    assert isinstance(checked, ast.Tuple)
    assert [getattr(item, "id", "") for item in checked.elts] == list(CHANNELS)
