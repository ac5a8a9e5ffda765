"""A client's answer to one message of the chat: what it quotes is kept with it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import SHELF
from tests.ingest.channels.test_contract import posted

from kartoteka.domain.model import Activity
from kartoteka.http import Call
from kartoteka.ports import Query
from kartoteka.wiring import App

ASKED = "Во сколько\n вам удобно <b>завтра</b>?"
NESTED = {"messenger", "vk", "whatsapp"}
SHOWN = "Во сколько вам удобно <b>завтра</b>?"


def sample(channel: str) -> dict[str, Any]:
    found = json.loads((SHELF / channel / "message.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def message_of(channel: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the sample that is the message itself."""
    found: Any = body["object" if channel == "vk" else "entry"] if channel in NESTED else body
    if channel == "whatsapp":
        found = found[0]["changes"][0]["value"]["messages"][0]
    elif channel == "messenger":
        found = found[0]["messaging"][0]["message"]
    else:
        found = found["message"]
    assert isinstance(found, dict)
    return found


def deliver(http: FlaskClient, app: App, channel: str, body: Mapping[str, Any]) -> None:
    call: Call = posted(app, channel, json.dumps(body).encode())
    answer = http.open(call.target, method="POST", data=call.body, headers=dict(call.headers))
    assert answer.status_code == 200


def quoted(app: App) -> list[str]:
    rows = app.store.query(Query(Activity.collection))
    told = [Activity.model_validate(row.doc) for row in rows]
    return sorted(it.message.quoted for it in told if it.message is not None)


TOLD: dict[str, dict[str, Any]] = {
    "telegram": {"reply_to_message": {"message_id": 3, "text": ASKED}},
    "vk": {"reply_message": {"id": 3, "text": ASKED}},
    "max": {"link": {"type": "reply", "message": {"mid": "m.1", "text": ASKED}}},
}


@pytest.mark.parametrize("channel", sorted(TOLD))
def test_words_that_the_messenger_quotes_are_kept_in_one_line(
    http: FlaskClient, app: App, channel: str
) -> None:
    body = sample(channel)
    message_of(channel, body).update(TOLD[channel])
    deliver(http, app, channel, body)

    assert quoted(app) == [SHOWN]


def test_part_that_the_writer_chose_comes_before_the_whole(http: FlaskClient, app: App) -> None:
    body = sample("telegram")
    message_of("telegram", body).update(TOLD["telegram"] | {"quote": {"text": "завтра"}})
    deliver(http, app, "telegram", body)

    assert quoted(app) == ["завтра"]


BY_ID: dict[str, dict[str, Any]] = {
    "whatsapp": {"id": "wamid.A2", "context": {"id": "wamid.A1"}},
    "messenger": {"mid": "m_2", "reply_to": {"mid": "m_1"}},
}


@pytest.mark.parametrize("channel", sorted(BY_ID))
def test_message_named_by_its_id_is_found_and_quoted(
    http: FlaskClient, app: App, channel: str
) -> None:
    body = sample(channel)
    deliver(http, app, channel, body)
    [first] = [str(row.doc["text"]) for row in app.store.query(Query(Activity.collection))]
    message_of(channel, body).update(BY_ID[channel])
    deliver(http, app, channel, body)

    assert quoted(app) == ["", first]


def test_id_of_another_clients_message_quotes_nothing(http: FlaskClient, app: App) -> None:
    body = sample("whatsapp")
    deliver(http, app, "whatsapp", body)
    message_of("whatsapp", body).update(BY_ID["whatsapp"] | {"from": "79165550199"})
    deliver(http, app, "whatsapp", body)

    assert quoted(app) == ["", ""]


@pytest.mark.parametrize("odd", [7, [], "x", {"text": 7, "message_id": {}}, {"message_id": True}])
def test_quotation_of_another_shape_loses_no_message(
    http: FlaskClient, app: App, odd: object
) -> None:
    body = sample("telegram")
    message_of("telegram", body)["reply_to_message"] = odd
    deliver(http, app, "telegram", body)

    assert quoted(app) == [""]
