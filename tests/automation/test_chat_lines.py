"""Lines of chats: who gets the turn, and what happens when nobody answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.services.chat_office import (
    ANNA,
    FakeMessengers,
    account_of,
    chat_of,
    event,
    lead_of,
    notices,
    with_line,
)

from automation import engine, listening, timers
from kartoteka.domain.chat_line import ChatLine
from kartoteka.services.chat_commands import send
from kartoteka.services.chat_forms import SendMessage
from kartoteka.services.office import Desk
from kartoteka.settings import Settings
from kartoteka.wiring import App

Run = Callable[[], None]


@pytest.fixture
def run(desk: Desk) -> Run:
    """Drain the log; what lands in the queues of messengers stays there."""

    def work() -> None:
        for _ in range(3):
            engine.run(desk)

    return work


def test_silent_owner_loses_the_turn_and_at_last_the_heads_hear(
    desk: Desk, clock: FixedClock, run: Run
) -> None:
    with_line(desk, ChatLine(queue="strict", people=("st_vera", "st_gleb"), forward_minutes=5))
    stored = event(desk, "1", text="Привет")
    owners = [lead_of(desk, stored).owner_id]
    for _ in range(3):
        run()
        clock.advance(timedelta(minutes=6))
        timers.fire_late(desk)
        owners.append(lead_of(desk, stored).owner_id)

    assert owners == ["st_vera", "st_gleb", "st_gleb", "st_gleb"]
    assert chat_of(desk).owner_id == "st_gleb"
    assert notices(desk, "notice_chat_given") == ["st_gleb"]
    assert notices(desk, "notice_chat_unanswered") == ["st_viktor"]


def test_answer_in_time_keeps_the_turn(desk: Desk, clock: FixedClock, run: Run) -> None:
    with_line(desk, ChatLine(queue="strict", people=("st_anna", "st_gleb"), forward_minutes=5))
    event(desk, "1", text="Привет")
    run()
    clock.advance(timedelta(minutes=4))
    send(desk, ANNA, SendMessage(chat=chat_of(desk).id, text="Добрый день"), "test")
    clock.advance(timedelta(minutes=4))
    timers.fire_late(desk)

    assert chat_of(desk).owner_id == "st_anna"


def test_line_for_all_tells_everybody(desk: Desk, run: Run) -> None:
    with_line(desk, ChatLine(queue="all", people=("st_anna", "st_boris")))
    event(desk, "1", text="Привет")
    run()

    assert notices(desk, "notice_chat_waiting") == ["st_anna", "st_boris"]


def test_unanswered_chat_goes_to_a_head_if_the_line_says_so(
    desk: Desk, clock: FixedClock, run: Run
) -> None:
    line = ChatLine(queue="strict", people=("st_vera",), forward_minutes=5, unanswered="head")
    with_line(desk, line)
    stored = event(desk, "1", text="Привет")
    run()
    clock.advance(timedelta(minutes=6))
    timers.fire_late(desk)

    assert chat_of(desk).owner_id == lead_of(desk, stored).owner_id == "st_viktor"


def test_every_night_the_addresses_are_told_again_and_one_fault_stops_nobody(desk: Desk) -> None:
    fake = FakeMessengers()
    app = App(Settings(base_url="https://office.example"), desk.clock, lambda _: desk.store)
    vars(app).update(desk=desk, messengers=fake)

    assert listening.run(app) == {"listening_again": 1}
    assert fake.heard == [f"https://office.example/ingest/telegram/{account_of(desk).id}"]
