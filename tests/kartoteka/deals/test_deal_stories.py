"""A deal of the law firm from the offer to the money, and every way that is closed."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import (
    ANNA,
    BORIS,
    DAY,
    DINA,
    INNA,
    MINUTE,
    RULE,
    VIKTOR,
    Play,
)

from kartoteka.domain.deal import Deal
from kartoteka.domain.deal_flow import entries, time_in
from kartoteka.domain.errors import Conflict, Invalid, NotAllowed
from kartoteka.ports import Query


def refused(code: str):
    return pytest.raises((NotAllowed, Invalid, Conflict), check=lambda exc: exc.code == code)


def on_contract(play: Play, clock: FixedClock) -> Deal:
    deal = play.new_deal(clock)
    clock.advance(MINUTE)
    deal = play.move(ANNA, deal, "wait", evidence={"offer_file": "drive:kp1"})
    play.do(VIKTOR, "deal.edit", deal=deal.id, contractor="Эксперт", amount_minor=4_500_000)
    clock.advance(MINUTE)
    return play.move(ANNA, deal, "contract")


def on_pay(play: Play, clock: FixedClock) -> Deal:
    deal = on_contract(play, clock)
    deal = play.move(ANNA, deal, "work", evidence={"signed_file": "drive:signed1"})
    play.do(VIKTOR, "deal.join", deal=deal.id, staff="st_dina")
    deal = play.move(DINA, deal, "report", evidence={"result_file": "drive:result1"})
    return play.move(INNA, deal, "pay", evidence={"invoice": "drive:inv1"})


def test_law_firm_takes_a_deal_from_offer_to_money(play: Play, clock: FixedClock) -> None:
    deal = on_pay(play, clock)
    part = play.do(INNA, "deal.pay", deal=deal.id, amount_minor=2_000_000, reference="b1")
    won = play.do(INNA, "deal.pay", deal=deal.id, amount_minor=2_500_000, reference="b2")

    assert (part.stage, won.stage, won.state) == ("pay", "won", "won")
    assert (won.paid_minor, won.locked, won.won_at) == (4_500_000, True, clock.now())
    assert [visit.stage for visit in won.stage_log] == [
        "kp",
        "wait",
        "contract",
        "work",
        "report",
        "pay",
        "won",
    ]
    assert [visit.evidence for visit in won.stage_log] == [
        "",
        "offer_file",
        "",
        "signed_file",
        "result_file",
        "invoice",
        "payment",
    ]
    assert won.next_action is None
    client = play.client(won.client_id)
    assert (client.open_deal_ids, client.segment) == ((), "client")


def test_author_loses_the_deal_to_the_contractor_but_may_comment(
    play: Play, clock: FixedClock
) -> None:
    deal = on_contract(play, clock)
    play.move(ANNA, deal, "work", evidence={"signed_file": "drive:signed1"})

    for command, given in [
        ("deal.edit", {"note": "моё"}),
        ("deal.move", {"stage": "report", "evidence": {"result_file": "x"}}),
        ("deal.attach", {"kind": "result_file", "ref": "x"}),
        ("deal.line_remove", {"line": "li_x"}),
    ]:
        with refused("stage_in_other_hands"):
            play.do(ANNA, command, deal=deal.id, **given)
    said = play.do(ANNA, "deal.comment", deal=deal.id, text="Клиент просит ускорить")

    assert (said.deal_id, said.staff_id, said.client_id) == (deal.id, "st_anna", deal.client_id)


def test_offer_must_be_sent_before_the_client_decides(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)

    with refused("proof_offer_file"):
        play.move(ANNA, deal, "wait")


def test_contract_names_what_is_missing(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)

    with pytest.raises(Invalid) as raised:
        play.move(ANNA, deal, "contract")

    assert raised.value.fields == {"contractor": "required", "amount": "required"}


def test_deal_goes_back_to_waiting_only_after_a_call(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", evidence={"offer_file": "kp"})
    clock.advance(MINUTE)
    play.move(ANNA, deal, "again")
    with refused("proof_call"):
        play.move(ANNA, deal, "wait")
    clock.advance(10 * MINUTE)
    play.call()

    back = play.move(ANNA, deal, "wait")

    assert back.stage_log[-1].evidence == f"call:{back.used_calls[-1]} offer_file"
    assert entries(back, "wait") == 2
    clock.advance(MINUTE)
    play.move(ANNA, deal, "again")
    with refused("proof_call"):
        play.move(ANNA, deal, "wait")


def test_call_of_another_stage_or_client_proves_nothing(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", evidence={"offer_file": "kp"})
    clock.advance(5 * MINUTE)
    early = play.calls_of(play.call().client_id)[0]
    play.move(ANNA, deal, "again")
    clock.advance(5 * MINUTE)
    foreign = play.calls_of(play.call(phone="+79160000000").client_id)[0]

    assert early.deal_id == deal.id
    with refused("call_unknown"):
        play.move(ANNA, deal, "wait", call=foreign.id)
    with refused("call_no_proof"):
        play.move(ANNA, deal, "wait", call=early.id)


def test_deferred_deal_needs_reason_and_date_and_wakes_where_it_slept(
    play: Play, clock: FixedClock
) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", evidence={"offer_file": "kp"})
    wake = clock.now() + timedelta(days=40)
    with refused("reason_required"):
        play.move(ANNA, deal, "def", wake_at=wake.isoformat())
    with refused("wake_range"):
        play.move(ANNA, deal, "def", reason="Ждёт сделку")
    asleep = play.move(ANNA, deal, "def", reason="Ждёт сделку", wake_at=wake.isoformat())

    back = play.do(ANNA, "deal.restore", deal=deal.id)

    assert (asleep.next_action.what, asleep.next_at) == ("wake", asleep.wake_at)
    assert (back.stage, back.wake_at, back.reason) == ("wait", None, "")


def test_lost_deal_names_a_known_reason_and_explains_other(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    with refused("reason_unknown"):
        play.move(ANNA, deal, "lost", reason="Просто так")
    with refused("reason_note"):
        play.move(ANNA, deal, "lost", reason="другое")

    lost = play.move(ANNA, deal, "lost", reason="Другое", note="Переехал")

    assert (lost.state, lost.reason, lost.reason_note) == ("lost", "Другое", "Переехал")
    assert play.client(lost.client_id).open_deal_ids == ()


def test_head_restores_a_lost_deal_as_a_re_entry(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", evidence={"offer_file": "kp"})
    clock.advance(DAY)
    play.move(ANNA, deal, "lost", reason="Дорого")
    with refused("deal_final"):
        play.do(ANNA, "deal.restore", deal=deal.id)
    clock.advance(DAY)

    back = play.do(VIKTOR, "deal.restore", deal=deal.id)

    assert (back.stage, back.state, entries(back, "wait")) == ("wait", "ongoing", 2)
    assert time_in(back, "wait", clock.now() + DAY) == 2 * DAY
    assert play.client(back.client_id).open_deal_ids == (deal.id,)


def test_won_needs_money(play: Play, clock: FixedClock) -> None:
    deal = on_pay(play, clock)

    with refused("proof_payment"):
        play.move(INNA, deal, "won")


def test_payment_told_twice_counts_once(play: Play, clock: FixedClock) -> None:
    deal = on_pay(play, clock)
    play.do(INNA, "deal.pay", deal=deal.id, amount_minor=100, reference="b1")
    again = play.do(INNA, "deal.pay", deal=deal.id, amount_minor=100, reference="b1")

    assert again.paid_minor == 100
    with refused("payment_differs"):
        play.do(INNA, "deal.pay", deal=deal.id, amount_minor=200, reference="b1")
    with refused("accounts_only"):
        play.do(DINA, "deal.pay", deal=deal.id, amount_minor=200, reference="b2")


def test_paid_deal_is_locked_until_a_head_unlocks_it(play: Play, clock: FixedClock) -> None:
    deal = on_pay(play, clock)
    play.do(INNA, "deal.pay", deal=deal.id, amount_minor=4_500_000, reference="b1")
    with refused("deal_locked"):
        play.do(VIKTOR, "deal.edit", deal=deal.id, note="поздно")
    with refused("deal_final"):
        play.do(INNA, "deal.unlock", deal=deal.id)

    play.do(VIKTOR, "deal.unlock", deal=deal.id)

    assert play.do(VIKTOR, "deal.edit", deal=deal.id, note="можно").note == "можно"


def test_closed_way_is_a_head_s_exception_with_a_note(play: Play, clock: FixedClock) -> None:
    deal = on_contract(play, clock)
    with refused("stage_not_reachable"):
        play.move(ANNA, deal, "kp")
    with refused("override_needs_note"):
        play.move(VIKTOR, deal, "kp", note="надо")

    moved = play.move(VIKTOR, deal, "kp", note="Клиент попросил новое предложение")

    assert moved.stage == "kp"


def test_stale_edit_is_refused(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    clock.advance(MINUTE)
    seen = deal.updated_at.isoformat()
    play.do(ANNA, "deal.edit", deal=deal.id, note="первая", expected=seen)

    for command, given in [("deal.edit", {"note": "вторая"}), ("deal.move", {"stage": "again"})]:
        with refused("stale"):
            play.do(ANNA, command, deal=deal.id, expected=seen, **given)


def test_somebody_else_s_deal_is_not_touched_until_one_takes_part(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    with refused("not_yours"):
        play.do(BORIS, "deal.edit", deal=deal.id, note="чужая")

    play.do(ANNA, "deal.join", deal=deal.id, staff="st_boris")

    assert play.do(BORIS, "deal.edit", deal=deal.id, note="вместе").note == "вместе"
    play.do(ANNA, "deal.leave", deal=deal.id, staff="st_boris")
    with refused("not_yours"):
        play.do(BORIS, "deal.edit", deal=deal.id, note="снова чужая")


def test_deal_is_handed_over_with_its_tasks_and_read_for_a_week(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock, offer=True, invoice=True)

    given = play.do(ANNA, "deal.assign", deal=deal.id, owner="st_boris", reason="Отпуск")

    [task] = [row.doc for row in play.desk.store.query(Query("tasks"))]
    assert (given.owner_id, given.author_id, task["assignee_id"]) == (
        "st_boris",
        "st_anna",
        "st_boris",
    )
    with refused("not_yours"):
        play.do(ANNA, "deal.edit", deal=deal.id, note="уже не моя")
    assert play.do(ANNA, "deal.comment", deal=deal.id, text="Клиент ждёт звонка").text
    clock.advance(8 * DAY)
    with refused("not_yours"):
        play.do(ANNA, "deal.comment", deal=deal.id, text="Как дела?")
    with refused("staff_unknown"):
        play.do(BORIS, "deal.assign", deal=deal.id, owner="st_nobody")


def test_reader_comments_but_does_not_edit(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    play.do(ANNA, "deal.join", deal=deal.id, staff="st_boris", edit=False)

    assert play.do(BORIS, "deal.comment", deal=deal.id, text="Видел похожее").text
    with refused("not_yours"):
        play.do(BORIS, "deal.edit", deal=deal.id, note="нет")


def test_edit_cannot_empty_what_the_stage_asked_for(play: Play, clock: FixedClock) -> None:
    deal = on_contract(play, clock)

    with refused("stage_requires"):
        play.do(VIKTOR, "deal.edit", deal=deal.id, contractor="  ")


def test_rules_that_chase_each_other_are_stopped(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", evidence={"offer_file": "kp"})
    for stage in ["again", "wait", "again", "wait", "again"]:
        clock.advance(MINUTE)
        play.move(RULE, deal, stage)

    with refused("rules_loop"):
        play.move(RULE, deal, "wait")
    clock.advance(timedelta(hours=1))
    assert play.move(RULE, deal, "wait").stage == "wait"
