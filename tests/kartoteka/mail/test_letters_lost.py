"""A letter to one client that did not arrive: told in the history, whatever comes first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from tests.kartoteka.mail.test_mail_intake import all_of, bounce, director, letter, sent_letter

from kartoteka.domain.errors import ConfigError
from kartoteka.domain.mail import Outgoing
from kartoteka.domain.model import Activity, Client
from kartoteka.mail_ports import Mail, SentMail
from kartoteka.services.mail_delivery import Sender, deliver
from kartoteka.services.mail_send import SendMail, send
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import record


@dataclass
class Box:
    """A mailbox that only sends; `meanwhile` happens before its answer comes."""

    meanwhile: Callable[[], object]

    def sent(self, message_id: str) -> SentMail | None:
        return None

    def send(self, source: bytes, thread: str = "") -> SentMail:
        self.meanwhile()
        return SentMail("g1", "t1")


def through(box: Box) -> Sender:
    return Sender(cast("Mail", box), "office@office.example")


def notes(desk: Desk) -> list[str]:
    return [it.text for it in all_of(desk, Activity) if it.what == "note"]


@pytest.mark.parametrize("early", [True, False])
def test_letter_that_came_back_stays_so_whichever_is_told_first(desk: Desk, *, early: bool) -> None:
    ours = sent_letter(desk)

    def come_back() -> object:
        return bounce(desk, ours, permanent=True)

    deliver(desk, through(Box(come_back if early else lambda: None)), ours.id)
    if not early:
        come_back()

    now = Outgoing.model_validate(desk.store.get("outgoing", ours.id))
    assert (now.state, now.why, now.thread) == ("bounced", "5.1.1", "t1")
    assert len(notes(desk)) == 1


def test_letter_that_our_own_box_refuses_is_told_in_the_history(desk: Desk) -> None:
    ours = sent_letter(desk)

    def refuse() -> None:
        raise ConfigError("the box is closed")

    assert deliver(desk, through(Box(refuse)), ours.id) == "failed"
    [note] = notes(desk)
    assert note.startswith("Письмо не дошло: «")


def test_report_that_names_the_thread_is_of_the_letter_to_its_address(desk: Desk) -> None:
    """Servers tell the ids of earlier letters, too; the first of them went elsewhere."""
    first = sent_letter(desk)
    client = Client.model_validate(desk.store.get("clients", first.client_id))
    both = client.model_copy(update={"emails": (first.to, "second@client.example")})
    desk.store.run(lambda tx: tx.put("clients", client.id, both.model_dump(mode="json")))
    words = SendMail(text="Ещё", subject="Ещё", client=client.id, to="second@client.example")
    sent = send(desk, director(desk), words, "test").id
    second = Outgoing.model_validate(desk.store.get("outgoing", sent))
    told: dict[str, Any] = {
        "nature": "bounce",
        "message_id": "dsn@mx.example",
        "earlier": (first.message_id,),
        "about": (second.message_id,),
        "reports": ({"address": second.to, "permanent": True, "status": "5.1.1"},),
    }
    record(desk, letter("mailer-daemon@mx.example", **told))

    states = [desk.store.get("outgoing", it.id) or {} for it in (first, second)]
    assert [it["state"] for it in states] == ["queued", "bounced"]
