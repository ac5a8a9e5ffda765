import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.onebox.tasks.runner_fakes import LOCATION, START, queue, task

from onebox.tasks.commits import GroupCommit
from onebox.tasks.errors import StoreBroken
from onebox.tasks.model import TOMBSTONE, Oidc, Outcome, RetryConfig
from onebox.tasks.store import TaskStore

DOWN = Outcome(503, "HTTP 503")


@pytest.fixture
def opened(tmp_path):
    store = TaskStore(tmp_path / "tasks.sqlite3")
    store.put_queue(queue())
    yield store
    store.close()


def attempt(store, name, outcome, at=START):
    """One attempt of a waiting task, begun and ended at the same moment."""
    (begun,) = store.begin([store.get(f"{LOCATION}/queues/q/tasks/{name}")], at)
    store.finish(begun, outcome, at)
    return store.get(begun.name)


def test_task_is_read_back_as_it_was_written(opened):
    whole = replace(
        task("t"),
        headers={"Content-Type": "application/json"},
        body=b"\x00\xff",
        oidc=Oidc("a@b", "https://x"),
        deadline=timedelta(seconds=20),
        retry=RetryConfig(attempts=3, duration=timedelta(seconds=1.5)),
        due=START + timedelta(microseconds=1),
    )
    opened.create(whole)
    assert opened.get(whole.name) == whole


def test_everything_is_there_after_a_restart(tmp_path):
    first = TaskStore(tmp_path / "tasks.sqlite3")
    first.put_queue(queue(attempts=5))
    first.create(task("t"))
    first.close()
    second = TaskStore(tmp_path / "tasks.sqlite3")
    assert second.queues() == {queue().name: queue(attempts=5)}
    assert second.get(task("t").name) == task("t")
    second.close()


def test_finished_name_stays_used_for_a_day(opened):
    opened.create(task("t"))
    assert attempt(opened, "t", Outcome(200)) is None
    assert not opened.create(task("t", START + TOMBSTONE - timedelta(seconds=1)))
    assert opened.create(task("t", START + TOMBSTONE))


def test_old_tombstones_are_swept_away(opened, tmp_path):
    for number in range(30):
        opened.create(task(f"old{number}"))
        opened.delete(task(f"old{number}").name, START)
    later = START + TOMBSTONE + timedelta(hours=1)
    for number in range(3):
        opened.create(task(f"new{number}", later))
        opened.delete(task(f"new{number}").name, later)
    with sqlite3.connect(tmp_path / "tasks.sqlite3") as db:
        left = {name[-4:-1] for (name,) in db.execute("SELECT name FROM tombstones")}
    db.close()
    assert left == {"new"}


def test_failed_attempt_is_repeated_after_the_pause(opened):
    opened.create(task("t"))
    again = attempt(opened, "t", DOWN)
    assert again.due == START + timedelta(seconds=0.1)
    assert (again.dispatches, again.responses, again.executions) == (1, 1, 0)
    assert (again.status, again.reason) == (503, "HTTP 503")


def test_answer_of_the_handler_counts_as_an_execution(opened):
    opened.create(task("t"))
    assert attempt(opened, "t", Outcome(409, "HTTP 409")).executions == 1


def test_no_answer_counts_neither_as_response_nor_as_execution(opened):
    opened.create(task("t"))
    again = attempt(opened, "t", Outcome(0, "no answer: ConnectError"))
    assert (again.responses, again.executions, again.last_response) == (0, 0, None)


def test_longer_retry_after_wins_over_the_pause(opened):
    opened.create(task("t"))
    asked = Outcome(429, "HTTP 429", timedelta(seconds=30))
    assert attempt(opened, "t", asked).due == START + timedelta(seconds=30)


def test_exhausted_task_is_deleted_and_recorded_as_failed(opened):
    opened.put_queue(queue(attempts=2))
    opened.create(task("t"))
    attempt(opened, "t", DOWN)
    assert attempt(opened, "t", DOWN) is None
    (failure,) = opened.failures(10)
    assert (failure.name, failure.attempts, failure.status) == (task("t").name, 2, 503)
    assert not opened.create(task("t"))


def test_retry_of_the_task_overrides_the_queues(opened):
    opened.create(replace(task("t"), retry=RetryConfig(attempts=1)))
    assert attempt(opened, "t", DOWN) is None


def test_task_deleted_while_it_runs_is_not_recorded_as_failed(opened):
    opened.put_queue(queue(attempts=1))
    opened.create(task("t"))
    (begun,) = opened.begin([opened.get(task("t").name)], START)
    opened.delete(begun.name, START)
    opened.finish(begun, DOWN, START)
    assert opened.failures(10) == []


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=12))
def test_head_is_in_order_of_due_time_then_of_creation(tmp_path_factory, plan):
    store = TaskStore(tmp_path_factory.mktemp("head") / "tasks.sqlite3")
    for number, (minute, line) in enumerate(plan):
        store.create(task(f"t{number}", START + timedelta(minutes=minute), queue=line))
    seen = [found.id for found in store.head(f"{LOCATION}/queues/a", 100)]
    wanted = sorted((m, n) for n, (m, line) in enumerate(plan) if line == "a")
    store.close()
    assert seen == [f"t{number}" for _, number in wanted]


def test_one_of_many_creators_of_a_name_wins(opened):
    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(lambda _: opened.create(task("same")), range(24)))
    assert wins.count(True) == 1


def test_failing_disk_is_reported_to_every_waiting_writer(tmp_path):
    commits = GroupCommit(tmp_path / "x.sqlite3", "CREATE TABLE t (a INTEGER NOT NULL)")
    with pytest.raises(StoreBroken):
        commits.write(lambda db: db.execute("INSERT INTO t VALUES (NULL)"))
    commits.write(lambda db: db.execute("INSERT INTO t VALUES (1)"))
    assert [row["a"] for row in commits.read("SELECT a FROM t")] == [1]
    commits.close()


def test_write_that_must_last_waits_for_the_disk_and_another_does_not(tmp_path):
    commits = GroupCommit(tmp_path / "x.sqlite3", "CREATE TABLE t (a INTEGER)")
    synced = []
    for lasting in (True, False, False, True):
        commits.write(lambda db: db.execute("INSERT INTO t VALUES (1)"), lasting=lasting)
        synced.append(commits.read("PRAGMA synchronous")[0][0])
    assert synced == [2, 1, 1, 2]
    assert len(commits.read("SELECT a FROM t")) == 4
    commits.close()


def test_parallel_writers_share_commits_and_lose_nothing(tmp_path):
    commits = GroupCommit(tmp_path / "x.sqlite3", "CREATE TABLE t (a INTEGER)")

    def add(value):
        commits.write(lambda db: db.execute("INSERT INTO t VALUES (?)", (value,)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    assert {row["a"] for row in commits.read("SELECT a FROM t")} == set(range(100))
    commits.close()


def test_first_task_of_several_queues_is_the_earliest_then_the_oldest(opened):
    other = replace(queue(), name=f"{LOCATION}/queues/other")
    opened.put_queue(other)
    late, early, twin = (
        replace(task(name), queue=where, name=f"{where}/tasks/{name}", due=START + after)
        for name, where, after in (
            ("late", queue().name, timedelta(seconds=2)),
            ("early", other.name, timedelta(seconds=1)),
            ("twin", queue().name, timedelta(seconds=1)),
        )
    )
    for waiting in (late, early, twin):
        opened.create(waiting)
    assert opened.first([queue().name, other.name]) == early
    assert opened.first([queue().name]) == twin
    assert opened.first([]) is None


def test_forced_task_is_first_whatever_its_queue(opened):
    opened.create(replace(task("t"), due=START + timedelta(days=1)))
    opened.force(task("t").name, START)
    assert opened.first([]).name == task("t").name
