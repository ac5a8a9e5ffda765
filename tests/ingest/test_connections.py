"""Which channels work: green only when a real event has gone the whole way."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.test_contract import account

from kartoteka.domain.channels import CHANNEL_NAMES
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call
from kartoteka.services import consume
from kartoteka.services.connections import Connection, connections
from kartoteka.wiring import App
from onebox.connecting import Tried, mark, steps, try_out
from onebox.delivery import address_to_paste, addressed
from onebox.samples import read_sample

FORM = "/ingest/form/consult"


def form(app: App) -> Connection:
    return next(one for one in connections(app.desk) if one.channel == "form")


def drained(app: App) -> None:
    """Let everybody who follows the log read it."""
    for consumer in ("automation", "sheets"):
        consume.drain(app.desk, consumer, lambda _: None, batch=100, most=1000)


def tried(http: FlaskClient, app: App, channel: str, patience_s: float = 0) -> Tried:
    def send(call: Call) -> int:
        headers = dict(call.headers)
        answer = http.open(call.target, method=call.method, data=call.body, headers=headers)
        return answer.status_code

    return try_out(app.desk, (channel, ""), "http://localhost", send=send, patience_s=patience_s)


def test_real_event_turns_green_when_the_sheet_has_it(
    http: FlaskClient, app: App, clock: FixedClock
) -> None:
    before = form(app)
    http.post(FORM, json={"phone": "+79165550104"})
    moving = form(app)
    drained(app)
    clock.advance(timedelta(minutes=7))
    green = form(app)

    assert [before.state, moving.state, green.state] == ["silent", "moving", "green"]
    assert (before.age_s, green.age_s, green.path) == (None, 420, FORM)


def test_event_that_waits_for_a_person_says_why(http: FlaskClient, app: App) -> None:
    http.post(FORM, data=b"[]", content_type="application/json")

    found = form(app)

    assert (found.state, found.why) == ("unclear", "not_an_object")


def test_channel_that_is_switched_off_says_so(http: FlaskClient, app: App) -> None:
    known = account(app, "tilda")
    off = {**known.model_dump(mode="json"), "active": False}
    app.store.run(lambda tx: tx.put("accounts", known.id, off))
    vars(app).pop("desk", None)

    assert {one.state for one in connections(app.desk) if one.id == known.id} == {"off"}


def test_trial_goes_the_whole_way_and_turns_nothing_green(http: FlaskClient, app: App) -> None:
    early = tried(http, app, "form")
    drained(app)
    late = tried(http, app, "form")
    found = form(app)

    assert (early.status, early.passed, early.ok) == (200, False, False)
    assert (late.status, late.passed, late.ok) == (200, True, True)
    assert [event.trial for event in late.events] == [True]
    assert (found.state, found.last_at) == ("silent", None)
    assert found.heard_at is not None


def test_sample_that_was_sent_turns_nothing_green(http: FlaskClient, app: App) -> None:
    settings = app.desk.settings()
    for stem in ("consult", "with_source"):
        call = addressed(read_sample("form", stem), "form", settings, now=app.clock.now())
        http.post(call.target, data=call.body, headers=dict(call.headers))
        mark(app.desk, "form", call)
    drained(app)

    assert form(app).state == "silent"


def test_trial_does_not_hide_the_real_event_before_it(http: FlaskClient, app: App) -> None:
    http.post(FORM, json={"phone": "+79165550104"})
    tried(http, app, "form")
    drained(app)

    assert form(app).state == "green"


def test_trial_that_the_provider_only_makes_on_connecting_is_heard_and_proves_nothing(
    http: FlaskClient, app: App
) -> None:
    known = account(app, "tilda")
    http.post(f"/ingest/tilda/{known.id}/{known.secrets[0]}", data=b"test=test")

    found = next(one for one in connections(app.desk) if one.id == known.id)

    assert (found.state, found.heard_at is None) == ("silent", False)


def test_channel_without_an_account_is_not_tried(http: FlaskClient, app: App) -> None:
    with pytest.raises(NotFound):
        tried(http, app, "marquiz")


@pytest.mark.parametrize("channel", CHANNEL_NAMES)
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_channel_says_what_to_click(channel: str, locale: str) -> None:
    assert len(steps(channel, locale)) >= 2


def test_address_to_paste_ends_in_the_secret_where_the_provider_cannot_sign(app: App) -> None:
    tilda, form_id = account(app, "tilda"), app.desk.settings().forms[0].id
    known = app.desk.settings()
    base = "https://crm.example"

    assert address_to_paste("form", form_id, known, base) == f"{base}/ingest/form/{form_id}"
    assert address_to_paste("tilda", tilda.id, known, base) == (
        f"{base}/ingest/tilda/{tilda.id}/{tilda.secrets[0]}"
    )
    typeform = account(app, "typeform")
    signed = address_to_paste("typeform", typeform.id, app.desk.settings(), base)
    assert signed == f"{base}/ingest/typeform/{typeform.id}"
