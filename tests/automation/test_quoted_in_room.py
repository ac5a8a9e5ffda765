"""A client's answer to one message, as the team reads it in the topic of the chat."""

from tests.kartoteka.services.chat_office import (
    OLGA,
    FakeBoth,
    account_of,
    activity,
    chat_of,
    event,
)

from automation.room import Showing
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.chat_sending import deliver
from kartoteka.services.chat_settings import SetRoom, set_room
from kartoteka.services.office import Desk


def test_answer_to_our_message_stands_below_what_it_answers(desk: Desk) -> None:
    both = FakeBoth()
    set_room(desk, OLGA, SetRoom(account=account_of(desk).id, group="-1001234567890"), "test")
    event(desk, "1", text="Привет")
    send(desk, OLGA, SendMessage(chat=chat_of(desk).id, text="<b>Пятница</b>\nили?"), "test")
    letter = activity(desk, lambda it: it.direction == "out")
    deliver(desk, both, letter.id)
    event(desk, "2", text="Первое", quoted_id="out1")

    answer = activity(desk, lambda it: it.text == "Первое")
    Showing(desk, both, both).show({"activity": answer.id, "what": "new", "key": "k"})

    assert both.said()[-1] == "↪ в ответ на: «<b>Пятница</b> или?»\nИрина: Первое"
