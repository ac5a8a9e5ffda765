"""A client is told of a paper on their own way; what stays with us opens nothing."""

from datetime import timedelta
from typing import Any

from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import OLGA, FakeMessengers, activities, event

from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import Activity
from kartoteka.ports import Query
from kartoteka.services.chat_sending import deliver
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS
from kartoteka.services.sales_papers import TurnedOut

EMAIL = "irina@client.example"


def do(desk: Desk, name: str, /, **given: Any) -> Any:
    return execute(COMMANDS, desk, OLGA, name, given=given, cause=f"command:{name}")


def invoice(desk: Desk, client: str) -> TurnedOut:
    deal = do(desk, "deal.create", name="Иск", client=client, deal_type="Суд")
    do(desk, "deal.edit", deal=deal.id, amount_minor=100_000)
    made = do(desk, "paper.make", deal=deal.id, what="invoice").paper
    sent: TurnedOut = do(desk, "paper.send", paper=made.id)
    return sent


def told(desk: Desk, what: str) -> Activity:
    [found] = [it for it in activities(desk) if it.direction == "out" and it.what == what]
    return found


def client_with(desk: Desk, **given: Any) -> str:
    return str(do(desk, "client.add", name="Ирина", **given).id)


def test_client_in_a_chat_gets_the_address_and_the_history_a_mark(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    sent = invoice(desk, stored.client_id or "")
    messengers = FakeMessengers()
    kept = told(desk, "message")

    assert sent.told == "chat"
    assert deliver(desk, messengers, kept.id) == "sent"
    [letter] = messengers.letters
    assert letter.text == f"Счёт на оплату № {sent.paper.label}: {sent.address}"
    assert told(desk, "message").text.endswith(f"[{sent.paper.id}]")


def test_sent_twice_the_client_is_told_once(desk: Desk, clock: FixedClock) -> None:
    stored = event(desk, "1", text="Привет")
    sent = invoice(desk, stored.client_id or "")
    clock.advance(timedelta(minutes=1))

    assert do(desk, "paper.send", paper=sent.paper.id).told == ""
    assert told(desk, "message").text.endswith(f"[{sent.paper.id}]")


def test_echo_of_our_words_brings_no_address_into_the_history(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    sent = invoice(desk, stored.client_id or "")
    words = f"Счёт на оплату № {sent.paper.label}: {sent.address}"
    event(desk, "2", Kind.ECHO, text=words, message="m2")
    event(desk, "3", Kind.ECHO, text=f"Ещё раз: {sent.address}", message="m3")

    ours = {it.text for it in activities(desk) if it.direction == "out"}
    mark = f"[{sent.paper.id}]"
    assert ours == {f"Счёт на оплату № {sent.paper.label}: {mark}", f"Ещё раз: {mark}"}


def test_client_with_an_address_alone_gets_a_letter(desk: Desk) -> None:
    sent = invoice(desk, client_with(desk, email=EMAIL))

    assert (sent.told, sent.address != "") == ("mail", True)
    [letter] = [hit.doc for hit in desk.store.query(Query("outgoing"))]
    assert (letter["to"], letter["subject"]) == (EMAIL, f"Счёт на оплату № {sent.paper.label}")
    assert str(letter["text"]).endswith(f"[{sent.paper.id}]")


def test_client_without_a_way_is_left_to_a_person_with_the_address(desk: Desk) -> None:
    sent = invoice(desk, client_with(desk, phone="+79161234567"))

    assert (sent.told, sent.paper.state) == ("", "sent")
    assert "/api/d/pp_" in sent.address


def test_nobody_is_told_when_a_person_does_it_themselves(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    deal = do(desk, "deal.create", name="Иск", client=stored.client_id, deal_type="Суд")
    do(desk, "deal.edit", deal=deal.id, amount_minor=100_000)
    made = do(desk, "paper.make", deal=deal.id, what="offer").paper

    assert do(desk, "paper.send", paper=made.id, message=False).told == ""
    assert not [it for it in activities(desk) if it.direction == "out"]
