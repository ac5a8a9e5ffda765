"""Each messenger's message becomes a request and a chat, and the answer goes back to its writer."""

import pytest
from flask.testing import FlaskClient
from tests.ingest.channels.samples import SHELF, unsigned
from tests.ingest.channels.test_contract import deliver, signed
from tests.kartoteka.services.chat_office import OLGA, FakeMessengers

from kartoteka.domain.chat import Chat
from kartoteka.domain.model import Activity, Lead
from kartoteka.ports import Query
from kartoteka.services import chat_sending
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.wiring import App

# Of each sample: where the answer goes, and the words.
ROADS = {
    "avito": ("u2i-abc", "Ещё продаёте?"),
    "max": ("880001", "Здравствуйте! Нужен юрист."),
    "messenger": ("6001", "Вы работаете в субботу?"),
    "site": ("v_4f2a9c0b1d3e5f67", "Сколько стоит консультация?"),
    "telegram": ("5550177001", "Здравствуйте! Нужна консультация по разводу."),
    "viber": ("01234567890A=", "Добрый день, сколько стоит?"),
    "vk": ("7001", "Сколько стоит консультация?"),
    "whatsapp": ("79165550177", "Здравствуйте! Нужна консультация."),
}
# Of each channel the samples that tell of the same message again, and what is kept of it then.
CHANGES = {
    "avito": (["message", "deleted"], ("Ещё продаёте?", 0, True)),
    "max": (["message", "edited", "removed"], ("Здравствуйте! Нужен юрист по разводу.", 1, True)),
    "messenger": (["message", "edited", "deleted"], ("Вы работаете в воскресенье?", 1, True)),
    "vk": (["message", "edited"], ("Сколько стоит консультация по разводу?", 1, False)),
    "whatsapp": (
        ["message", "edited", "revoked"],
        ("Здравствуйте! Нужна консультация завтра.", 1, True),
    ),
}


def told(http: FlaskClient, app: App, channel: str, sample: str) -> None:
    call = unsigned(channel, SHELF / channel / f"{sample}.json")

    assert deliver(http, signed(app, channel, call)).status_code == 200


def only(app: App, kind: type[Chat | Lead]) -> Chat | Lead:
    [found] = app.store.query(Query(kind.collection))
    return kind.model_validate(found.doc)


@pytest.mark.parametrize("channel", sorted(ROADS))
def test_message_makes_a_lead_and_a_chat_that_is_answered(
    http: FlaskClient, app: App, channel: str
) -> None:
    peer, words = ROADS[channel]
    fake = FakeMessengers()
    for _ in range(2):
        told(http, app, channel, "message")
    chat = only(app, Chat)
    [heard] = [Activity.model_validate(row.doc) for row in app.store.query(Query("activities"))]
    answer = send(app.desk, OLGA, SendMessage(chat=chat.id, text="Добрый день"), "test")
    chat_sending.deliver(app.desk, fake, answer.id)

    assert only(app, Lead).first_touch.channel == channel
    assert heard.text == words
    assert [(it.peer, it.text) for it in fake.letters] == [(peer, "Добрый день")]


@pytest.mark.parametrize("channel", sorted(CHANGES))
def test_changed_and_deleted_messages_stay_one_with_all_their_wordings(
    http: FlaskClient, app: App, channel: str
) -> None:
    samples, kept = CHANGES[channel]
    for sample in samples:
        told(http, app, channel, sample)
    [one] = [Activity.model_validate(row.doc) for row in app.store.query(Query("activities"))]

    assert one.message is not None
    wordings, deleted = len(one.message.wordings), one.message.deleted_at is not None
    assert (one.text, wordings, deleted) == kept
