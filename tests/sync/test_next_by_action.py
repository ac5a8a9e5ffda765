"""The answer beside an action says what is next by now, also where a stage wants a call first."""

from datetime import timedelta

import pytest
from tests.sync.books_office import ANNA_BOOK, Shelf
from tests.sync.sheets_office import ANNA

from kartoteka.ports import Query

OLGA = "olga@office.example"


def test_call_back_on_a_stage_that_wants_a_call_first_says_what_is_next(shelf: Shelf) -> None:
    lead = shelf.request()
    due = shelf.lead(lead).next_at
    shelf.drain()
    shelf.clock.advance(timedelta(minutes=5))

    said = shelf.picks(ANNA_BOOK, ANNA, lead, "Перезвонить через 3 часа")

    assert "✓ дальше: Связаться с новым клиентом" in said
    assert shelf.lead(lead).next_at == due, "the first answer is not put off"
    assert shelf.wrong_anywhere() == []


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("Перезвонить через 1 час", "✓ дальше: Позвонить ещё раз, 23.11 10:01"),
        ("Ждём ответа через 3 дня", "✓ дальше: Ждали ответа"),
    ],
)
def test_chosen_step_is_told_with_its_time(shelf: Shelf, chosen: str, said: str) -> None:
    lead = shelf.request()
    shelf.put_on_stage(lead, "c1")
    shelf.drain()

    assert said in shelf.picks(ANNA_BOOK, ANNA, lead, chosen)


def test_deal_without_its_service_says_how_to_write_it_and_the_service_makes_the_deal(
    shelf: Shelf,
) -> None:
    lead = shelf.request()
    shelf.put_on_stage(lead, "c1")
    shelf.drain()

    said = shelf.picks(ANNA_BOOK, ANNA, lead, "В сделку")
    assert "✗" in said
    assert "заполните: услуга" in said
    assert "«В сделку: Договор аренды»" in said

    shelf.picks(ANNA_BOOK, ANNA, lead, "В сделку: Развод и раздел")
    (deal,) = shelf.app.store.query(Query("deals"))
    assert deal.doc["deal_type"] == "Развод и раздел"
    assert shelf.lead(lead).deal_id == deal.id


def test_conversation_within_a_minute_of_the_request_counts(shelf: Shelf) -> None:
    lead = shelf.request()
    for account in shelf.app.desk.settings().accounts:
        shelf.do("account.switch", OLGA, account=account.id, active=False)
    shelf.clock.advance(timedelta(seconds=12))

    shelf.do(
        "activity.log", ANNA, lead=lead, what="call", text="Всё обсудили с клиентом", talk_s=60
    )

    assert shelf.lead(lead).stage == "c1"
