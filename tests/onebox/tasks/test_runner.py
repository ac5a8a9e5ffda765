import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.onebox.tasks.runner_fakes import BASE_URL, LOCATION, START, queue, task, wait_until

from onebox.tasks.calls import HttpPost
from onebox.tasks.model import Oidc, RateLimits
from onebox.tasks.schedule import Every, Job

QUEUE = f"{LOCATION}/queues/q"


def add(box, *names, queue="q", **changes):
    """Create tasks that are due now, as the API does."""
    for name in names:
        fresh = replace(task(name, box.clock_now(), queue=queue), **changes)
        assert box.store.create(fresh)
    box.runner.wake()


@pytest.fixture
def box(open_box, worker):
    def make(**options):
        opened = open_box(**options)
        opened.clock_now = worker.clock.now
        opened.runner.start()
        return opened

    return make


def test_due_task_is_called_within_20_ms_and_is_gone(box, worker):
    opened = box()
    waits = []
    for number in range(5):
        started = time.perf_counter()
        add(opened, f"t{number}")
        while len(worker.hits) <= number:
            time.sleep(0.0005)
        waits.append(time.perf_counter() - started)
    assert min(waits) < 0.02
    wait_until(lambda: opened.store.count() == 0)


def test_call_carries_body_headers_and_identity(box, worker):
    opened = box()
    headers = {"Content-Type": "application/json"}
    identity = Oidc("tasks@box", "https://here")
    add(opened, "t", body=b'{"a":1}', headers=headers, oidc=identity)
    (hit,) = worker.wait_for(1)
    assert hit.body == b'{"a":1}'
    assert hit.headers["Authorization"] == "Bearer tasks@box|https://here"
    assert hit.headers["Content-Type"] == "application/json"
    assert hit.headers["User-Agent"] == "Google-Cloud-Tasks"
    assert hit.headers["X-CloudTasks-QueueName"] == "q"
    assert hit.headers["X-CloudTasks-TaskName"] == "t"
    assert hit.headers["X-CloudTasks-TaskRetryCount"] == "0"
    assert hit.headers["X-CloudTasks-TaskExecutionCount"] == "0"
    assert float(hit.headers["X-CloudTasks-TaskETA"]) >= START.timestamp()
    assert "X-CloudTasks-TaskPreviousResponse" not in hit.headers


def test_dispatch_deadline_of_the_task_limits_the_call(box, worker):
    add(box(), "t", deadline=timedelta(seconds=20))
    worker.wait_for(1)
    assert worker.timeouts == [20.0]


def test_failed_task_is_repeated_and_told_about_it(box, worker):
    worker.plans["/call"] = [(503, {}), (409, {})]
    opened = box(queues=[queue(doublings=0)])
    add(opened, "t")
    first, second, third = worker.wait_for(3)
    assert second.headers["X-CloudTasks-TaskRetryCount"] == "1"
    assert second.headers["X-CloudTasks-TaskExecutionCount"] == "0"
    assert second.headers["X-CloudTasks-TaskPreviousResponse"] == "503"
    assert third.headers["X-CloudTasks-TaskExecutionCount"] == "1"
    assert third.headers["X-CloudTasks-TaskRetryReason"] == "HTTP 409"
    assert first.at < second.at < third.at


def test_worker_that_does_not_answer_is_tried_again(box, worker):
    def refuse():
        if len(worker.hits) == 1:
            raise httpx.ConnectError("nobody there")

    worker.on["/call"] = refuse
    add(box(), "t")
    _, second = worker.wait_for(2)
    assert second.headers["X-CloudTasks-TaskPreviousResponse"] == "0"
    assert second.headers["X-CloudTasks-TaskRetryReason"] == "no answer: ConnectError"


def test_later_task_waits_for_its_time(box, worker):
    opened = box()
    add(opened, "later", due=worker.clock.now() + timedelta(seconds=0.15))
    add(opened, "now")
    assert [hit.name for hit in worker.wait_for(2)] == ["now", "later"]
    assert worker.hits[1].at >= worker.hits[0].at + timedelta(seconds=0.1)


def test_queue_of_a_single_writer_never_runs_two_at_once(box, worker):
    worker.on["/call"] = lambda: time.sleep(0.003)
    opened = box(queues=[queue(concurrent=1)])
    add(opened, *(f"t{n}" for n in range(12)))
    worker.wait_for(12)
    wait_until(lambda: opened.store.count() == 0)
    assert worker.busiest == 1


def test_crowded_queue_does_not_starve_another(box, worker):
    worker.on["/call"] = lambda: time.sleep(0.002)
    opened = box(queues=[queue("crowd"), queue("q")])
    with opened.runner._gate:
        add(opened, *(f"c{n}" for n in range(60)), queue="crowd")
        add(opened, "quiet")
    worker.wait_for(61)
    assert [hit.name for hit in worker.hits].index("quiet") < 20


def test_slow_task_does_not_hold_other_queues(box, worker):
    release = threading.Event()
    worker.on["/slow"] = lambda: release.wait(5)
    opened = box(queues=[queue("slow", concurrent=1), queue("q")])
    add(opened, "s", queue="slow", url=f"{BASE_URL}/slow")
    worker.wait_for(1)
    add(opened, "t")
    worker.wait_for(2)
    assert opened.runner.running() >= {f"{LOCATION}/queues/slow/tasks/s"}
    release.set()


def test_dispatch_rate_of_the_queue_is_kept(box, worker):
    slow = replace(queue(), rate=RateLimits(per_second=20.0))
    opened = box(queues=[slow])
    started = time.monotonic()
    add(opened, *(f"t{n}" for n in range(24)))
    worker.wait_for(24)
    # A burst of 20 at once, then one each 50 ms.
    assert time.monotonic() - started > 0.15


def test_paused_queue_waits_and_resumes(box, worker):
    opened = box()
    opened.api.handle("POST", f"/v2/{QUEUE}:pause", {}, b"{}")
    add(opened, "t")
    time.sleep(0.03)
    assert worker.hits == []
    opened.api.handle("POST", f"/v2/{QUEUE}:resume", {}, b"{}")
    worker.wait_for(1)


def test_run_calls_a_later_task_of_a_paused_queue_at_once(box, worker):
    opened = box()
    opened.api.handle("POST", f"/v2/{QUEUE}:pause", {}, b"{}")
    add(opened, "t", due=worker.clock.now() + timedelta(days=3))
    opened.api.handle("POST", f"/v2/{QUEUE}/tasks/t:run", {}, b"{}")
    worker.wait_for(1)
    wait_until(lambda: opened.store.count() == 0)


def test_exhausted_task_stays_visible_as_failed(box, worker):
    worker.plans["/call"] = [(500, {}), (500, {})]
    opened = box(queues=[queue(attempts=2)])
    add(opened, "t")
    wait_until(lambda: len(opened.store.failures(5)) == 1)
    assert len(worker.hits) == 2
    assert opened.store.failures(5)[0].reason == "HTTP 500"


def test_deleted_task_is_not_called(box, worker):
    opened = box()
    with opened.runner._gate:
        add(opened, "gone", "kept", due=worker.clock.now() + timedelta(seconds=0.05))
        opened.api.handle("DELETE", f"/v2/{QUEUE}/tasks/gone", {}, b"")
    assert [hit.name for hit in worker.wait_for(1)] == ["kept"]
    wait_until(lambda: opened.store.count() == 0)
    assert len(worker.hits) == 1


def test_waiting_tasks_run_after_a_restart(open_box, worker):
    before = open_box()
    before.store.create(task("t"))
    before.stop()
    open_box().runner.start()
    assert worker.wait_for(1)[0].name == "t"


def test_periodic_job_is_called_with_the_identity_of_the_box(box, worker):
    tick = Job("tick", "/automation/tick", Every(timedelta(seconds=0.05)))
    box(jobs=[tick])
    first, second = worker.wait_for(2)[:2]
    assert first.path == "/automation/tick"
    assert first.headers["Authorization"] == f"Bearer jobs@box|{BASE_URL}"
    assert first.headers["X-CloudScheduler-JobName"] == "tick"
    assert first.at < second.at


def test_idle_runner_uses_no_processor_time(box):
    box()
    assert min(effort_of_a_pause() for _ in range(5)) < 0.02


def effort_of_a_pause() -> float:
    before = time.process_time()
    time.sleep(0.1)
    return time.process_time() - before


CRASHING = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], *sys.argv[3].split(os.pathsep)]
from onebox.clock import BoxClock
from tests.onebox.tasks.runner_fakes import START, FakeWorker, queue, runner, task
worker = FakeWorker(BoxClock(START))
worker.on["/call"] = lambda: os.kill(os.getpid(), signal.SIGKILL)
box = runner(Path(sys.argv[1]), worker)
box.store.create(task("t"))
box.runner.start()
signal.pause()
"""


def test_task_cut_off_by_kill_9_runs_again(tmp_path, open_box, worker):
    here, paths = str(Path(__file__).parent), os.pathsep.join(sys.path)
    crashed = subprocess.run(
        [sys.executable, "-c", CRASHING, str(tmp_path), here, paths], timeout=20, check=False
    )
    assert crashed.returncode == -signal.SIGKILL
    open_box().runner.start()
    (hit,) = worker.wait_for(1)
    assert (hit.name, hit.headers["X-CloudTasks-TaskRetryCount"]) == ("t", "1")


def test_stop_waits_for_the_call_under_way(box, worker):
    done = []
    worker.on["/call"] = lambda: (time.sleep(0.05), done.append(1))
    opened = box()
    add(opened, "t")
    worker.wait_for(1)
    assert opened.runner.alive()
    opened.runner.stop()
    assert not opened.runner.alive()
    assert done == [1]
    assert opened.store.count() == 0


def test_http_post_sends_what_it_is_given():
    seen = []

    def answer(request):
        seen.append((request.method, request.headers["x-a"], request.content))
        return httpx.Response(429, headers={"Retry-After": "7"})

    post = HttpPost(httpx.Client(transport=httpx.MockTransport(answer)))
    status, headers = post("http://box/call", {"X-A": "1"}, json.dumps({}).encode(), 5.0)
    post.close()
    assert (status, headers["retry-after"]) == (429, "7")
    assert seen == [("POST", "1", b"{}")]
