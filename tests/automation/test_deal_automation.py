"""What happens to deals by itself: tasks of a stage, reminders, waking, going cold."""

from datetime import timedelta

import pytest
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, DAY, HOUR, MINUTE, VIKTOR, Play

from automation import engine, timers
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Notice, Task
from kartoteka.ports import Query
from kartoteka.services.office import Desk

OFFER = {"evidence": {"offer_file": "drive:kp1"}}


@pytest.fixture
def play(desk: Desk) -> Play:
    return Play(desk)


def tasks_of(play: Play, deal: Deal) -> dict[str, Task]:
    found = (Task.model_validate(row.doc) for row in play.desk.store.query(Query("tasks")))
    return {f"{task.what}:{task.state}": task for task in found if task.deal_id == deal.id}


def told(play: Play) -> list[tuple[str, str]]:
    found = (Notice.model_validate(row.doc) for row in play.desk.store.query(Query("notices")))
    return sorted((notice.code, notice.staff_id) for notice in found if notice.deal_id)


def pass_time(play: Play, clock: FixedClock, by: timedelta) -> None:
    """Let time pass; whatever falls due is done."""
    clock.advance(by)
    for _ in range(3):
        timers.fire_late(play.desk)
        engine.run(play.desk)


def test_stage_gives_its_task_once_and_it_is_the_next_action(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    engine.run(play.desk)
    play.desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))
    engine.run(play.desk)

    tasks = tasks_of(play, deal)

    assert list(tasks) == ["send_offer:open"]
    task = tasks["send_offer:open"]
    assert (task.assignee_id, task.title) == ("st_anna", "Отправить КП")
    assert task.due_at == clock.now().replace(hour=15, minute=0)  # 18:00 in Moscow: today
    assert play.deal(deal.id).next_action.task_id == task.id


def test_leaving_the_stage_ends_its_task(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    engine.run(play.desk)
    play.move(ANNA, deal, "wait", **OFFER)
    engine.run(play.desk)

    assert set(tasks_of(play, deal)) == {"send_offer:done"}
    assert play.deal(deal.id).next_action.what == "await_decision"


def test_task_of_a_stage_ends_though_the_next_stage_was_passed_in_a_hurry(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    engine.run(play.desk)
    play.move(ANNA, deal, "wait", **OFFER)
    play.move(ANNA, deal, "again")
    engine.run(play.desk)

    assert set(tasks_of(play, deal)) == {"send_offer:done", "call:open"}


def test_coming_back_to_a_stage_gives_its_task_again(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "again")
    engine.run(play.desk)
    play.move(ANNA, deal, "def", reason="Ждёт", wake_at=(clock.now() + 9 * DAY).isoformat())
    engine.run(play.desk)
    clock.advance(DAY)
    play.do(ANNA, "deal.restore", deal=deal.id)
    engine.run(play.desk)

    assert {"call:done", "call:open"} <= set(tasks_of(play, deal))


def test_overdue_step_reminds_the_owner_and_then_the_head(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "again")
    engine.run(play.desk)
    pass_time(play, clock, HOUR)
    assert told(play) == [("notice_call", "st_anna")]

    pass_time(play, clock, HOUR)

    assert ("notice_deal_overdue", "st_viktor") in told(play)
    assert play.deal(deal.id).stage == "again"


def test_client_silent_for_three_days_is_to_be_called_again(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", **OFFER)
    engine.run(play.desk)
    pass_time(play, clock, 3 * DAY - MINUTE)
    assert play.deal(deal.id).stage == "wait"

    pass_time(play, clock, 2 * MINUTE)

    assert play.deal(deal.id).stage == "again"
    assert ("notice_cold", "st_anna") in told(play)
    assert "call:open" in tasks_of(play, deal)


def test_a_touch_keeps_the_deal_warm(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", **OFFER)
    engine.run(play.desk)
    pass_time(play, clock, 2 * DAY)
    play.call()
    engine.run(play.desk)

    pass_time(play, clock, 2 * DAY)

    assert play.deal(deal.id).stage == "wait"
    assert ("notice_cold", "st_anna") not in told(play)


def test_an_edit_or_an_unanswered_call_is_no_touch(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", **OFFER)
    engine.run(play.desk)
    pass_time(play, clock, 2 * DAY)
    play.do(ANNA, "deal.edit", deal=deal.id, note="подождём")
    play.call(talk_s=0)
    engine.run(play.desk)

    pass_time(play, clock, 2 * DAY)

    assert play.deal(deal.id).stage == "again"


def test_cold_deal_is_the_head_s_matter_after_twice_the_limit(
    play: Play, clock: FixedClock
) -> None:
    deal = play.new_deal(clock)
    engine.run(play.desk)
    pass_time(play, clock, DAY)
    assert ("notice_cold", "st_anna") in told(play)
    assert ("notice_cold_twice", "st_viktor") not in told(play)

    pass_time(play, clock, DAY)

    assert ("notice_cold_twice", "st_viktor") in told(play)
    assert play.deal(deal.id).stage == "kp"


def test_sleeping_deal_wakes_at_its_date_and_is_never_cold(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", **OFFER)
    wake = clock.now() + 40 * DAY
    play.move(ANNA, deal, "def", reason="После отпуска", wake_at=wake.isoformat())
    engine.run(play.desk)
    pass_time(play, clock, 39 * DAY)
    assert play.deal(deal.id).stage == "def"
    assert told(play) == []

    pass_time(play, clock, 11 * DAY)  # the date is in the holidays of the New Year

    assert play.deal(deal.id).stage == "wait"


def test_client_who_writes_wakes_a_sleeping_deal(play: Play, clock: FixedClock) -> None:
    deal = play.move(ANNA, play.new_deal(clock), "wait", **OFFER)
    wake = clock.now() + 40 * DAY
    play.move(ANNA, deal, "def", reason="После отпуска", wake_at=wake.isoformat())
    clock.advance(DAY)

    stored = play.form()

    woken = play.deal(deal.id)
    assert (stored.lead_id, woken.stage, woken.last_touch_at) == (None, "wait", clock.now())


def test_closed_deal_asks_for_nothing(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    engine.run(play.desk)
    play.move(ANNA, deal, "lost", reason="Дорого")
    engine.run(play.desk)

    pass_time(play, clock, 10 * DAY)

    assert told(play) == []
    assert set(tasks_of(play, deal)) == {"send_offer:done"}


def test_work_is_cold_behind_the_contract_s_date(play: Play, clock: FixedClock) -> None:
    deal = play.new_deal(clock)
    date = clock.now() + 20 * DAY
    play.do(
        VIKTOR,
        "deal.edit",
        deal=deal.id,
        contractor="Эксперт",
        amount_minor=1,
        contractor_due=date.isoformat(),
    )
    play.move(ANNA, deal, "contract")
    play.move(ANNA, deal, "work", evidence={"signed_file": "drive:s"})
    engine.run(play.desk)
    pass_time(play, clock, 19 * DAY)
    assert not [code for code, _ in told(play) if code.startswith("notice_cold")]

    pass_time(play, clock, 2 * DAY)

    assert ("notice_cold", "st_anna") in told(play)
