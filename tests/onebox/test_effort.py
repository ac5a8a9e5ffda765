"""Processor seconds of a box by part."""

import time

from onebox.effort import Effort, part_of


def worked(seconds):
    """Keep the processor busy for so long."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_path_names_the_part_it_works_for():
    paths = (
        "/automation/task/drain",
        "/automation/task/timer",
        "/automation/tick",
        "/ingest/form/web",
        "/sync/drain/sheets",
        "/sync/edits",
        "/onebox/clock",
    )
    parts = [part_of(path) for path in paths]
    assert parts == ["decisions", "timers", "ticks", "clients", "books", "books", "rest"]


def test_call_of_a_function_counts_for_its_part():
    effort = Effort()

    def function(_environ, _start):
        worked(0.06)
        return [b"done"]

    call = effort.measured(function)
    assert call({"PATH_INFO": "/automation/tick"}, None) == [b"done"]
    assert effort.seconds()["ticks"] == 0.1


def test_what_no_part_accounts_for_is_the_rest():
    effort = Effort()
    before = effort.seconds()
    with effort.spent_on("backups"):
        worked(0.1)
    told = effort.seconds()
    assert set(before) == {"rest"}
    assert told["backups"] == 0.1
    assert abs(told["backups"] + told["rest"] - time.process_time()) < 0.3
