"""A day after the client's last words WhatsApp takes only a template; the office may name one."""

import json
from datetime import timedelta

import httpx
import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import ANNA, OLGA, FakeMessengers, chat_of, event

from kartoteka.adapters.messengers.all import AllMessengers
from kartoteka.chat_ports import Letter
from kartoteka.domain.chat import Chat
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Attachment
from kartoteka.domain.office import Account
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.chat_sending import deliver
from kartoteka.services.chat_settings import SetTemplate, set_template
from kartoteka.services.office import Desk

FILE = Attachment(name="a.pdf", media_type="application/pdf", size=1, ref="telegram:x:1")
NUMBER = Account(
    id="wa", channel="whatsapp", title="WhatsApp", source="WhatsApp",
    api={"token": "T", "phone_number_id": "1060"},
)  # fmt: skip


@pytest.fixture
def chat(desk: Desk, clock: FixedClock) -> Chat:
    """A chat in WhatsApp whose client wrote 25 hours ago."""
    event(desk, "1", text="Привет")
    made = chat_of(desk).model_copy(update={"channel": "whatsapp", "account": NUMBER.id})
    for one in (made, NUMBER):
        doc = one.model_dump(mode="json")
        desk.store.run(lambda tx, one=one, doc=doc: tx.put(type(one).collection, one.id, doc))
    desk.settings.forget()
    clock.advance(timedelta(hours=25))
    return made


def named(desk: Desk) -> None:
    set_template(desk, OLGA, SetTemplate(account=NUMBER.id, name="answer_ready"), "test")


def test_without_a_template_nothing_goes_after_a_day(desk: Desk, chat: Chat) -> None:
    with pytest.raises(NotAllowed) as refused:
        send(desk, ANNA, SendMessage(chat=chat.id, text="Готово"), "test")

    assert refused.value.code == "chat_window"


def test_words_go_in_the_template_and_a_file_does_not(desk: Desk, chat: Chat) -> None:
    named(desk)
    messengers = FakeMessengers()

    written = send(desk, ANNA, SendMessage(chat=chat.id, text="Готово"), "test")
    deliver(desk, messengers, written.id)
    with pytest.raises(NotAllowed):
        send(desk, ANNA, SendMessage(chat=chat.id), "test", files=(FILE,))

    [letter] = messengers.letters
    assert (letter.text, letter.template) == ("Готово", ("answer_ready", "ru"))


def test_within_a_day_words_go_as_they_are(desk: Desk, chat: Chat) -> None:
    named(desk)
    messengers = FakeMessengers()
    heard = chat.model_copy(update={"heard_at": desk.now()})
    doc = heard.model_dump(mode="json")
    desk.store.run(lambda tx: tx.put(Chat.collection, chat.id, doc))

    deliver(desk, messengers, send(desk, ANNA, SendMessage(chat=chat.id, text="Да"), "test").id)

    assert [letter.template for letter in messengers.letters] == [None]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (SetTemplate(account="wa", name="Ответ готов"), "template_name"),
        (SetTemplate(account="wa", name="ready", language="по-русски"[:6]), "template_name"),
        (SetTemplate(account="tg", name="ready"), "template_account"),
    ],
)
def test_template_that_cannot_be_is_refused_in_words(
    desk: Desk, chat: Chat, form: SetTemplate, code: str
) -> None:
    telegram = next(it for it in desk.settings().accounts if it.channel == "telegram")
    account = telegram.id if form.account == "tg" else form.account

    with pytest.raises(Invalid) as refused:
        set_template(desk, OLGA, form.model_copy(update={"account": account}), "test")

    assert refused.value.code == code


def test_template_travels_as_meta_wants_it() -> None:
    bodies: list[dict[str, object]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"messages": [{"id": "wamid.1"}]})

    messengers = AllMessengers(httpx.Client(transport=httpx.MockTransport(handle)))
    letter = Letter(peer="79165550177", text="Готово,\n\tзаходите", tag="1",
                    template=("answer_ready", "ru"))  # fmt: skip

    assert messengers.send(NUMBER, letter) == "wamid.1"
    assert bodies[0]["type"] == "template"
    assert bodies[0]["template"] == {
        "name": "answer_ready",
        "language": {"code": "ru"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Готово, заходите"}]}
        ],
    }
