"""Reports on SMS and letters: how far a message got, whatever comes first, twice or late."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.ingest.channels.exchange_office import Exchange
from tests.ingest.channels.samples import call_of, context, samples, unsigned
from tests.ingest.channels.test_exchanges_fuzz import with_a_field_replaced

from ingest.channel import as_sent
from ingest.channels import CHANNELS, twilio_sms, unisender
from kartoteka.domain.chat import MessageMark, mark_id
from kartoteka.domain.errors import Malformed, NotAuthentic, Rejected
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.model import Activity, ChatMessage, Client
from kartoteka.http import Call
from kartoteka.ports import Tx
from kartoteka.wiring import App
from onebox.samples import at_address

FEW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
SERVICES = ("sendpulse", "smsaero", "smsc", "smsru", "twilio_sms", "unisender")
CALLS = [(name, unsigned(name, path)) for name, path in samples() if name in SERVICES]
FORMS = [pair for pair in CALLS if pair[1].body[:1] not in b"{["]
FORM = {"content-type": "application/x-www-form-urlencoded"}


def form(name: str, fields: dict[str, str]) -> list[Inbound]:
    call = call_of(urlencode(fields).encode(), FORM)
    return CHANNELS[name].parse(at_address(call, (name, "a", "s")), context(name))


def state_of(exchange: Exchange, external: str) -> str:
    name = mark_id(exchange.channel, exchange.token, external)
    doc = exchange.app.store.get(MessageMark.collection, name)
    return MessageMark.model_validate(doc).state


def states(events: list[Inbound]) -> list[tuple[str, str]]:
    return [(it.message.id, it.message.state) for it in events if it.message is not None]


@pytest.mark.parametrize("codes", list(permutations(["0", "1", "2", "0"])))
def test_report_of_a_message_we_do_not_know_waits_at_its_furthest(
    http: FlaskClient, app: App, codes: tuple[str, ...]
) -> None:
    exchange = Exchange(http, app, "smsc")
    for code in codes:
        call = call_of(urlencode({"id": "7", "phone": "79165550181", "status": code}).encode(),
                       FORM)  # fmt: skip
        exchange.deliver(at_address(replace(call, path=("", "")), ()))

    assert state_of(exchange, "7:79165550181") == "read"


def test_report_moves_the_message_of_ours_that_it_names(http: FlaskClient, app: App) -> None:
    exchange = Exchange(http, app, "twilio_sms")
    exchange.send("queued")
    ours = Activity(
        id="ac_sms", what="message", direction="out", at=app.clock.now(), text="Ждём вас",
        message=ChatMessage(chat_id="", external_id="SM0001", state="queued"),
    )  # fmt: skip
    mark = MessageMark(
        id=mark_id("twilio_sms", exchange.token, "SM0001"), activity_id=ours.id, state="queued"
    )

    def work(tx: Tx) -> None:
        for one in (ours, mark):
            tx.put(one.collection, one.id, one.model_dump(mode="json"))

    app.store.run(work)
    exchange.send("delivered", "sent")
    [told] = [it for it in exchange.all_of(Activity) if it.id == "ac_sms"]

    assert told.message is not None
    assert told.message.state == "delivered"


def test_failure_is_kept_with_the_providers_word(http: FlaskClient, app: App) -> None:
    exchange = Exchange(http, app, "twilio_sms")
    exchange.send("undelivered")
    name = mark_id("twilio_sms", exchange.token, "SM0002")
    failed = MessageMark.model_validate(app.store.get(MessageMark.collection, name))

    assert (failed.state, failed.said) == ("failed", "30003")


@pytest.mark.parametrize("channel", SERVICES)
def test_reports_make_no_client_and_no_request(http: FlaskClient, app: App, channel: str) -> None:
    exchange = Exchange(http, app, channel)
    names = [path.stem for name, path in samples() if name == channel and path.stem != "incoming"]
    exchange.send(*names)

    assert exchange.all_of(Client) == []
    assert {it.state for it in exchange.all_of(Inbound)} == {"done", "unknown"}


def test_sms_of_a_client_becomes_a_request(http: FlaskClient, app: App) -> None:
    exchange = Exchange(http, app, "smsc")
    exchange.send("incoming", "incoming")
    [client] = exchange.all_of(Client)

    assert client.phones == ("+79165550183",)
    assert [it.text for it in exchange.all_of(Activity)] == ["Перезвоните мне"]


def test_smsru_hears_its_hundred_and_each_report_of_many_is_one_event(
    http: FlaskClient, app: App
) -> None:
    [heard] = Exchange(http, app, "smsru").send("several")
    exchange = Exchange(http, app, "smsru")
    first, second = sorted(exchange.all_of(Inbound), key=lambda it: len(it.raw), reverse=True)

    assert heard.data == b"100"
    assert "callcheck_status" in first.raw
    assert second.raw == f"body: {first.id}"


def test_thousands_of_reports_are_kept_as_one_unknown_body() -> None:
    many = {f"data[{n}]": f"sms_status\n{n}\n103" for n in range(999)}

    assert len(form("smsru", many)) == 999
    with pytest.raises(Malformed):
        form("smsru", many | {"data[999]": "x", "data[1000]": "x", "data[1001]": "x"})
    events = [{"event": "open", "email": "a@b.example", "task_id": n, "timestamp": 1}
              for n in range(1001)]  # fmt: skip
    with pytest.raises(Malformed):
        CHANNELS["sendpulse"].parse(call_of(json.dumps(events).encode()), context("sendpulse"))


def test_unisender_signs_the_body_with_its_key_in_the_place_of_the_proof() -> None:
    body = '{ "auth" : "%s",\n "events_by_user":[{"note":"\\u0416 Ж"}]}'
    proof = hashlib.new("md5", (body % "key1").encode(), usedforsecurity=False).hexdigest()

    unisender.verify(call_of((body % proof).encode()), ("key2", "key1"))
    for bad in (body % "key1", body % "", body % proof[:-1], "{}", "[]", ""):
        with pytest.raises(NotAuthentic):
            unisender.verify(call_of(bad.encode()), ("key1",))


def test_published_signature_of_twilio_is_accepted() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    call = replace(
        call_of(urlencode(fields).encode(),
                FORM | {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}),
        base_url="https://mycompany.com",
        target="/myapp.php?foo=1&bar=2",
    )  # fmt: skip

    twilio_sms.verify(call, ("12345",))
    with pytest.raises(NotAuthentic):
        twilio_sms.verify(call, ("12346",))


@pytest.mark.parametrize(
    ("name", "fields", "found"),
    [
        ("smsc", {"id": "1", "phone": "7", "status": "-1"}, [("1:7", "queued")]),
        ("smsc", {"id": "1", "phone": "7", "status": "4"}, [("1:7", "read")]),
        ("smsc", {"id": "1", "phone": "7", "status": "-3"}, [("1:7", "failed")]),
        ("smsaero", {"id": "1", "status": "6"}, [("1", "failed")]),
        ("smsru", {"data[0]": "sms_status\r\n1\r\n150\r\n"}, [("1", "failed")]),
        ("smsru", {"data[0]": "sms_status\n\n103", "data[1]": "sms_status\n2\n100"},
         [("2", "queued")]),
        ("twilio_sms", {"SmsSid": "SM", "SmsStatus": "Sending"}, [("SM", "queued")]),
    ],
)  # fmt: skip
def test_code_of_the_provider_means_a_state_of_ours(
    name: str, fields: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert states(form(name, fields)) == found


@pytest.mark.parametrize("status", ["Hard_Bounced", "HARD_BOUNCED"])
def test_status_of_unisender_counts_in_any_case(status: str) -> None:
    data = {"job_id": "j1", "email": "maria@client.example", "status": status}
    event = {"event_name": "Transactional_Email_Status", "event_data": data}
    body = {"auth": "", "events_by_user": [{"events": [event]}]}
    [found] = CHANNELS["unisender"].parse(call_of(json.dumps(body).encode()), context("unisender"))

    assert found.message is not None
    assert (found.message.state, found.message.said) == ("failed", "hard_bounced")


@pytest.mark.parametrize("stamp", ["1795422600", "2026-11-23 11:30:00", "2026-11-23T08:30:00Z"])
def test_report_of_sms_aero_has_the_time_that_it_tells(stamp: str) -> None:
    [found] = form("smsaero", {"id": "1", "status": "1", "dateSend": stamp})
    [timeless] = form("smsaero", {"id": "1", "status": "1", "dateSend": "0"})

    assert found.at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert timeless.at == context("smsaero").now


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("smsc", {"id": "1", "status": "1"}),
        ("smsc", {"phone": "7", "status": "1"}),
        ("smsc", {"id": "1", "phone": "7", "status": "x"}),
        ("smsaero", {"status": "1"}),
        ("smsru", {"data[0]": ""}),
        ("smsru", {"other": "sms_status\n1\n103"}),
        ("twilio_sms", {"MessageStatus": "sent"}),
    ],
)
def test_report_that_names_no_message_is_kept_for_people(name: str, fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        form(name, fields)


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=200))
@example(CALLS[0], b"[" * 2000)
@example(CALLS[0], b'[{"event":"open","email":{}},1,null]')
def test_any_body_makes_reports_or_a_refusal(sample: tuple[str, Call], body: bytes) -> None:
    name, call = sample

    for event in read(name, replace(call, body=body)):
        assert event.what in {Kind.RECEIPT, Kind.MESSAGE}


@FEW
@given(st.sampled_from(FORMS).flatmap(with_a_field_replaced))
def test_form_with_a_field_replaced_makes_reports_or_a_refusal(sample: tuple[str, Call]) -> None:
    for event in read(*sample):
        assert Inbound.model_validate_json(event.model_dump_json()) == event


@FEW
@given(st.sampled_from(CALLS), st.binary(max_size=60))
def test_any_proof_is_accepted_or_not_authentic(sample: tuple[str, Call], body: bytes) -> None:
    name, call = sample
    there = at_address(replace(call, path=()), (name, "a"))
    spoilt = as_sent(CHANNELS[name], replace(there, body=body), "s1")
    with pytest.raises(NotAuthentic):
        CHANNELS[name].verify(spoilt, ("s2", ""))


def read(name: str, call: Call) -> list[Inbound]:
    try:
        return CHANNELS[name].parse(call, context(name))
    except Rejected:
        return []
