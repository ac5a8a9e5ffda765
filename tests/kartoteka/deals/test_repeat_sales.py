"""Selling again: when the office comes back, what the new deal begins as, what else is offered."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, BORIS, DAY, INNA, OLGA, VIKTOR, Play

from automation import engine, timers
from automation.bot.acts import Pressed, command
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Client, Notice, Task
from kartoteka.domain.repeat import sign_of
from kartoteka.ports import Query
from kartoteka.services.notice_words import words


@given(bought=st.booleans(), known=st.booleans())
def test_who_bought_repeats_who_asked_inquires_and_a_stranger_is_first(bought, known) -> None:
    wanted = "repeat" if bought else "repeat_inquiry" if known else "first"

    assert sign_of(bought=bought, known=known) == wanted


def refused(code: str):
    return pytest.raises((NotAllowed, Invalid), check=lambda exc: exc.code == code)


def goods(play: Play, sku: str, **given) -> str:
    made = play.do(OLGA, "product.add", sku=sku, name=sku, price_minor=100_000, **given)
    return made.id


def sold(play: Play, *products: str, phone: str = "+79161234567") -> Deal:
    """A deal that was won: the office's own guards are told elsewhere."""
    client = next(iter(clients(play)), None) or play.do(
        ANNA, "client.add", name="Ирина", phone=phone
    )
    lines = [{"product": name} for name in products]
    deal = play.do(ANNA, "deal.create", name="Абонемент", client=client.id, deal_type="Спор",
                   lines=lines)  # fmt: skip
    return won(play, deal)


def won(play: Play, deal: Deal) -> Deal:
    whole = play.deal(deal.id).model_copy(update={"amount_minor": 100_000})
    play.desk.store.run(lambda tx: tx.put("deals", whole.id, whole.model_dump(mode="json")))
    note = "Клиент заплатил наличными"
    due = (play.desk.now() + DAY).isoformat()
    play.do(VIKTOR, "deal.edit", deal=deal.id, contractor="Мы", invoice_due=due)
    proofs = dict.fromkeys(("offer_file", "signed_file", "result_file", "invoice"), "drive:1")
    play.do(OLGA, "deal.move", deal=deal.id, stage="pay", evidence=proofs, note=note)
    play.do(INNA, "deal.pay", deal=deal.id, amount_minor=100_000, reference=deal.id)
    engine.run(play.desk)
    return play.deal(deal.id)


def clients(play: Play) -> list[Client]:
    return [Client.model_validate(it.doc) for it in play.desk.store.query(Query("clients"))]


def deals_of(play: Play) -> list[Deal]:
    return [Deal.model_validate(it.doc) for it in play.desk.store.query(Query("deals"))]


def tasks_of(play: Play, what: str) -> list[Task]:
    found = (Task.model_validate(it.doc) for it in play.desk.store.query(Query("tasks")))
    return [task for task in found if task.what == what]


def told(play: Play, code: str) -> list[str]:
    found = (Notice.model_validate(it.doc) for it in play.desk.store.query(Query("notices")))
    return [notice.staff_id for notice in found if notice.code == code]


def pass_time(play: Play, clock: FixedClock, by: timedelta) -> None:
    clock.advance(by)
    for _ in range(3):
        engine.run(play.desk)
        timers.fire_late(play.desk)
    engine.run(play.desk)


def test_owner_of_a_won_deal_is_asked_once_when_to_sell_again(play: Play) -> None:
    sold(play)
    play.desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))
    engine.run(play.desk)

    assert told(play, "notice_repeat_offer") == ["st_anna"]


def test_after_the_time_a_copy_begins_with_a_call_and_the_old_deal_rests(
    play: Play, clock: FixedClock
) -> None:
    old = sold(play, goods(play, "Договор"))
    planned = play.do(ANNA, "deal.repeat", deal=old.id, days=30)
    engine.run(play.desk)
    assert planned.repeat_at == datetime.fromisoformat("2026-12-23T06:00:00Z")
    pass_time(play, clock, 29 * DAY)
    assert len(deals_of(play)) == 1

    pass_time(play, clock, DAY)

    copy = next(deal for deal in deals_of(play) if deal.id != old.id)
    assert (copy.repeat_of, copy.sign, copy.state, copy.stage) == (old.id, "repeat", "open", "kp")
    assert [(it.product_id, it.price_minor) for it in copy.lines] == [
        (it.product_id, it.price_minor) for it in old.lines
    ]
    assert (copy.amount_minor, copy.owner_id, copy.payments) == (100_000, "st_anna", ())
    assert [task.deal_id for task in tasks_of(play, "repeat_sale")] == [copy.id]
    assert told(play, "notice_repeat_sale") == ["st_anna"]
    assert play.client(copy.client_id).open_deal_ids == (copy.id,)
    assert play.deal(old.id).repeat_at is None
    pass_time(play, clock, 30 * DAY)
    assert len([it for it in deals_of(play) if it.repeat_of]) == 1


def test_product_says_when_its_buyer_comes_back(play: Play) -> None:
    old = sold(play, goods(play, "Год", repeat_days=365), goods(play, "Месяц", repeat_days=30))

    planned = play.do(ANNA, "deal.repeat", deal=old.id)

    assert planned.repeat_at - play.desk.now() == 30 * DAY


def test_office_says_it_where_no_product_does(play: Play) -> None:
    old = sold(play, goods(play, "Разовое"))
    play.do(OLGA, "repeat.set", days=7)

    assert play.do(ANNA, "deal.repeat", deal=old.id).repeat_at - play.desk.now() == 7 * DAY


def test_monthly_deal_is_copied_each_month_until_it_is_stopped(
    play: Play, clock: FixedClock
) -> None:
    old = sold(play)
    play.do(ANNA, "deal.repeat", deal=old.id, repeats="FREQ=MONTHLY")
    engine.run(play.desk)
    for _ in range(3):
        pass_time(play, clock, 31 * DAY)
    copies = [deal for deal in deals_of(play) if deal.repeat_of == old.id]
    assert sorted(deal.created_at.month for deal in copies) == [1, 2, 12]
    play.do(ANNA, "deal.repeat", deal=old.id, stop=True)

    pass_time(play, clock, 62 * DAY)

    assert len([deal for deal in deals_of(play) if deal.repeat_of]) == 3


def test_office_that_was_off_for_months_makes_one_copy_and_goes_on(
    play: Play, clock: FixedClock
) -> None:
    old = sold(play)
    play.do(ANNA, "deal.repeat", deal=old.id, repeats="FREQ=WEEKLY")
    engine.run(play.desk)

    pass_time(play, clock, 60 * DAY)

    assert len([deal for deal in deals_of(play) if deal.repeat_of]) == 1
    assert clock.now() < play.deal(old.id).repeat_at <= clock.now() + 7 * DAY


def test_buyer_is_named_instead_of_the_deal_and_sold_to_at_once(play: Play) -> None:
    old = sold(play)

    copy = play.do(ANNA, "deal.repeat", client=old.client_id, days=0)

    assert (copy.repeat_of, copy.sign) == (old.id, "repeat")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"repeats": "FREQ=HOURLY"}, "repeats_rule"),
        ({"repeats": "FREQ=DAILY;UNTIL=20200101"}, "repeat_never"),
        ({"deal": "", "client": "cl_nobody"}, "nothing_sold"),
    ],
)
def test_impossible_repeat_is_refused(play: Play, given, code) -> None:
    old = sold(play)

    with refused(code):
        play.do(ANNA, "deal.repeat", **{"deal": old.id, **given})


def test_repeat_of_a_foreign_deal_is_refused(play: Play) -> None:
    old = sold(play)

    with refused("not_yours"):
        play.do(BORIS, "deal.repeat", deal=old.id, days=30)


def test_forgotten_client_is_not_come_back_to(play: Play, clock: FixedClock) -> None:
    old = sold(play)
    play.do(ANNA, "deal.repeat", deal=old.id, days=30)
    engine.run(play.desk)
    play.do(OLGA, "client.forget", client=old.client_id)

    pass_time(play, clock, 31 * DAY)

    assert [deal.id for deal in deals_of(play)] == [old.id]
    assert tasks_of(play, "repeat_sale") == []


def test_buyer_of_one_thing_is_offered_another_and_its_acceptance_is_counted(
    play: Play, clock: FixedClock
) -> None:
    first, second = goods(play, "Иск"), goods(play, "Исполнение")
    row = play.do(OLGA, "cross_sell.set", product=first, offer=second, after_days=7).id
    old = sold(play, first)
    pass_time(play, clock, 7 * DAY)
    assert [(it.client_id, it.title) for it in tasks_of(play, "cross_sell")] == [
        (old.client_id, "Предложить клиенту: Исполнение")
    ]
    shown = play.do(OLGA, "cross_sell.list").rows
    assert [(it.row.id, it.given, it.accepted) for it in shown] == [(row, 1, 0)]

    sold(play, second)

    shown = play.do(OLGA, "cross_sell.list").rows
    assert [(it.given, it.accepted) for it in shown] == [(1, 1)]


def test_who_has_it_already_is_not_offered_it(play: Play, clock: FixedClock) -> None:
    first, second = goods(play, "Иск", category="Споры"), goods(play, "Исполнение")
    play.do(OLGA, "cross_sell.set", category="споры", offer=second, after_days=3)
    sold(play, first, second)

    pass_time(play, clock, 10 * DAY)

    assert tasks_of(play, "cross_sell") == []


def test_row_without_one_way_to_say_what_was_bought_is_refused(play: Play) -> None:
    one = goods(play, "Иск")
    for said in ({}, {"product": one, "category": "Споры"}):
        with refused("cross_bought"):
            play.do(OLGA, "cross_sell.set", offer=one, **said)
    with refused("product_unknown"):
        play.do(OLGA, "cross_sell.set", product="pd_none", offer=one)


def test_notice_of_the_win_has_a_button_for_each_time(play: Play) -> None:
    old = sold(play)
    found = (Notice.model_validate(it.doc) for it in play.desk.store.query(Query("notices")))
    notice = next(it for it in found if it.code == "notice_repeat_offer")
    settings = play.desk.settings()

    shown = words(play.desk, notice, settings.person("st_anna"), settings)
    pressed = Pressed(notice, old, None, settings, play.desk.now())
    name, said = command("repeat_365", pressed)
    play.do(ANNA, name, **said)

    assert [button.label for row in shown.buttons for button in row] == [
        "Повторить через 30 дней",
        "Повторить через 90 дней",
        "Повторить через полгода",
        "Повторить через год",
        "Видел",
    ]
    assert play.deal(old.id).repeat_at.date() == (play.desk.now() + 365 * DAY).date()
