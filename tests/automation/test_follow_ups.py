"""Follow-ups end to end over a real store: intake, drain, timers, what people get to do."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes import FakeTasks, FixedClock

from automation import engine, planning, timers
from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import CallFact, CallStatus, Lead, Notice, Task, Timer
from kartoteka.ports import Query
from kartoteka.services import leads
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.wake import CONSUMERS

PHONE = "+79161234567"
MINUTE = timedelta(minutes=1)
ABOUT_NEW = {"notice_new_lead", "notice_again", "notice_unseen"}


def form(desk: Desk, name: str = "in_form", phone: str = PHONE) -> Stored:
    inbound = Inbound(
        id=InboundId(name),
        channel="form",
        account="consult",
        event_id=name,
        what=Kind.FORM,
        at=desk.now(),
        received_at=desk.now(),
        sender=Person(name="Ирина", phones=(phone,)),
    )
    return record(desk, inbound)


def call(desk: Desk, name: str, *, direction: str = "in", talk_s: float = 0) -> Stored:
    start = desk.now() - timedelta(seconds=20 + talk_s)
    fact = CallFact(
        status=CallStatus.ANSWERED if talk_s else CallStatus.MISSED,
        client_number=PHONE,
        started_at=start,
        answered_at=start + timedelta(seconds=20) if talk_s else None,
        ended_at=desk.now(),
    )
    inbound = Inbound(
        id=InboundId(name),
        channel="call",
        account="pbx",
        event_id=name,
        what=Kind.CALL,
        at=start,
        received_at=desk.now(),
        sender=Person(phones=(PHONE,)),
        call=Call(call_id=name, direction=direction, staff="anna@office.example", fact=fact),
    )
    return record(desk, inbound)


def fire_due(desk: Desk) -> int:
    return timers.fire_late(desk)


def all_tasks(desk: Desk) -> list[Task]:
    return [Task.model_validate(found.doc) for found in desk.store.query(Query("tasks"))]


def notices(desk: Desk) -> list[Notice]:
    """What follows when nobody acts; that a lead is new, its owner hears at once."""
    found = (Notice.model_validate(hit.doc) for hit in desk.store.query(Query("notices")))
    return [notice for notice in found if notice.code not in ABOUT_NEW]


def follow_ups(desk: Desk) -> list[Timer]:
    found = (Timer.model_validate(hit.doc) for hit in desk.store.query(Query("timers")))
    return [timer for timer in found if timer.rule == "next_action"]


def lead(desk: Desk, stored: Stored) -> Lead:
    return Lead.model_validate(desk.store.get("leads", stored.lead_id or ""))


def test_untouched_lead_gets_a_task_and_a_notice_after_fifteen_working_minutes(
    desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> None:
    stored = form(desk)
    engine.run(desk)
    [follow_up] = follow_ups(desk)
    queued = [task for task in tasks.queued if task.payload.get("timer") == follow_up.id]
    assert [task.at for task in queued] == [clock.now() + 15 * MINUTE]

    clock.advance(15 * MINUTE)
    timers.fire(desk, str(queued[0].payload["timer"]))

    [task] = all_tasks(desk)
    assert (task.what, task.lead_id, task.state) == ("first_contact", stored.lead_id, "open")
    assert task.assignee_id == lead(desk, stored).owner_id
    assert [notice.code for notice in notices(desk)] == ["notice_first_contact"]


def test_head_is_told_after_thirty_minutes(desk: Desk, clock: FixedClock) -> None:
    form(desk)
    engine.run(desk)
    clock.advance(15 * MINUTE)
    fire_due(desk)
    engine.run(desk)

    clock.advance(15 * MINUTE)
    fire_due(desk)

    told = {(notice.staff_id, notice.code) for notice in notices(desk)}
    assert ("st_viktor", "notice_overdue") in told


def test_lead_called_in_time_gets_no_reminder(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    engine.run(desk)
    clock.advance(5 * MINUTE)
    call(desk, "out1", direction="out", talk_s=60)
    engine.run(desk)
    assert lead(desk, stored).stage == "c1"

    clock.advance(20 * MINUTE)
    fire_due(desk)

    assert all_tasks(desk) == []
    assert notices(desk) == []


def test_night_lead_waits_for_the_morning(desk: Desk, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=14))  # 23:00 in Moscow
    form(desk)
    engine.run(desk)

    due = [timer.due_at for timer in follow_ups(desk)]

    assert due == [datetime(2026, 11, 24, 6, 15, tzinfo=UTC)]


def test_missed_call_gives_the_owner_a_call_back_once(desk: Desk, clock: FixedClock) -> None:
    stored = call(desk, "missed1")
    engine.run(desk)
    engine.run(desk)
    call(desk, "missed1")

    [task] = all_tasks(desk)
    assert (task.what, task.phone) == ("callback", PHONE)
    assert task.due_at == clock.now() + 15 * MINUTE
    assert task.assignee_id == lead(desk, stored).owner_id


def test_answered_call_closes_the_call_back(desk: Desk, clock: FixedClock) -> None:
    call(desk, "missed1")
    engine.run(desk)
    clock.advance(3 * MINUTE)
    stored = call(desk, "out1", direction="out", talk_s=30)
    engine.run(desk)

    [task] = all_tasks(desk)
    assert (task.state, task.result) == ("done", "called")
    assert lead(desk, stored).next_action.what == "decide"


def test_missed_call_reported_after_the_answered_one_asks_for_nothing(
    desk: Desk, clock: FixedClock
) -> None:
    call(desk, "earlier", direction="out", talk_s=30)
    clock.advance(-1 * MINUTE)
    call(desk, "missed_before")
    engine.run(desk)

    assert all_tasks(desk) == []


def test_answered_call_told_late_leaves_a_later_missed_call_open(
    desk: Desk, clock: FixedClock
) -> None:
    call(desk, "missed_later")
    engine.run(desk)
    clock.advance(-5 * MINUTE)
    call(desk, "answered_before", talk_s=30)
    engine.run(desk)

    [task] = all_tasks(desk)
    assert (task.what, task.state) == ("callback", "open")


def test_timer_of_a_lead_that_moved_on_is_dropped(
    desk: Desk, clock: FixedClock, tasks: FakeTasks
) -> None:
    form(desk)
    engine.run(desk)
    clock.advance(5 * MINUTE)
    call(desk, "attempt", direction="out")
    engine.run(desk)
    clock.advance(11 * MINUTE)

    late = [timer for timer in follow_ups(desk) if timer.due_at <= clock.now()]
    asked = len(tasks.queued)
    outcomes = {timers.fire(desk, timer.id) for timer in late}

    assert outcomes == {"dropped"}
    assert len(tasks.queued) == asked, "nothing happened that anybody must be woken for"


def test_timer_fired_twice_acts_once(desk: Desk, clock: FixedClock) -> None:
    form(desk)
    engine.run(desk)
    [name] = [timer.id for timer in follow_ups(desk)]
    clock.advance(15 * MINUTE)

    assert [timers.fire(desk, name), timers.fire(desk, name)] == ["fired", "done"]
    assert len(all_tasks(desk)) == 1


def test_timer_called_too_early_is_repeated_by_the_queue(desk: Desk) -> None:
    form(desk)
    engine.run(desk)
    [name] = [timer.id for timer in follow_ups(desk)]

    with pytest.raises(Transient):
        timers.fire(desk, name)


def test_deferred_lead_wakes_at_its_date_as_a_repeat(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    clock.advance(5 * MINUTE)
    call(desk, "talk", talk_s=60)
    who = leads.Actor(kind="staff", id="st_viktor", role="head")
    wish = leads.Move(to="def", wake_at=clock.now() + timedelta(days=40))
    leads.move(desk, who, stored.lead_id or "", wish, cause="test")
    engine.run(desk)
    clock.advance(timedelta(days=20))
    assert planning.promote(desk) == 1

    clock.advance(timedelta(days=30))  # the date is in the holidays of the New Year
    fire_due(desk)

    woken = lead(desk, stored)
    assert (woken.stage, woken.repeat) == ("new", True)


def test_drain_repeated_after_a_crash_changes_nothing(desk: Desk, clock: FixedClock) -> None:
    form(desk)
    call(desk, "missed1")
    engine.run(desk)
    before = len(all_tasks(desk)), len(list(desk.store.query(Query("timers"))))
    desk.store.run(lambda tx: tx.delete("checkpoints", "automation"))

    engine.run(desk)

    assert (len(all_tasks(desk)), len(list(desk.store.query(Query("timers"))))) == before


def test_tick_wakes_consumers_that_lag(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> None:
    form(desk)
    tasks.queued.clear()
    clock.advance(10 * MINUTE)

    assert engine.tick(desk)["lagging"] == len(CONSUMERS)
    assert {task.path for task in tasks.queued} >= {"/automation/task/drain", "/sync/drain/sheets"}


def test_due_times_are_spelled_so_that_text_sorts_as_time() -> None:
    moments = [datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in range(3)]
    moments.append(moments[0].replace(microsecond=1))

    assert sorted(map(spell, moments)) == [spell(moment) for moment in sorted(moments)]


def test_step_with_a_subtask_does_not_hold_up_the_log(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    engine.run(desk)
    clock.advance(15 * MINUTE)
    fire_due(desk)
    [step] = all_tasks(desk)
    part = step.model_copy(update={"id": "tk_part", "parent_id": step.id, "setter_id": "st_anna"})
    desk.store.run(lambda tx: tx.create("tasks", part.id, part.model_dump(mode="json")))
    clock.advance(3 * MINUTE)
    call(desk, "talk", direction="out", talk_s=60)

    engine.run(desk)

    states = {task.id: task.state for task in all_tasks(desk)}
    assert (states[step.id], states[part.id]) == ("done", "open")
    assert lead(desk, stored).stage == "c1"


def test_urgent_lead_reaches_the_head_in_half_the_time(desk: Desk, clock: FixedClock) -> None:
    stored = form(desk)
    urgent = lead(desk, stored).model_copy(update={"priority": 2})
    desk.store.run(lambda tx: tx.put("leads", urgent.id, urgent.model_dump(mode="json")))
    engine.run(desk)
    clock.advance(15 * MINUTE)
    fire_due(desk)
    clock.advance(8 * MINUTE)
    fire_due(desk)

    assert "notice_overdue" in {notice.code for notice in notices(desk)}
