import threading
from datetime import timedelta

from tests.onebox.tasks.runner_fakes import MINUTE, START, queue, task, wait_until

from onebox.tasks.page import RowState, rows


def test_rows_show_failed_then_waiting_by_due_time(open_box, worker):
    worker.plans["/bad"] = [(500, {})]
    box = open_box(queues=[queue("q"), queue("one", attempts=1)])
    box.store.create(task("late", START + 9 * MINUTE, "/sync/drain/sheets"))
    box.store.create(task("soon", START + 5 * MINUTE))
    box.store.create(task("bad", START + MINUTE, "/bad", queue="one"))
    box.runner.travel(worker.clock, START + 2 * MINUTE)
    failed, soon, late = box.rows()
    assert (failed.queue, failed.name, failed.path) == ("one", "bad", "/bad")
    assert (failed.state, failed.attempts, failed.last) == (RowState.FAILED, 1, "HTTP 500")
    assert (soon.name, soon.state, soon.attempts, soon.last) == ("soon", RowState.WAITING, 0, "")
    assert (late.path, late.due) == ("/sync/drain/sheets", START + 9 * MINUTE)


def test_retried_and_paused_tasks_are_marked(open_box, worker):
    worker.plans["/call"] = [(503, {"Retry-After": "600"})]
    box = open_box(queues=[queue("q"), queue("p")])
    box.store.create(task("again", START + MINUTE))
    box.store.create(task("held", START + MINUTE, queue="p"))
    box.api.handle("POST", f"/v2/{queue('p').name}:pause", {}, b"{}")
    box.runner.travel(worker.clock, START + 2 * MINUTE)
    held, again = box.rows()
    assert held.state == RowState.PAUSED
    assert (again.state, again.last) == (RowState.RETRYING, "HTTP 503")
    assert again.due == START + MINUTE + timedelta(seconds=600)


def test_running_task_is_marked(open_box, worker):
    release = threading.Event()
    worker.on["/call"] = lambda: release.wait(5)
    box = open_box()
    box.store.create(task("t"))
    box.runner.start()
    worker.wait_for(1)
    assert [row.state for row in box.rows()] == [RowState.RUNNING]
    release.set()
    wait_until(lambda: box.rows() == [])


def test_long_queues_are_cut(open_box):
    box = open_box()
    for number in range(5):
        box.store.create(task(f"t{number}", START + number * MINUTE))
    assert [row.name for row in rows(box.store, (), limit=2)] == ["t0", "t1"]
