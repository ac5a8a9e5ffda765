"""What the messengers' references say of proofs and trials, beyond what every channel promises."""

import json

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import SHELF, call_of, samples, understood, unsigned
from tests.ingest.channels.test_contract import account

from ingest.channels import CHANNELS, messenger, viber, whatsapp
from kartoteka.domain.errors import NotAuthentic
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.ports import Query
from kartoteka.wiring import App

VIBER_TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
VIBER_BODY = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
VIBER_PROOF = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"


def with_api(app: App, channel: str, **api: str) -> str:
    made = account(app, channel).model_copy(update={"api": api})
    app.store.run(lambda tx: tx.put("accounts", made.id, made.model_dump(mode="json")))
    vars(app).pop("desk", None)
    return made.id


def test_published_signature_of_viber_is_right() -> None:
    assert viber.sign(VIBER_BODY, VIBER_TOKEN) == {"x-viber-content-signature": VIBER_PROOF}
    viber.verify(call_of(VIBER_BODY, {"x-viber-content-signature": VIBER_PROOF}), (VIBER_TOKEN,))


def test_vk_hears_the_string_that_it_gave_and_nothing_else(http: FlaskClient, app: App) -> None:
    token = with_api(app, "vk", confirmation="a1b2c3d4", group_id="221100")
    asked = {"type": "confirmation", "group_id": 221100}

    answer = http.post(f"/ingest/vk/{token}", json=asked)
    other = http.post(f"/ingest/vk/{token}", json=asked | {"group_id": 1})

    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"a1b2c3d4", "text/plain")
    assert other.status_code == 401


def test_vk_is_not_confirmed_before_the_office_has_the_string(http: FlaskClient, app: App) -> None:
    answer = http.post(f"/ingest/vk/{account(app, 'vk').id}", json={"type": "confirmation"})

    assert answer.status_code == 401


def test_vk_event_of_another_community_is_kept_as_unknown(http: FlaskClient, app: App) -> None:
    token = with_api(app, "vk", group_id="5")
    body = {"type": "message_new", "group_id": 6, "secret": "s:1", "object": {}}

    answer = http.post(f"/ingest/vk/{token}", json=body)
    [kept] = [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]

    assert (answer.data, kept.state) == (b"ok", "unknown")


def test_vk_answers_exactly_ok_and_does_not_keep_its_secret(http: FlaskClient, app: App) -> None:
    body = {"type": "message_allow", "event_id": "1", "secret": "s:1", "object": {"user_id": 1}}

    answer = http.post(f"/ingest/vk/{account(app, 'vk').id}", json=body)
    [kept] = [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]

    assert answer.data == b"ok"
    assert "s:1" not in kept.raw


@pytest.mark.parametrize("channel", ["whatsapp", "messenger"])
@pytest.mark.parametrize("token", ["the account", "s:1"])
def test_meta_hears_its_number_when_the_token_fits(
    http: FlaskClient, app: App, channel: str, token: str
) -> None:
    made = account(app, channel).id
    given = made if token == "the account" else token
    query = {"hub.mode": "subscribe", "hub.verify_token": given, "hub.challenge": "1158201444"}

    answer = http.get(f"/ingest/{channel}/{made}", query_string=query)

    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"1158201444", "text/plain")


@pytest.mark.parametrize("token", ["", "wrong", "\u00e9"])
def test_meta_is_refused_with_another_token(http: FlaskClient, app: App, token: str) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1"}
    answer = http.get(f"/ingest/whatsapp/{account(app, 'whatsapp').id}", query_string=query)

    assert answer.status_code == 401


def test_meta_signs_the_bytes_as_they_came_not_as_they_could_be_spelled() -> None:
    spelled = b'{"text": "\\u0438"}'
    respelled = json.dumps(json.loads(spelled), ensure_ascii=False).encode()
    proof = whatsapp.sign(spelled, "k")

    whatsapp.verify(call_of(spelled, proof), ("k",))
    with pytest.raises(NotAuthentic):
        messenger.verify(call_of(respelled, proof), ("k",))


def test_avito_trial_with_an_empty_body_is_a_success(http: FlaskClient, app: App) -> None:
    answer = http.post(f"/ingest/avito/{account(app, 'avito').id}/s:1", json={})

    assert answer.status_code == 200


def test_avito_address_with_more_behind_the_secret_is_refused(http: FlaskClient, app: App) -> None:
    made = account(app, "avito").id

    assert http.post(f"/ingest/avito/{made}/s:1/x", json={}).status_code == 401
    assert http.post(f"/ingest/avito/{made}", json={}).status_code == 401


def test_viber_token_over_32_bits_is_kept_digit_by_digit() -> None:
    [event] = understood(CHANNELS["viber"], unsigned("viber", SHELF / "viber" / "message.json"))

    assert event.message.id == "4912661846655238145"


@pytest.mark.parametrize("channel", ["vk", "whatsapp", "viber", "avito", "max", "messenger"])
def test_samples_of_each_messenger_tell_words_files_and_changes(channel: str) -> None:
    calls = [unsigned(name, path) for name, path in samples() if name == channel]
    kinds = {event.what for call in calls for event in understood(CHANNELS[channel], call)}

    assert {Kind.MESSAGE, Kind.SERVICE} <= kinds
    assert kinds & {Kind.RECEIPT, Kind.ECHO, Kind.EDIT}


def bodies_of(count: int) -> bytes:
    message = {"from": "79165550177", "type": "text", "timestamp": "1795417200"}
    told = [message | {"id": f"wamid.{n}", "text": {"body": "Да"}} for n in range(count)]
    change = {"field": "messages", "value": {"messages": told}}
    found = {"object": "whatsapp_business_account", "entry": [{"changes": [change]}]}
    return json.dumps(found).encode()


def test_body_of_many_messages_is_kept_once() -> None:
    body = bodies_of(1_000)
    events = understood(CHANNELS["whatsapp"], call_of(body))

    assert len(events) == 1_000
    assert events[0].raw == body.decode()
    assert {event.raw for event in events[1:]} == {f"body: {events[0].id}"}


def test_body_of_more_messages_than_anybody_sends_is_kept_as_unknown() -> None:
    [event] = understood(CHANNELS["whatsapp"], call_of(bodies_of(1_001)))

    assert (event.what, event.why) == (Kind.UNKNOWN, "bad_field: entry")
