from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.onebox.tasks.runner_fakes import MINUTE, START

from onebox.tasks.schedule import Daily, Every, Job, Monthly, Schedule
from onebox.tasks.store import TaskStore

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
ANY_MOMENT = st.integers(-3_000_000, 3_000_000).map(lambda n: START + timedelta(seconds=97 * n))


class Moment:
    def __init__(self, at=START):
        self.at = at

    def now(self):
        return self.at


@pytest.fixture
def kept(tmp_path):
    store = TaskStore(tmp_path / "tasks.sqlite3")
    yield store
    store.close()


def due(schedule):
    return schedule.next(())[0]


@given(ANY_MOMENT, st.integers(1, 100_000))
def test_every_is_later_and_at_a_whole_multiple(moment, seconds):
    step = timedelta(seconds=seconds)
    run = Every(step).after(moment)
    assert moment < run <= moment + step
    assert int(run.timestamp()) % seconds == 0


@given(ANY_MOMENT, st.times(), st.sampled_from([MOSCOW, BERLIN]))
def test_daily_is_later_and_within_a_day_and_a_clock_change(moment, at, zone):
    run = Daily(at, zone).after(moment)
    assert moment < run <= moment + timedelta(hours=25)


@given(ANY_MOMENT, st.integers(1, 28), st.times(), st.sampled_from([MOSCOW, BERLIN]))
def test_monthly_is_later_on_its_day_and_within_a_month(moment, day, at, zone):
    run = Monthly(day, at, zone).after(moment)
    assert moment < run <= moment + timedelta(days=31, hours=1)
    assert run == Daily(at, zone).after(run - timedelta(minutes=1))
    assert run.astimezone(zone).day == day


def test_monthly_refuses_a_day_that_some_months_lack():
    with pytest.raises(ValueError, match="1 to 28"):
        Monthly(29, time(3), MOSCOW)


def test_daily_is_at_the_local_time():
    assert Daily(time(3, 30), MOSCOW).after(START) == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert Daily(time(12, 1), MOSCOW).after(START) == START + MINUTE


def test_daily_follows_the_clock_change():
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    first = Daily(time(9, 0), BERLIN).after(before)
    assert first == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert Daily(time(9, 0), BERLIN).after(before - timedelta(days=1)).hour == 8


def test_step_of_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        Every(timedelta(0))


def test_new_job_is_due_at_its_next_time_not_at_once(kept):
    assert due(Schedule(kept, [Job("a", "/a", Every(MINUTE))], Moment())) == START + MINUTE


def test_job_missed_while_down_runs_once(kept):
    job = Job("a", "/a", Every(MINUTE))
    Schedule(kept, [job], Moment())
    later = START + timedelta(hours=5)
    again = Schedule(kept, [job], Moment(later))
    assert due(again) == START + MINUTE
    again.finished(job, later, ok=True)
    assert due(again) == later + MINUTE


def test_job_with_a_new_plan_is_planned_anew(kept):
    Schedule(kept, [Job("a", "/a", Every(MINUTE))], Moment())
    changed = Schedule(kept, [Job("a", "/a", Daily(time(8), MOSCOW))], Moment())
    assert due(changed) == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_failed_daily_job_is_repeated_after_a_minute(kept):
    job = Job("a", "/a", Daily(time(12), MOSCOW))
    schedule = Schedule(kept, [job], Moment())
    schedule.finished(job, START, ok=False)
    assert due(schedule) == START + MINUTE


def test_running_job_is_not_offered(kept):
    jobs = [Job("a", "/a", Every(MINUTE)), Job("b", "/b", Every(2 * MINUTE))]
    schedule = Schedule(kept, jobs, Moment())
    assert schedule.next({"a"})[1].name == "b"
    assert schedule.next({"a", "b"}) is None
