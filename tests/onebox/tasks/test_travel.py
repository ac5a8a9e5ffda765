import time
from datetime import timedelta

import pytest
from tests.onebox.tasks.runner_fakes import MINUTE, START, queue, task, wait_until

from kartoteka.domain.errors import Invalid, KartotekaError, NotAllowed
from onebox.clock import BoxClock
from onebox.tasks import travel
from onebox.tasks.schedule import Every, Job

HOUR = timedelta(hours=1)
EVERY_MINUTE = Job("tick", "/tick", Every(MINUTE))


def moments(worker, path="/call"):
    return [hit.at - START for hit in worker.hits if hit.path == path]


def test_everything_due_on_the_way_fires_at_its_own_moment_in_order(open_box, worker):
    box = open_box(queues=[queue("a"), queue("b")])
    for minutes, line in ((50, "a"), (10, "b"), (30, "a"), (70, "b")):
        box.store.create(task(f"t{minutes}", START + minutes * MINUTE, queue=line))
    assert box.runner.travel(worker.clock, START + HOUR) == 3
    assert moments(worker) == [10 * MINUTE, 30 * MINUTE, 50 * MINUTE]
    assert START + HOUR <= worker.clock.now() < START + HOUR + MINUTE
    assert [found.id for found in box.store.head(queue("b").name, 9)] == ["t70"]


def test_tasks_created_on_the_way_join_in(open_box, worker):
    box = open_box()

    def create_next():
        if len(worker.hits) < 4:
            due = worker.clock.now() + 10 * MINUTE
            box.store.create(task(f"n{len(worker.hits)}", due))

    worker.on["/call"] = create_next
    box.store.create(task("n0", START + 10 * MINUTE))
    assert box.runner.travel(worker.clock, START + HOUR) == 4
    assert moments(worker) == [m * MINUTE for m in (10, 20, 30, 40)]


def test_failing_task_is_repeated_in_virtual_time_and_stops_nothing(open_box, worker):
    worker.plans["/bad"] = [(500, {})] * 50
    retry = {"attempts": 4, "min_backoff": 10 * MINUTE, "max_backoff": HOUR}
    box = open_box(queues=[queue(**retry)])
    box.store.create(task("bad", START + 10 * MINUTE, "/bad"))
    box.store.create(task("good", START + 45 * MINUTE))
    box.runner.travel(worker.clock, START + 3 * HOUR)
    assert moments(worker, "/bad") == [m * MINUTE for m in (10, 20, 40, 80)]
    assert moments(worker) == [45 * MINUTE]
    assert [failure.attempts for failure in box.store.failures(5)] == [4]


def test_task_without_pause_between_failures_still_lets_the_time_pass(open_box, worker):
    worker.plans["/bad"] = [(500, {})] * 50
    zero = timedelta(0)
    box = open_box(queues=[queue(attempts=20, min_backoff=zero, max_backoff=zero)])
    box.store.create(task("bad", START + MINUTE, "/bad"))
    assert box.runner.travel(worker.clock, START + HOUR) == 20


def test_minute_job_ticks_three_hours_in_order_with_the_tasks(open_box, worker):
    box = open_box(jobs=[EVERY_MINUTE])
    box.store.create(task("t", START + 90 * MINUTE + timedelta(seconds=30)))
    assert box.runner.travel(worker.clock, START + 3 * HOUR) == 181
    assert moments(worker, "/tick") == [m * MINUTE for m in range(1, 181)]
    assert worker.hits[90].path == "/call"


def test_sweep_of_an_idle_stretch_runs_each_half_hour_and_minutely_again_around_a_task(
    open_box, worker
):
    box = open_box(jobs=[Job("tick", "/tick", Every(MINUTE), sweep=True)])
    box.store.create(task("t", START + 37 * MINUTE + timedelta(seconds=30)))

    box.runner.travel(worker.clock, START + HOUR)

    assert moments(worker, "/tick") == [m * MINUTE for m in (1, 30, 38, 60)]
    assert box.runner._schedule.next(())[0] == START + 61 * MINUTE


def test_counting_that_a_sweep_asked_for_wakes_no_further_sweep(open_box, worker):
    box = open_box(jobs=[Job("tick", "/tick", Every(MINUTE), sweep=True)])
    box.store.create(task("c", START + 37 * MINUTE + timedelta(seconds=30), "/sync/drain/stats"))

    box.runner.travel(worker.clock, START + HOUR)

    assert moments(worker, "/tick") == [m * MINUTE for m in (1, 30, 60)]
    assert len(moments(worker, "/sync/drain/stats")) == 1


def test_failing_job_does_not_stop_the_travel(open_box, worker):
    worker.plans["/tick"] = [(500, {})] * 2
    box = open_box(jobs=[Job("tick", "/tick", Every(30 * MINUTE))])
    box.runner.travel(worker.clock, START + HOUR)
    assert moments(worker, "/tick") == [m * MINUTE for m in (30, 31, 32, 60)]


def test_paused_queue_is_left_alone(open_box, worker):
    box = open_box()
    box.store.create(task("t", START + MINUTE))
    box.api.handle("POST", f"/v2/{queue().name}:pause", {}, b"{}")
    assert box.runner.travel(worker.clock, START + HOUR) == 0


def test_dispatcher_runs_on_after_the_travel(open_box, worker):
    box = open_box()
    box.runner.start()
    box.store.create(task("way", START + MINUTE))
    box.runner.travel(worker.clock, START + HOUR)
    box.store.create(task("after", worker.clock.now()))
    box.runner.wake()
    assert [hit.name for hit in worker.wait_for(2)] == ["way", "after"]
    wait_until(lambda: box.store.count() == 0)


def test_time_stands_still_while_a_call_takes_long(open_box, worker):
    box = open_box()
    worker.on["/call"] = lambda: time.sleep(0.005)
    for name in "ab":
        box.store.create(task(name, START + MINUTE))
    box.runner.travel(worker.clock, START + HOUR)
    assert moments(worker) == [MINUTE, MINUTE]


def test_travel_into_the_past_is_refused_and_fires_nothing(open_box, worker):
    box = open_box()
    box.store.create(task("t", START - HOUR))
    with pytest.raises(Invalid, match="never goes back"):
        box.runner.travel(worker.clock, START - MINUTE)
    assert worker.hits == []


def test_travel_on_real_time_is_refused(open_box):
    with pytest.raises(NotAllowed, match="--clock"):
        open_box().runner.travel(BoxClock(), START + 1000 * HOUR)


def test_work_that_recreates_itself_at_one_moment_is_reported(open_box, worker, monkeypatch):
    monkeypatch.setattr(travel, "MOST_AT_ONE_MOMENT", 20)
    box = open_box()
    worker.on["/call"] = lambda: box.store.create(task(f"n{len(worker.hits)}", worker.clock.now()))
    box.store.create(task("n0", START + MINUTE))
    with pytest.raises(KartotekaError, match="creates itself again"):
        box.runner.travel(worker.clock, START + HOUR)
    assert worker.clock.now() < START + 2 * MINUTE
