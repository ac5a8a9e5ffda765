"""The page of queued calls."""

from datetime import UTC, datetime

from onebox.taskpage import as_json, render
from onebox.tasks.page import Row, RowState

DUE = datetime(2026, 11, 23, 6, 15, tzinfo=UTC)


def row(**changes):
    usual = {
        "queue": "timers",
        "name": "tm_1",
        "path": "/automation/task/timer",
        "due": DUE,
        "attempts": 2,
        "last": "HTTP 503",
        "state": RowState.RETRYING,
    }
    return Row(**{**usual, **changes})


def test_page_shows_local_time_and_state_in_words():
    page = render([row()], DUE, "Europe/Moscow", "ru")

    assert "23.11 09:15:00" in page
    assert "повторится" in page
    assert "/automation/task/timer" in page


def test_page_of_an_empty_queue_says_so():
    assert "Nothing waits." in render([], DUE, "Europe/Moscow", "en")


def test_foreign_text_in_a_path_stays_text():
    page = render([row(path="/<script>", last="<img>")], DUE, "Europe/Moscow", "ru")

    assert "<script>" not in page
    assert "<img>" not in page


def test_json_row_has_no_enum_and_no_datetime():
    assert as_json(row())["state"] == "retrying"
    assert as_json(row())["due"] == "2026-11-23T06:15:00+00:00"
