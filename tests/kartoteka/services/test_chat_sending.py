"""Our messages reach their providers in order and once, or the people hear that they did not."""

from datetime import timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.services.chat_office import (
    ANNA,
    BORIS,
    OLGA,
    FakeMessengers,
    activity,
    chat_of,
    event,
    lead_of,
    notices,
)

from kartoteka.chat_ports import MAYBE_SENT
from kartoteka.domain.errors import (
    ConfigError,
    Invalid,
    NotAllowed,
    ProviderDown,
    RateLimited,
    Transient,
)
from kartoteka.domain.inbound import Kind
from kartoteka.domain.model import Activity, ChatMessage
from kartoteka.ports import Query
from kartoteka.services.chat_commands import close, hand_on, invite, note, send
from kartoteka.services.chat_forms import CloseChat, InviteToChat, NoteChat, PassChat, SendMessage
from kartoteka.services.chat_sending import deliver
from kartoteka.services.office import Desk
from kartoteka.services.registry import COMMANDS


@pytest.fixture
def messengers() -> FakeMessengers:
    return FakeMessengers()


def wrote(desk: Desk, text: str = "Добрый день", *, key: str = "") -> Activity:
    return send(desk, ANNA, SendMessage(chat=chat_of(desk).id, text=text, key=key), "test")


def told(desk: Desk, sent: Activity) -> ChatMessage:
    found = activity(desk, lambda it: it.id == sent.id).message
    assert found is not None
    return found


def test_message_is_queued_once_sent_once_and_known_by_its_id(
    desk: Desk, tasks: FakeTasks, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    outcomes = [deliver(desk, messengers, sent.id) for _ in range(3)]

    assert [task.path for task in tasks.queued if task.queue == "messages"] == [
        "/automation/task/message"
    ]
    assert outcomes == ["sent", "done", "done"]
    assert [(it.peer, it.text) for it in messengers.letters] == [("5550177001", "Добрый день")]
    assert (told(desk, sent).external_id, told(desk, sent).state) == ("out1", "sent")


def test_same_key_twice_is_one_message(desk: Desk) -> None:
    event(desk, "1", text="Привет")

    assert wrote(desk, key="k1").id == wrote(desk, key="k1").id
    assert len(list(desk.store.query(Query("activities")))) == 2


def test_answer_ends_the_wait_and_is_an_act_on_a_lead_without_a_phone(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    desk.clock.advance(timedelta(seconds=5))
    wrote(desk)
    lead = lead_of(desk, stored)

    assert chat_of(desk).waiting_since is None
    assert lead.touched_at == lead.wrote_at == desk.now()
    assert lead.stage == "r1"


def test_clients_reply_to_our_letter_is_a_conversation_without_a_phone(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    desk.clock.advance(timedelta(seconds=5))
    wrote(desk)
    desk.clock.advance(timedelta(seconds=5))
    event(desk, "2", text="Спасибо, понятно")

    assert lead_of(desk, stored).stage == "c1"


def test_messages_of_a_chat_leave_in_their_order(desk: Desk, messengers: FakeMessengers) -> None:
    event(desk, "1", text="Привет")
    first, second = wrote(desk, "Раз"), wrote(desk, "Два")

    with pytest.raises(Transient, match="earlier"):
        deliver(desk, messengers, second.id)
    deliver(desk, messengers, first.id)
    deliver(desk, messengers, second.id)

    assert [it.text for it in messengers.letters] == ["Раз", "Два"]


@pytest.mark.parametrize("fault", [ProviderDown("away"), RateLimited("slower")])
def test_provider_that_is_away_is_tried_again(
    desk: Desk, messengers: FakeMessengers, fault: Exception
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    messengers.fails = [fault]

    with pytest.raises(type(fault)):
        deliver(desk, messengers, sent.id)

    assert told(desk, sent).state == "queued"
    assert deliver(desk, messengers, sent.id) == "sent"


def test_call_that_may_have_arrived_is_not_repeated_and_the_writer_hears(
    desk: Desk, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    messengers.fails = [ProviderDown("no answer", code=MAYBE_SENT)]

    assert deliver(desk, messengers, sent.id) == "unsure"
    assert deliver(desk, messengers, sent.id) == "done"
    assert messengers.letters == []
    assert (told(desk, sent).state, told(desk, sent).why) == ("unsure", "send_unsure")
    assert notices(desk, "notice_message_failed") == ["st_anna"]


@pytest.mark.parametrize("late", [False, True])
def test_message_nobody_is_sure_of_is_sent_when_its_echo_comes(
    desk: Desk, messengers: FakeMessengers, late: bool
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    messengers.fails = [ProviderDown("no answer", code=MAYBE_SENT)]
    if late:
        deliver(desk, messengers, sent.id)
    event(desk, "e", Kind.ECHO, message="77", text="Добрый день")

    assert deliver(desk, messengers, sent.id) == "done"
    assert (told(desk, sent).state, told(desk, sent).external_id) == ("sent", "77")
    assert len(list(desk.store.query(Query("activities")))) == 2


def test_provider_that_knows_repeats_gets_the_same_number_again(
    desk: Desk, messengers: FakeMessengers
) -> None:
    messengers.knows = True
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    messengers.fails = [ProviderDown("no answer", code=MAYBE_SENT)]

    with pytest.raises(ProviderDown):
        deliver(desk, messengers, sent.id)

    assert deliver(desk, messengers, sent.id) == "sent"
    assert messengers.letters[0].tag.isdecimal()


def test_crash_between_call_and_commit_is_not_sent_twice(
    desk: Desk, clock: FixedClock, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    messengers.fails = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        deliver(desk, messengers, sent.id)

    with pytest.raises(Transient, match="just being sent"):
        deliver(desk, messengers, sent.id)
    clock.advance(timedelta(minutes=2))

    assert deliver(desk, messengers, sent.id) == "unsure"
    assert messengers.letters == []


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (NotAllowed("blocked", code="send_blocked"), "send_blocked"),
        (ConfigError("no key", code="send_no_key"), "send_no_key"),
    ],
)
def test_refusal_is_kept_told_and_lets_the_next_one_go(
    desk: Desk, messengers: FakeMessengers, fault: Exception, why: str
) -> None:
    event(desk, "1", text="Привет")
    first, second = wrote(desk, "Раз"), wrote(desk, "Два")
    messengers.fails = [fault]

    assert deliver(desk, messengers, first.id) == "failed"
    assert (told(desk, first).state, told(desk, first).why) == ("failed", why)
    assert notices(desk, "notice_message_failed") == ["st_anna"]
    assert deliver(desk, messengers, second.id) == "sent"


def test_message_nobody_took_for_half_a_day_is_given_up(
    desk: Desk, clock: FixedClock, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk)
    clock.advance(timedelta(hours=13))

    assert deliver(desk, messengers, sent.id) == "failed"
    assert told(desk, sent).why == "send_gave_up"


def test_lost_messages_hold_nobody_up(
    desk: Desk, clock: FixedClock, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    lost = [wrote(desk, text) for text in ("Раз", "Два")]
    clock.advance(timedelta(hours=13))
    sent = wrote(desk, "Три")

    assert deliver(desk, messengers, sent.id) == "sent"
    assert [told(desk, it).why for it in lost] == ["send_gave_up"] * 2
    assert [it.text for it in messengers.letters] == ["Три"]
    assert chat_of(desk).sending == ()


def test_answer_to_a_colleagues_chat_is_refused_until_they_call_you_in(desk: Desk) -> None:
    event(desk, "1", text="Привет")
    chat = chat_of(desk)
    form = SendMessage(chat=chat.id, text="Я отвечу")
    assert chat.owner_id == "st_anna"

    with pytest.raises(NotAllowed):
        send(desk, BORIS, form, "test")
    invite(desk, ANNA, InviteToChat(chat=chat.id, person="st_boris"), "test")
    send(desk, BORIS, form, "test")

    assert notices(desk, "notice_chat_invited") == ["st_boris"]
    assert chat_of(desk).owner_id == "st_anna"


def test_chat_is_handed_on_with_the_lead(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    hand_on(desk, OLGA, PassChat(chat=chat_of(desk).id, person="st_gleb", reason="его тема"), "t")

    assert (chat_of(desk).owner_id, lead_of(desk, stored).owner_id) == ("st_gleb", "st_gleb")
    assert notices(desk, "notice_chat_given") == ["st_gleb"]


def test_note_stands_in_the_history_and_is_never_sent(desk: Desk, tasks: FakeTasks) -> None:
    event(desk, "1", text="Привет")
    written = note(desk, ANNA, NoteChat(chat=chat_of(desk).id, text="Сложный случай"), "test")

    assert (written.what, written.message) == ("note", None)
    assert [task for task in tasks.queued if task.queue == "messages"] == []
    assert chat_of(desk).waiting_since is not None


def test_closed_chat_waits_for_nobody_and_opens_by_the_next_words(desk: Desk) -> None:
    event(desk, "1", text="Привет")
    close(desk, ANNA, CloseChat(chat=chat_of(desk).id), "test")
    closed = chat_of(desk)
    event(desk, "2", text="Ещё вопрос")

    assert (closed.state, closed.waiting_since) == ("closed", None)
    assert (chat_of(desk).state, chat_of(desk).spell) == ("open", closed.spell + 1)


@pytest.mark.parametrize("text", ["", "   ", "я" * 4_097])
def test_words_that_the_messenger_would_refuse_are_refused_first(desk: Desk, text: str) -> None:
    event(desk, "1", text="Привет")

    with pytest.raises(Invalid) as refused:
        wrote(desk, text)

    assert refused.value.code == "message_length"


def test_client_who_never_wrote_has_no_chat_to_answer_in(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    desk.store.run(lambda tx: tx.delete("chats", chat_of(desk).id))

    with pytest.raises(Invalid) as refused:
        send(desk, ANNA, SendMessage(client=stored.client_id or "", text="Здравствуйте"), "test")

    assert refused.value.code == "chat_none"


def test_message_by_lead_goes_to_the_chat_of_its_client(desk: Desk) -> None:
    stored = event(desk, "1", text="Привет")
    sent = send(desk, ANNA, SendMessage(lead=stored.lead_id or "", text="Здравствуйте"), "test")

    assert sent.message is not None
    assert sent.message.chat_id == chat_of(desk).id


def test_commands_of_chats_are_in_the_list() -> None:
    wanted = {"message.send", "chat.note", "chat.invite", "chat.pass", "chat.close"}

    assert wanted <= set(COMMANDS)
    assert {"account.connect", "line.set", "room.set", "staff.link"} <= set(COMMANDS)


def history(desk: Desk) -> list[str]:
    rows = desk.store.query(Query("activities"))
    found = [Activity.model_validate(row.doc) for row in rows]
    return [it.text for it in found if it.what == "note"]


@pytest.mark.parametrize("early", [True, False])
def test_message_that_the_provider_reports_as_lost_stands_as_lost_in_the_history(
    desk: Desk, messengers: FakeMessengers, *, early: bool
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk, "Ждём в среду")

    def report(number: int) -> None:
        event(desk, f"r{number}", Kind.RECEIPT, message="out1", state="failed")

    if early:
        report(1)
    deliver(desk, messengers, sent.id)
    report(2)
    report(3)

    assert told(desk, sent).state == "failed"
    assert history(desk) == ["Сообщение не дошло: «Ждём в среду»"]


def test_message_that_the_provider_refused_stands_as_lost_in_the_history(
    desk: Desk, messengers: FakeMessengers
) -> None:
    event(desk, "1", text="Привет")
    sent = wrote(desk, "Ждём в среду")
    messengers.fails.append(ConfigError("no key"))
    deliver(desk, messengers, sent.id)

    assert history(desk) == ["Сообщение не дошло: «Ждём в среду»"]
