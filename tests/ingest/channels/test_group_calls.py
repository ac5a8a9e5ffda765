"""Calls that ring at several telephones, that are passed on, and people with several numbers.

Each exchange tells these in its own pieces, here in several orders: whatever comes first, a call
that somebody answered is one conversation, wants no call-back, and is one request.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.exchange_office import KNOWN, Exchange

from kartoteka.domain.model import CallStatus, Client, Lead
from kartoteka.http import Call
from kartoteka.wiring import App

SECOND = "+79165550199"
# Samples of one call that several telephones heard; "name+": the sample with these fields.
GROUP: Mapping[str, tuple[str, ...]] = {
    "asterisk": ("ringing", "leg_cancelled", "talking", "answered"),
    "beeline": ("ringing", "leg_cancelled", "talking", "answered"),
    "exolve": ("ringing", "talking", "answered"),
    "mango": ("ringing", "leg_ended", "talking", "answered"),
    "megafon": ("ringing", "leg_cancelled", "leg_missed", "talking", "answered"),
    "sipuni": ("ringing", "ringing_other", "leg_ended", "talking", "answered"),
    "telphin": ("ringing", "leg_cancelled", "talking", "answered"),
    "twilio": ("ringing", "leg_cancelled", "child_talking", "answered", "dial_over", "over"),
    "uis": ("ringing", "leg_lost", "talking", "answered"),
    "zadarma": ("ringing", "ringing_other", "talking", "answered"),
}
MADE: Mapping[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("megafon", "leg_missed"): (
        "answered",
        {"status": "missed", "user": "ivanov", "ext": "101", "duration": "9", "link": ""},
    ),
    ("twilio", "leg_cancelled"): (
        "answered",
        {"CallSid": "CA01-2", "CallStatus": "canceled", "To": "+74950000104", "CallDuration": "0"},
    ),
    ("twilio", "dial_over"): (
        "dial_no_answer",
        {"CallSid": "CA01", "From": KNOWN, "DialCallStatus": "completed", "DialCallDuration": "62"},
    ),
    ("twilio", "over"): ("completed", {"CallSid": "CA01", "From": KNOWN, "CallDuration": "71"}),
    ("uis", "leg_lost"): (
        "lost",
        {"call_session_id": 6612345678, "contact_phone_number": "79165550177"},
    ),
    ("zadarma", "ringing_other"): ("ringing", {"internal": "104"}),
}
# The same call passed on to a colleague: what comes besides the call itself.
PASSED_ON: Mapping[str, tuple[str, dict[str, Any]]] = {
    "asterisk": ("answered", {"uniqueid": "passed-on", "extension": "104", "billsec": 30}),
    "beeline": ("answered", {"targetId": "104@mpbx.example.ru", "eventID": "passed-on"}),
    "mango": ("talking", {"call_id": "passed-on", "seq": 9, "to": {"extension": "104"}}),
    "megafon": ("transferred", {}),
    "sipuni": ("talking", {"short_dst_num": "104", "dst_num": "015856104", "transfer_from": "103"}),
    "twilio": (
        "child_talking",
        {
            "CallSid": "CA01-3",
            "To": "+74950000104",
            "Timestamp": "Mon, 23 Nov 2026 06:02:11 +0000",
        },
    ),
    "zadarma": ("talking", {"internal": "104", "destination": "104"}),
}
# Another telephone that nobody took up, of exchanges that tell each telephone's end.
NOBODY: Mapping[str, dict[str, Any]] = {
    "asterisk": {"uniqueid": "other", "extension": "104"},
    "beeline": {"targetId": "104@mpbx.example.ru", "eventID": "other"},
    "megafon": {"user": "ivanov", "ext": "101"},
    "telphin": {"SubCallID": "other", "CalledNumber": "3515*104"},
}
ORDERS = ("as they come", "backwards", "the end second")


@pytest.fixture
def exchange(http: FlaskClient, app: App, request: pytest.FixtureRequest) -> Exchange:
    return Exchange(http, app, request.param)


def ordered(names: tuple[str, ...], order: str) -> tuple[str, ...]:
    if order == "backwards":
        return names[::-1]
    if order == "the end second":
        return (names[0], names[-1], *names[1:-1])
    return names


def with_fields(call: Call, given: Mapping[str, Any]) -> Call:
    """Return the sample with other fields, whatever it is written in."""
    if call.method == "GET":
        told = {**dict(call.query), **given}
        return replace(call, query=tuple(told.items()), target="?" + urlencode(told))
    if call.body.lstrip()[:1] == b"{":
        return replace(call, body=json.dumps({**json.loads(call.body), **given}).encode())
    if call.body.startswith(b"<"):
        return replace(call, body=in_document(call.body.decode(), given).encode())
    told = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    inside = (
        {"json": json.dumps({**json.loads(told["json"]), **given})} if "json" in told else given
    )
    return replace(call, body=urlencode({**told, **inside}).encode())


def in_document(text: str, given: Mapping[str, Any]) -> str:
    for name, value in given.items():
        before, _, rest = text.partition(f"{name}>")
        text = f"{before}{name}>{value}<" + rest.partition("<")[2]
    return text


def piece(exchange: Exchange, name: str) -> Call:
    source, given = MADE.get((exchange.channel, name), (name, {}))
    return with_fields(exchange.sample(source), given)


def heard(exchange: Exchange, *names: str) -> None:
    for name in names:
        assert exchange.deliver(piece(exchange, name)).status_code == 200


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("exchange", sorted(GROUP), indirect=True)
def test_group_call_is_one_conversation_in_any_order(exchange: Exchange, order: str) -> None:
    exchange.with_extension("+74950000103", "103")
    heard(exchange, *ordered(GROUP[exchange.channel], order))

    [call] = exchange.calls()
    [lead] = exchange.all_of(Lead)
    assert call.call is not None
    assert (call.call.status, call.staff_id) == (CallStatus.ANSWERED, "st_anna")
    assert call.call.talk_s > 50
    assert lead.used_calls == (call.id,)
    assert [state for _, state in exchange.call_backs() if state == "open"] == []


@pytest.mark.parametrize("exchange", sorted(PASSED_ON), indirect=True)
@pytest.mark.parametrize("last", [True, False])
def test_call_that_is_passed_on_stays_one_conversation(exchange: Exchange, *, last: bool) -> None:
    exchange.with_extension("+74950000103", "103")
    source, given = PASSED_ON[exchange.channel]
    passed_on = with_fields(exchange.sample(source), given)
    began = "child_talking" if exchange.channel == "twilio" else "talking"
    heard(exchange, "ringing", began, *(["answered"] if last else []))
    assert exchange.deliver(passed_on).status_code == 200
    heard(exchange, *([] if last else ["answered"]))

    [call] = exchange.calls()
    assert call.call is not None
    assert (call.call.status, call.staff_id) == (CallStatus.ANSWERED, "st_anna")
    assert len(exchange.all_of(Lead)) == 1
    assert exchange.call_backs() == []


@pytest.mark.parametrize("exchange", sorted(NOBODY), indirect=True)
def test_group_call_that_nobody_takes_is_missed_once(exchange: Exchange) -> None:
    heard(exchange, "missed")
    other = with_fields(exchange.sample("missed"), NOBODY[exchange.channel])
    assert exchange.deliver(other).status_code == 200

    [call] = exchange.calls()
    assert call.call is not None
    assert call.call.status is CallStatus.MISSED
    assert exchange.call_backs() == [("+79165550178", "open")]
    assert len(exchange.all_of(Lead)) == 1


@pytest.mark.parametrize("exchange", sorted(GROUP), indirect=True)
def test_call_from_the_second_number_of_a_client_is_theirs(
    exchange: Exchange, clock: FixedClock
) -> None:
    exchange.with_client(number=SECOND)
    exchange.app.store.run(lambda tx: tx.put("keys", f"phone:{KNOWN}", {"client_id": "cl_known"}))
    began = "child_talking" if exchange.channel == "twilio" else "talking"
    heard(exchange, "ringing", began, "answered")
    clock.advance(timedelta(minutes=5))

    [call] = exchange.calls()
    assert call.client_id == "cl_known"
    assert [client.id for client in exchange.all_of(Client)] == ["cl_known"]
    assert [lead.client_id for lead in exchange.all_of(Lead)] == ["cl_known"]
