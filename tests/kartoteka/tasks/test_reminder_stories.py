"""Reminders, series and notices as time passes; E5, E6, B13."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kartoteka.tasks.task_desk import ANNA, BORIS, DAY, HOUR, MINUTE, OLGA, VERA, VIKTOR, Work

from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.ids import TaskId
from kartoteka.domain.model import Notice, Task, Timer
from kartoteka.domain.tasks_rules import reminder_moments
from kartoteka.ports import Query

MOSCOW = ZoneInfo("Europe/Moscow")
REMINDERS = {"notice_soon", "notice_due"}


def personal(work: Work, **given) -> Task:
    return work.task(ANNA, personal=True, **given)


def reminded(work: Work) -> list[str]:
    return [code for code in work.notices(ANNA) if code in REMINDERS]


def test_task_reminds_a_day_and_half_an_hour_before_and_when_due(work: Work) -> None:
    task = personal(work, due=work.after(2 * DAY + HOUR))
    work.jumps(DAY + HOUR)
    assert reminded(work) == ["notice_soon"]
    work.jumps(DAY - 30 * MINUTE)
    assert reminded(work) == ["notice_soon"] * 2
    work.jumps(30 * MINUTE)

    assert reminded(work) == ["notice_soon", "notice_soon", "notice_due"]
    assert work.read(task).state == "open"


def test_closed_task_reminds_nobody(work: Work) -> None:
    task = personal(work, due=work.after(HOUR))
    work.settle()
    work.do(ANNA, "task.finish", task=task.id)
    work.jumps(DAY)

    assert reminded(work) == []


def test_moved_deadline_moves_its_reminders(work: Work) -> None:
    task = personal(work, due=work.after(HOUR), reminders=[0])
    work.settle()
    work.do(ANNA, "task.edit", task=task.id, due=work.after(3 * HOUR))
    work.jumps(2 * HOUR)
    assert reminded(work) == []

    work.jumps(HOUR)

    assert reminded(work) == ["notice_due"]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ((2026, 11, 24, 15), ["11-23 15:00", "11-24 14:30", "11-24 15:00"]),
        ((2026, 11, 24, 9), ["11-23 09:00", "11-24 09:00"]),
        ((2026, 11, 24, 21, 15), ["11-24 09:00", "11-24 20:45", "11-25 09:00"]),
        ((2026, 11, 24, 3), ["11-23 09:00", "11-24 09:00"]),
    ],
)
def test_night_moves_reminders_to_nine(due, expected) -> None:
    moments = reminder_moments(a_task(datetime(*due, tzinfo=MOSCOW)), "Europe/Moscow")

    assert [f"{item.astimezone(MOSCOW):%m-%d %H:%M}" for item in sorted(moments)] == expected


def a_task(due: datetime, reminders: tuple[int, ...] = (1440, 30, 0)) -> Task:
    return Task(
        id=TaskId("tk"), what="other", title="x", due_at=due, reminders=reminders, created_at=due
    )


@settings(max_examples=80, deadline=None)
@given(
    after=st.integers(0, 365 * 24 * 60),
    minutes=st.lists(st.integers(0, 3_000), min_size=1, max_size=6, unique=True),
)
def test_no_reminder_comes_at_night_or_more_than_half_a_day_late(after, minutes) -> None:
    due = datetime(2026, 1, 1, tzinfo=MOSCOW) + after * MINUTE
    moments = reminder_moments(a_task(due, tuple(minutes)), "Europe/Moscow")

    assert 1 <= len(moments) <= len(minutes)
    for moment, before in moments.items():
        assert 9 <= moment.astimezone(MOSCOW).hour < 21
        late = moment - (due - timedelta(minutes=before))
        assert timedelta(0) <= late <= timedelta(hours=12)


def test_repeating_task_comes_again_when_it_is_done_and_only_once(work: Work) -> None:
    first = personal(work, repeats="FREQ=DAILY", priority=3)
    work.do(ANNA, "task.finish", task=first.id)
    work.do(ANNA, "task.finish", task=first.id)
    work.jumps(3 * HOUR)

    [second] = [task for task in work.tasks() if task.state == "open"]
    assert second.due_at == first.due_at + DAY
    assert (second.series_id, second.priority, second.comments) == (first.id, 3, ())


def test_repeating_task_that_nobody_did_comes_again_at_its_due_time(work: Work) -> None:
    first = personal(work, repeats="FREQ=DAILY;COUNT=3")
    for _ in range(5):
        work.jumps(DAY)

    slots = sorted(task.due_at - first.due_at for task in work.tasks())
    assert slots == [timedelta(0), DAY, 2 * DAY]


def test_times_missed_while_nobody_looked_are_not_piled_up(work: Work) -> None:
    first = personal(work, repeats="FREQ=DAILY")
    work.desk.clock.advance(10 * DAY)
    work.do(ANNA, "task.finish", task=first.id)

    [second] = [task for task in work.tasks() if task.state == "open"]
    assert second.due_at == first.due_at + 10 * DAY


def test_cancelled_task_ends_its_series(work: Work) -> None:
    first = personal(work, repeats="FREQ=DAILY")
    work.settle()
    work.do(ANNA, "task.cancel", task=first.id)
    work.jumps(3 * DAY)

    assert [task.state for task in work.tasks()] == ["cancelled"]


def test_owner_hears_of_a_new_lead_at_once_again_and_then_the_head(work: Work) -> None:
    work.do(OLGA, "sla.set", first_minutes=30)
    work.form(owner=ANNA)
    work.settle()
    assert work.notices(ANNA) == ["notice_new_lead"]
    work.passes(5 * MINUTE)
    assert work.notices(ANNA) == ["notice_new_lead", "notice_again"]
    assert work.notices(VIKTOR) == []

    work.passes(10 * MINUTE)

    assert work.notices(VIKTOR) == ["notice_unseen"]


def test_request_that_nobody_saw_or_answered_in_time_is_one_notice_for_each(work: Work) -> None:
    work.form(owner=ANNA)
    for _ in range(5):
        work.passes(3 * MINUTE)
    before = sorted(work.notices(ANNA))
    work.passes(1 * MINUTE)

    assert before == [
        "notice_again",
        "notice_first_contact",
        "notice_new_lead",
        "notice_sla_first_soon",
    ]
    assert sorted(work.notices(ANNA)) == before
    assert work.notices(VIKTOR) == ["notice_sla_first_late"]


def notice(work: Work, code: str) -> Notice:
    found = (Notice.model_validate(hit.doc) for hit in work.desk.store.query(Query("notices")))
    return next(item for item in found if item.code == code)


@pytest.mark.parametrize("code", ["notice_new_lead", "notice_again"])
def test_seen_notice_goes_no_further(work: Work, code) -> None:
    work.form(owner=ANNA)
    work.passes(6 * MINUTE)
    seen = work.do(ANNA, "notice.seen", notice=notice(work, code).id)
    assert seen.seen_at == work.desk.now()

    work.passes(10 * MINUTE)

    assert "notice_unseen" not in work.notices(VIKTOR)


def test_notice_is_seen_by_its_own_person_only(work: Work) -> None:
    work.form(owner=ANNA)
    work.settle()
    for who in (BORIS, VIKTOR):
        with pytest.raises(NotAllowed) as refused:
            work.do(who, "notice.seen", notice=notice(work, "notice_new_lead").id)
        assert refused.value.code == "notice_foreign"


def test_lead_in_work_is_not_reported_as_unseen(work: Work) -> None:
    work.form(owner=ANNA)
    work.passes(2 * MINUTE)
    work.calls(direction="out", talk=30)
    work.passes(20 * MINUTE)

    assert work.notices(ANNA) == ["notice_new_lead"]
    assert "notice_unseen" not in work.notices(VIKTOR)


def test_night_lead_is_escalated_in_the_morning(work: Work) -> None:
    work.desk.clock.advance(14 * HOUR)  # 23:00
    work.form(owner=ANNA)
    work.settle()

    due = [
        Timer.model_validate(hit.doc).due_at.astimezone(MOSCOW)
        for hit in work.desk.store.query(Query("timers"))
        if str(hit.doc["rule"]).startswith("unseen")
    ]

    assert sorted(f"{moment:%d %H:%M}" for moment in due) == ["24 09:05", "24 09:15"]


def test_who_talked_with_the_client_needs_no_notice(work: Work) -> None:
    work.calls(talk=60, direction="in")
    work.settle()

    assert work.notices(ANNA) == []


def test_new_owner_is_told_who_took_it_is_not(work: Work) -> None:
    lead = work.form(owner=ANNA).lead_id
    work.settle()
    work.do(VIKTOR, "lead.assign", lead=lead, owner=VERA.id)
    work.settle()

    assert work.notices(VERA) == ["notice_lead_given"]
    assert "notice_lead_gone" in work.notices(ANNA)
