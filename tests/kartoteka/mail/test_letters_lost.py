"""A letter to one client that did not arrive: told in the history, whatever comes first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest
from tests.kartoteka.mail.test_mail_intake import all_of, bounce, sent_letter

from kartoteka.domain.errors import ConfigError
from kartoteka.domain.mail import Outgoing
from kartoteka.domain.model import Activity
from kartoteka.mail_ports import Mail, SentMail
from kartoteka.services.mail_delivery import Sender, deliver
from kartoteka.services.office import Desk


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
