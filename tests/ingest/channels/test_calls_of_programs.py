"""Telephones in a browser or an app: they have a name instead of a number."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.exchange_office import KNOWN, Exchange

from ingest.telephony import number
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client
from kartoteka.wiring import App

ENDED = {
    "CallSid": "CA77",
    "CallStatus": "completed",
    "CallDuration": "60",
    "Direction": "inbound",
    "Timestamp": "Mon, 23 Nov 2026 06:02:11 +0000",
}


@pytest.fixture
def twilio(http: FlaskClient, app: App) -> Exchange:
    return Exchange(http, app, "twilio")


def deliver(twilio: Exchange, told: dict[str, str]) -> None:
    body = urlencode({**ENDED, **told}).encode()
    assert twilio.deliver(replace(twilio.sample("completed"), body=body)).status_code == 200


def heard(twilio: Exchange, **sides: str) -> Inbound:
    deliver(twilio, {side.title(): name for side, name in sides.items()})
    [event] = twilio.all_of(Inbound)
    assert isinstance(event, Inbound)
    return event


@pytest.mark.parametrize("name", ["client:anna5551234567", "client:79165550177", "client:8x"])
def test_digits_of_a_name_are_no_phone(name: str) -> None:
    assert number(name, "RU") == name
    assert number("sip:anna5551234567@pbx.example", "RU") == "anna5551234567"


@pytest.mark.parametrize(("to", "name"), [("", "shop9165550177"), ("+74957654321", "")])
def test_unknown_program_waits_and_makes_no_client(twilio: Exchange, to: str, name: str) -> None:
    event = heard(twilio, **{"from": "client:shop9165550177", "to": to})

    assert (event.state, event.why, event.sender.name) == ("unknown", "by_program", name)
    assert twilio.all_of(Client) == []


@pytest.mark.parametrize("name", ["103", "anna@office.example"])
def test_colleague_in_a_browser_without_another_side_is_passed_over(
    twilio: Exchange, name: str
) -> None:
    twilio.with_extension("+74950000103", "103")
    event = heard(twilio, **{"from": f"client:{name}", "to": ""})

    assert (event.state, event.why) == ("ignored", "own_number")


def test_colleague_in_a_browser_rings_a_client(twilio: Exchange) -> None:
    twilio.with_extension("+74950000103", "103")
    heard(twilio, **{"from": "client:103", "to": KNOWN})

    [call] = twilio.calls()
    assert (call.direction, call.staff_id) == ("out", "st_anna")
    assert call.call is not None
    assert call.call.client_number == KNOWN


def test_client_is_talked_to_by_a_colleague_in_a_browser(twilio: Exchange) -> None:
    twilio.with_extension("+74950000103", "103")
    leg = {"CallSid": "CA78", "ParentCallSid": "CA77", "Direction": "outbound-dial"}
    deliver(twilio, {**leg, "From": KNOWN, "To": "client:103"})

    [call] = twilio.calls()
    assert (call.direction, call.staff_id) == ("in", "st_anna")


def test_two_browsers_of_the_office_are_nobodys_request(twilio: Exchange) -> None:
    event = heard(twilio, **{"from": "client:103", "to": "client:104"})

    assert (event.state, event.why) == ("ignored", "internal_call")
