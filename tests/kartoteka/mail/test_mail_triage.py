"""A person decides about letters that made no request: machines' and servers' reports."""

import pytest
from tests.kartoteka.mail.test_mail_intake import (
    all_of,
    bounce,
    director,
    letter,
    record,
    sent_letter,
    state,
)

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Client
from kartoteka.services.office import Desk
from kartoteka.services.triage import AcceptInbound, LinkInbound, accept, link


@pytest.mark.parametrize("nature", ["auto", "list", "receipt", "bounce", "complaint"])
def test_letter_taken_for_a_machines_is_accepted_as_a_persons(desk: Desk, nature: str) -> None:
    stored = record(desk, letter(nature=nature))
    before = all_of(desk, Client)

    accept(desk, director(desk), AcceptInbound(inbound=stored.inbound_id), "x")

    assert before == []
    assert [it.emails for it in all_of(desk, Client)] == [("maria@client.example",)]


def test_report_of_a_server_is_no_request_and_is_linked_without_the_servers_address(
    desk: Desk,
) -> None:
    ours = sent_letter(desk)
    stored = bounce(desk, ours, permanent=True, address="box@inner.example")
    with pytest.raises(Invalid) as refused:
        accept(desk, director(desk), AcceptInbound(inbound=stored.inbound_id), "x")

    link(desk, director(desk), LinkInbound(inbound=stored.inbound_id, client=ours.client_id), "x")

    assert refused.value.code == "inbound_report"
    assert state(desk, stored) == ("done", "")
    assert [it.emails for it in all_of(desk, Client)] == [("maria@client.example",)]
