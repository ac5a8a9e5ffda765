"""Chats among the other records: merged, forgotten, undone; and the settings that make them."""

import json
from datetime import timedelta

import pytest
from tests.furnished import law_firm
from tests.kartoteka.services.chat_office import (
    ANNA,
    CHANNEL,
    OLGA,
    PEER,
    FakeMessengers,
    account_of,
    activities,
    chat_of,
    event,
)

from kartoteka.adapters.firestore import FirestoreStore
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.chat import chat_id
from kartoteka.domain.errors import Invalid, NotAllowed, NotFound
from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import Attachment, Client
from kartoteka.domain.office import Account
from kartoteka.ports import Query
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.chat_reading import ReadChat, transcript
from kartoteka.services.chat_sending import deliver
from kartoteka.services.chat_settings import (
    ConnectAccount,
    LinkPerson,
    SetLine,
    SetRoom,
    connect,
    link,
    set_line,
    set_room,
)
from kartoteka.services.forget import forget
from kartoteka.services.merge import merge
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.setup import set_up

GLEB = Actor(kind=ActorKind.STAFF, id="st_gleb", role="manager")
SECRET_WORDS = "муж скрыл квартиру"


def test_forgotten_client_leaves_no_words_in_chats_messages_or_the_log(desk: Desk) -> None:
    file = Attachment(name="паспорт.jpg", media_type="image/jpeg", size=1, ref="AgAC_secret")
    stored = event(desk, "1", text=SECRET_WORDS, message="71", attachments=(file,))
    event(desk, "2", Kind.EDIT, text="лучше не писать", message="71")
    forget(desk, OLGA, stored.client_id or "", cause="test")
    kept = [
        json.dumps(dict(row.doc), ensure_ascii=False)
        for name in ("chats", "activities", "inbounds", "clients", "leads")
        for row in desk.store.query(Query(name))
    ]
    kept += [
        json.dumps(dict(entry.doc), ensure_ascii=False)
        for entry in desk.store.read_log("changes", None, 1_000)
    ]

    for word in (SECRET_WORDS, "лучше не писать", "паспорт", "AgAC_secret", PEER):
        assert [text for text in kept if word in text] == [], word


def test_client_who_was_forgotten_and_writes_again_is_a_new_one_in_the_same_chat(
    desk: Desk,
) -> None:
    first = event(desk, "1", text="Привет")
    forget(desk, OLGA, first.client_id or "", cause="test")
    second = event(desk, "2", text="Снова здравствуйте")

    assert second.client_id != first.client_id
    assert (chat_of(desk).client_id, chat_of(desk).peer) == (second.client_id, PEER)


def test_chat_of_a_merged_client_is_the_survivors_and_can_be_answered(desk: Desk) -> None:
    first = event(desk, "1", text="Привет")
    second = event(desk, "2", peer="9", text="Это тоже я")
    names = {first.client_id: "Ирина", second.client_id: "Ирина"}
    assert len(names) == 2
    survivor = merge(
        desk,
        OLGA,
        str(first.client_id),
        str(second.client_id),
        cause="test",
        prefer={"owner_id": str(first.client_id)},
    )
    sent = send(desk, OLGA, SendMessage(chat=chat_of(desk, "9").id, text="Да"), "test")

    assert {chat_of(desk).client_id, chat_of(desk, "9").client_id} == {survivor.id}
    assert sent.client_id == survivor.id


def test_keys_of_a_provider_never_reach_the_log_or_a_repr(desk: Desk) -> None:
    given = {"token": "very-secret-token"}
    connect(desk, OLGA, ConnectAccount(account=account_of(desk).id, api=given), "test")
    log = [str(entry.doc) for entry in desk.store.read_log("changes", None, 1_000)]

    assert account_of(desk).api == given
    assert "very-secret-token" not in "".join(log) + repr(account_of(desk))


def test_field_that_the_provider_has_not_is_refused_with_those_it_has(desk: Desk) -> None:
    form = ConnectAccount(account=account_of(desk).id, api={"tokn": "x"})

    with pytest.raises(Invalid, match="token"):
        connect(desk, OLGA, form, "test")


def test_provider_secret_is_valid_beside_the_one_before(desk: Desk) -> None:
    before = account_of(desk).secrets
    connect(desk, OLGA, ConnectAccount(account=account_of(desk).id, secret="new"), "test")

    assert account_of(desk).secrets == ("new", before[0])


def test_manager_sets_neither_lines_nor_rooms_nor_links_others(desk: Desk) -> None:
    bot = account_of(desk).id

    with pytest.raises(NotAllowed):
        set_line(desk, ANNA, SetLine(account=bot), "test")
    with pytest.raises(NotAllowed):
        set_room(desk, ANNA, SetRoom(account=bot, group="-1"), "test")
    with pytest.raises(NotAllowed):
        link(desk, ANNA, LinkPerson(person="st_boris"), "test")


def test_line_with_a_person_nobody_knows_is_refused(desk: Desk) -> None:
    form = SetLine(account=account_of(desk).id, people=("st_nobody",))

    with pytest.raises(Invalid):
        set_line(desk, OLGA, form, "test")


def test_room_without_a_telegram_bot_is_refused(desk: Desk) -> None:
    call = next(it for it in desk.settings().accounts if it.channel == "call")

    with pytest.raises(Invalid) as refused:
        set_room(desk, OLGA, SetRoom(account=call.id, group="-1"), "test")

    assert refused.value.code == "room_account"


@pytest.mark.emulator
def test_chat_is_kept_and_answered_on_firestore_too(desk: Desk, open_firestore) -> None:
    store: FirestoreStore = open_firestore()
    set_up(store, desk.clock, law_firm())
    cloud = Desk(store, desk.tasks, desk.clock, SettingsCache(store, 60), desk.waker)
    event(cloud, "1", text="Привет", message="71")
    event(cloud, "2", Kind.EDIT, text="Здравствуйте", message="71")
    bot: Account = account_of(cloud)
    name = chat_id(CHANNEL, bot.id, PEER)
    sent = send(cloud, OLGA, SendMessage(chat=name, text="Добрый день"), "test")

    assert deliver(cloud, FakeMessengers(), sent.id) == "sent"
    assert [it.text for it in activities(cloud) if it.direction == "in"] == ["Здравствуйте"]
    assert store.get(Client.collection, str(sent.client_id)) is not None


def test_transcript_is_found_by_a_word_of_any_wording(desk: Desk) -> None:
    stored = event(desk, "1", text="Нужен развод", message="71")
    event(desk, "2", Kind.EDIT, text="Нужен раздел имущества", message="71")
    event(desk, "3", text="Спасибо", at=desk.now() + timedelta(seconds=1))
    whole = transcript(desk, OLGA, ReadChat(client=stored.client_id or ""), "test").lines
    found = transcript(desk, OLGA, ReadChat(client=stored.client_id or "", word="РАЗВОД"), "test")

    assert [line.text for line in whole] == ["Нужен раздел имущества", "Спасибо"]
    assert [line.before for line in found.lines] == [("Нужен развод",)]


def test_transcript_of_somebody_elses_client_is_not_there(desk: Desk) -> None:
    stored = event(desk, "1", text="Нужен развод")

    with pytest.raises(NotFound):
        transcript(desk, GLEB, ReadChat(client=stored.client_id or ""), "test")
