"""What exchanges that tell a whole call at once say of who of us spoke in it."""

import json
from urllib.parse import urlencode

from tests.ingest.channels.samples import context

from ingest.channels import call as own
from ingest.channels import zadarma
from kartoteka.domain.inbound import Call as CallEvent
from kartoteka.http import Call

ENDED = {
    "event": "NOTIFY_END",
    "caller_id": "+79165550177",
    "called_did": "74957654321",
    "internal": "103",
    "duration": "56",
    "disposition": "answered",
    "call_start": "2026-11-23 09:00:03",
    "pbx_call_id": "in_5f0c2f9e7a514d0e",
}


def of_zadarma(**fields: str) -> CallEvent | None:
    body = urlencode({**ENDED, **fields}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    call = Call("POST", ("zadarma", "x"), body=body, headers=headers)
    return zadarma.parse(call, context("zadarma"))[0].call


def test_zadarma_names_who_took_the_call_and_who_spoke_last() -> None:
    call = of_zadarma(last_internal="104")

    assert call is not None
    assert (call.staff, call.passed_to) == ("103", "104")


def test_generic_exchange_names_who_spoke_last() -> None:
    body = {
        "id": "1",
        "event": "ended",
        "direction": "in",
        "client": "+79165550177",
        "staff": "anna@office.example",
        "passed_to": " 104 ",
        "started_at": "2026-05-12T09:00:00Z",
        "answered_at": "2026-05-12T09:00:05Z",
        "ended_at": "2026-05-12T09:03:00Z",
    }
    [told] = own.parse(Call("POST", ("call", "x"), body=json.dumps(body).encode()), context("call"))

    assert told.call is not None
    assert (told.call.staff, told.call.passed_to) == ("anna@office.example", "104")
