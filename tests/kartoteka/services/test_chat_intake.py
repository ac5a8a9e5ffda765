"""What clients do in messengers: chats wait, wordings are kept, reports move forward only."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import (
    ANNA,
    activities,
    activity,
    chat_of,
    event,
    lead_of,
    with_line,
)

from kartoteka.domain.chat import reached
from kartoteka.domain.chat_line import ChatLine
from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import ChatMessage
from kartoteka.services.chat_commands import close, send
from kartoteka.services.chat_forms import CloseChat, SendMessage
from kartoteka.services.office import Desk

HOUR = timedelta(hours=1)


def test_first_message_makes_client_lead_and_a_chat_that_waits(desk: Desk) -> None:
    stored = event(desk, "1", text="Здравствуйте")
    chat, lead = chat_of(desk), lead_of(desk, stored)

    assert (chat.client_id, chat.owner_id, chat.state) == (
        stored.client_id,
        lead.owner_id,
        "open",
    )
    assert (chat.waiting_since, chat.spell) == (desk.now(), 1)


def test_second_message_does_not_restart_the_wait(desk: Desk, clock: FixedClock) -> None:
    event(desk, "1", text="Здравствуйте")
    began = desk.now()
    clock.advance(timedelta(minutes=3))
    event(desk, "2", text="Вы здесь?")

    assert (chat_of(desk).waiting_since, chat_of(desk).spell) == (began, 1)


def test_edited_message_keeps_the_wording_before(desk: Desk) -> None:
    event(desk, "1", text="Сколько стоит?", message="71")
    event(desk, "2", Kind.EDIT, text="Сколько стоит развод?", message="71")
    event(desk, "3", Kind.EDIT, text="Сколько стоит раздел?", message="71")
    [kept] = activities(desk)

    assert kept.text == "Сколько стоит раздел?"
    assert kept.message is not None
    assert [it.text for it in kept.message.wordings] == ["Сколько стоит?", "Сколько стоит развод?"]


def test_edit_that_overtakes_its_message_keeps_both_and_the_last_stands(desk: Desk) -> None:
    event(desk, "2", Kind.EDIT, text="Новое", message="71")
    event(desk, "1", text="Старое", message="71", at=desk.now() - HOUR)
    [kept] = activities(desk)

    assert kept.text == "Новое"
    assert kept.message is not None
    assert [it.text for it in kept.message.wordings] == ["Старое"]


def test_deleted_message_is_marked_and_its_words_stay(desk: Desk) -> None:
    event(desk, "1", text="Лишнее", message="71")
    event(desk, "2", Kind.DELETION, message="71")
    event(desk, "3", Kind.DELETION, message="never_seen")
    [kept] = activities(desk)

    assert kept.text == "Лишнее"
    assert kept.message is not None
    assert kept.message.deleted_at == desk.now()


def test_receipt_before_our_own_record_is_remembered_for_it(desk: Desk) -> None:
    event(desk, "1", text="Здравствуйте")
    sent = send(desk, ANNA, SendMessage(chat=chat_of(desk).id, text="Добрый день"), "test")
    event(desk, "r", Kind.RECEIPT, message="out1", state="delivered")
    event(desk, "e", Kind.ECHO, message="out1", text="Добрый день")
    kept = activity(desk, lambda it: it.id == sent.id)

    assert kept.message is not None
    assert (kept.message.external_id, kept.message.state) == ("out1", "delivered")
    assert chat_of(desk).sending == ()


def test_echo_of_a_message_written_in_the_providers_app_is_history_and_answers(desk: Desk) -> None:
    stored = event(desk, "1", text="Здравствуйте")
    for _ in range(2):
        event(desk, "e", Kind.ECHO, message="77", text="Ответ с телефона")
    [mine] = [it for it in activities(desk) if it.direction == "out"]

    assert (mine.text, mine.staff_id) == ("Ответ с телефона", None)
    assert chat_of(desk).waiting_since is None
    assert lead_of(desk, stored).wrote_at == desk.now()


def test_echo_in_a_chat_nobody_knows_makes_nothing(desk: Desk) -> None:
    stored = event(desk, "e", Kind.ECHO, message="77", text="Кому-то")

    assert (stored.client_id, activities(desk)) == (None, [])


def test_greeting_goes_once_per_conversation(desk: Desk, clock: FixedClock) -> None:
    with_line(desk, ChatLine(greeting="Здравствуйте! Ответим скоро.", away="Мы закрыты."))
    event(desk, "1", text="Привет")
    event(desk, "2", text="Ау")
    said = [it.text for it in activities(desk) if it.direction == "out"]
    close(desk, ANNA, CloseChat(chat=chat_of(desk).id), "test")
    clock.advance(timedelta(hours=12))
    event(desk, "3", text="Снова я")
    later = [it.text for it in activities(desk) if it.direction == "out"]

    assert said == ["Здравствуйте! Ответим скоро."]
    assert later == ["Здравствуйте! Ответим скоро.", "Мы закрыты."]


def test_strict_line_gives_new_clients_to_the_first_who_is_there(desk: Desk) -> None:
    with_line(desk, ChatLine(queue="strict", people=("st_vera", "st_gleb")))
    owners = [lead_of(desk, event(desk, str(n), peer=str(n), text="Я")).owner_id for n in range(3)]

    assert owners == ["st_vera"] * 3


def test_even_line_gives_new_clients_in_turn(desk: Desk) -> None:
    with_line(desk, ChatLine(queue="evenly", people=("st_vera", "st_gleb")))
    owners = [lead_of(desk, event(desk, str(n), peer=str(n), text="Я")).owner_id for n in range(4)]

    assert owners == ["st_vera", "st_gleb", "st_vera", "st_gleb"]


def test_line_for_all_leaves_the_lead_free_until_somebody_answers(desk: Desk) -> None:
    with_line(desk, ChatLine(queue="all", people=("st_anna", "st_boris")))
    stored = event(desk, "1", text="Привет")
    free = lead_of(desk, stored).owner_id, chat_of(desk).owner_id
    send(desk, ANNA, SendMessage(chat=chat_of(desk).id, text="Добрый день"), "test")

    assert free == (None, None)
    assert (lead_of(desk, stored).owner_id, chat_of(desk).owner_id) == ("st_anna", "st_anna")


def test_client_known_by_phone_keeps_their_own_person_in_a_line(desk: Desk) -> None:
    first = event(desk, "1", text="Я", phones=("+79165550101",))
    owner = lead_of(desk, first).owner_id
    with_line(desk, ChatLine(queue="strict", people=("st_gleb",)))
    event(desk, "2", peer="9", text="Это снова я", phones=("+79165550101",))

    assert chat_of(desk, "9").owner_id == owner != "st_gleb"


@given(st.lists(st.sampled_from(["sent", "delivered", "read", "failed", "typing"]), max_size=8))
def test_reports_in_any_order_never_take_a_message_back(states: list[str]) -> None:
    message = ChatMessage(chat_id="c", state="queued")
    for state in states:
        message = reached(message, state)

    arrived = [state for state in states if state in {"delivered", "read"}]
    if "read" in arrived:
        assert message.state == "read"
    elif arrived:
        assert message.state == "delivered"
    elif "failed" in states:
        assert message.state == "failed"
    assert reached(message, "sent").state != "queued"


@pytest.mark.parametrize("state", ["delivered", "read"])
def test_message_that_arrived_does_not_fail_any_more(state: str) -> None:
    message = reached(ChatMessage(chat_id="c", state="sent"), state)

    assert reached(message, "failed").state == state
