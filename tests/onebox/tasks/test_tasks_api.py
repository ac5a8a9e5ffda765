import base64
import json
from datetime import timedelta
from pathlib import Path

import googleapiclient
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.onebox.tasks.runner_fakes import LOCATION, START

from onebox.tasks.api import TasksApi
from onebox.tasks.store import TaskStore

QUEUES = f"/v2/{LOCATION}/queues"
QUEUE = f"{QUEUES}/q"
TASKS = f"{QUEUE}/tasks"
SCHEMAS = json.loads(
    (
        Path(googleapiclient.__file__).parent / "discovery_cache/documents/cloudtasks.v2.json"
    ).read_text()
)["schemas"]


class Moment:
    def __init__(self):
        self.at = START

    def now(self):
        return self.at


class Rest:
    """Calls the API as a client would and counts how often the runner was told."""

    def __init__(self, path):
        self.clock = Moment()
        self.woken = 0
        self.store = TaskStore(path)
        self.api = TasksApi(self.store, self.clock, self._wake)

    def _wake(self):
        self.woken += 1

    def __call__(self, method, path, data=None, **query):
        body = b"" if data is None else json.dumps(data).encode()
        return self.api.handle(method, path, query, body)

    def create(self, name="t1", **task):
        request = {"url": "http://127.0.0.1:9/call"} | task.pop("request", {})
        named = {"name": f"{LOCATION}/queues/q/tasks/{name}"} if name else {}
        return self("POST", TASKS, {"task": {**named, "httpRequest": request, **task}})


@pytest.fixture
def rest(tmp_path):
    opened = Rest(tmp_path / "tasks.sqlite3")
    opened("POST", QUEUES, {"name": f"{LOCATION}/queues/q"})
    yield opened
    opened.store.close()


def refused(answer, http, status):
    code, body = answer
    assert (code, body["error"]["code"], body["error"]["status"]) == (http, http, status)
    assert body["error"]["message"]
    return body["error"]["message"]


def check_shape(value, schema):
    """Every key exists in Google's description of the answer."""
    for key, inner in value.items():
        described = SCHEMAS[schema]["properties"][key]
        for item in inner if isinstance(inner, list) else [inner]:
            reference = described.get("$ref") or described.get("items", {}).get("$ref")
            if reference:
                check_shape(item, reference)


# Queues


def test_created_queue_has_googles_defaults(rest):
    status, queue = rest("GET", QUEUE)
    assert status == 200
    assert queue["state"] == "RUNNING"
    assert queue["rateLimits"]["maxConcurrentDispatches"] == 1000
    assert queue["retryConfig"]["maxAttempts"] == 100
    assert queue["retryConfig"]["maxBackoff"] == "3600s"
    check_shape(queue, "Queue")


def test_queue_created_twice_already_exists(rest):
    refused(rest("POST", QUEUES, {"name": f"{LOCATION}/queues/q"}), 409, "ALREADY_EXISTS")


@pytest.mark.parametrize("name", ["", "q", f"{LOCATION}/queues/a_b", f"{LOCATION}/queues/ъ"])
def test_bad_queue_name_is_refused(rest, name):
    refused(rest("POST", QUEUES, {"name": name}), 400, "INVALID_ARGUMENT")


def test_patch_with_a_mask_changes_only_the_named_field(rest):
    change = {"rateLimits": {"maxConcurrentDispatches": 1}, "retryConfig": {"maxAttempts": 7}}
    rest("PATCH", QUEUE, change, updateMask="rateLimits.maxConcurrentDispatches")
    _, queue = rest("GET", QUEUE)
    assert queue["rateLimits"]["maxConcurrentDispatches"] == 1
    assert queue["rateLimits"]["maxDispatchesPerSecond"] == 500
    assert queue["retryConfig"]["maxAttempts"] == 100


def test_patch_of_an_unknown_queue_creates_it(rest):
    assert rest("PATCH", f"{QUEUES}/new", {"retryConfig": {"maxAttempts": 5}})[0] == 200
    assert rest("GET", f"{QUEUES}/new")[1]["retryConfig"]["maxAttempts"] == 5


def test_patch_of_the_state_is_refused(rest):
    refused(rest("PATCH", QUEUE, {"state": "PAUSED"}, updateMask="state"), 400, "INVALID_ARGUMENT")


def test_pause_and_resume_change_the_state_and_wake_the_runner(rest):
    assert rest("POST", f"{QUEUE}:pause", {})[1]["state"] == "PAUSED"
    assert rest("POST", f"{QUEUE}:resume", {})[1]["state"] == "RUNNING"
    assert rest.woken == 2


def test_purge_deletes_the_tasks_and_keeps_their_names_used(rest):
    rest.create("t1")
    _, queue = rest("POST", f"{QUEUE}:purge", {})
    assert queue["purgeTime"] == "2026-11-23T09:00:00.000000Z"
    assert rest("GET", TASKS)[1]["tasks"] == []
    refused(rest.create("t1"), 409, "ALREADY_EXISTS")


def test_queues_are_listed_in_pages(rest):
    for name in ("a", "b"):
        rest("POST", QUEUES, {"name": f"{LOCATION}/queues/{name}"})
    _, first = rest("GET", QUEUES, pageSize="2")
    _, second = rest("GET", QUEUES, pageSize="2", pageToken=first["nextPageToken"])
    names = [q["name"].rsplit("/", 1)[1] for q in first["queues"] + second["queues"]]
    assert names == ["a", "b", "q"]
    assert "nextPageToken" not in second


# Tasks


def test_created_task_is_shown_without_its_body(rest):
    request = {
        "headers": {"Content-Type": "application/json"},
        "body": base64.b64encode(b'{"a":1}').decode(),
        "oidcToken": {"serviceAccountEmail": "a@b", "audience": "https://x"},
    }
    status, task = rest.create(request=request, scheduleTime="2026-11-23T12:30:00+03:00")
    assert status == 200
    assert task["scheduleTime"] == "2026-11-23T09:30:00.000000Z"
    assert task["httpRequest"]["httpMethod"] == "POST"
    assert task["httpRequest"]["headers"]["User-Agent"] == "Google-Cloud-Tasks"
    assert "body" not in task["httpRequest"]
    assert rest.woken == 1
    check_shape(task, "Task")


def test_full_view_shows_the_body(rest):
    body = base64.b64encode(b'{"a":1}').decode()
    rest.create(request={"body": body})
    assert rest("GET", f"{TASKS}/t1")[1]["view"] == "BASIC"
    _, task = rest("GET", f"{TASKS}/t1", responseView="FULL")
    assert (task["view"], task["httpRequest"]["body"]) == ("FULL", body)


def test_task_without_name_gets_one(rest):
    names = {rest.create(None)[1]["name"] for _ in range(2)}
    assert len(names) == 2


def test_schedule_in_the_past_becomes_now(rest):
    _, task = rest.create(scheduleTime="2020-01-01T00:00:00Z")
    assert task["scheduleTime"] == "2026-11-23T09:00:00.000000Z"


def test_used_name_is_refused_while_the_task_waits(rest):
    rest.create("t1")
    refused(rest.create("t1"), 409, "ALREADY_EXISTS")


def test_deleted_name_is_free_again_after_a_day(rest):
    rest.create("t1")
    assert rest("DELETE", f"{TASKS}/t1") == (200, {})
    rest.clock.at += timedelta(hours=23, minutes=59)
    refused(rest.create("t1"), 409, "ALREADY_EXISTS")
    rest.clock.at += timedelta(minutes=1)
    assert rest.create("t1")[0] == 200


def test_task_in_an_unknown_queue_is_not_found(rest):
    refused(rest("POST", f"{QUEUES}/other/tasks", {"task": {}}), 404, "NOT_FOUND")


def test_unknown_task_is_not_found(rest):
    refused(rest("GET", f"{TASKS}/none"), 404, "NOT_FOUND")
    refused(rest("DELETE", f"{TASKS}/none"), 404, "NOT_FOUND")
    refused(rest("POST", f"{TASKS}/none:run", {}), 404, "NOT_FOUND")


def test_thirty_days_ahead_is_the_limit(rest):
    assert rest.create("near", scheduleTime="2026-12-23T09:00:00Z")[0] == 200
    far = rest.create("far", scheduleTime="2026-12-23T09:00:01Z")
    assert "30 days" in refused(far, 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"request": {"body": base64.b64encode(b"x" * 1_048_577).decode()}}, "1 MB"),
        ({"request": {"body": "not base64!"}}, "body"),
        ({"request": {"headers": {"X-Big": "x" * 81_920}}}, "80 KB"),
        ({"request": {"headers": {"X-A": "line\nbreak"}}}, "header"),
        ({"request": {"url": "ftp://x"}}, "url"),
        ({"request": {"url": "http://x/" + "y" * 2083}}, "url"),
        ({"request": {"httpMethod": "GET"}}, "httpMethod"),
        ({"request": {"oidcToken": {"serviceAccountEmail": ""}}}, "serviceAccountEmail"),
        ({"dispatchDeadline": "14s"}, "deadline"),
        ({"dispatchDeadline": "1801s"}, "deadline"),
        ({"dispatchDeadline": 20}, "dispatchDeadline"),
        ({"scheduleTime": "tomorrow"}, "scheduleTime"),
        ({"retryConfig": {"minBackoff": "5s", "maxBackoff": "1s"}}, "maxBackoff"),
        ({"retryConfig": {"minBackoff": "-1s"}}, "minBackoff"),
        ({"surprise": 1}, "surprise"),
        ({"name": "bad id"}, "Task ID"),
        ({"name": "client@office.example"}, "Task ID"),
        ({"name": "x" * 501}, "Task ID"),
    ],
)
def test_task_outside_the_limits_is_refused_with_the_reason(rest, change, word):
    assert word in refused(rest.create(**change), 400, "INVALID_ARGUMENT")
    assert rest.store.count() == 0


def test_task_of_another_queue_is_refused(rest):
    task = {"name": f"{LOCATION}/queues/z/tasks/t", "httpRequest": {"url": "http://x/"}}
    refused(rest("POST", TASKS, {"task": task}), 400, "INVALID_ARGUMENT")


def test_numbers_for_enums_are_understood(rest):
    assert rest.create(request={"httpMethod": 1})[0] == 200


def test_tasks_are_listed_in_pages_without_gaps(rest):
    for number in range(5):
        rest.create(f"t{number}")
    seen, token = [], {}
    while True:
        _, page = rest("GET", TASKS, pageSize="2", **token)
        check_shape(page, "ListTasksResponse")
        seen += [task["name"][-2:] for task in page["tasks"]]
        if "nextPageToken" not in page:
            break
        token = {"pageToken": page["nextPageToken"]}
    assert seen == ["t0", "t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("query", [{"pageSize": "x"}, {"pageSize": "-1"}, {"pageToken": "%"}])
def test_bad_paging_is_refused(rest, query):
    refused(rest("GET", TASKS, **query), 400, "INVALID_ARGUMENT")


def test_run_makes_a_task_due_now(rest):
    rest.create("t1", scheduleTime="2026-11-30T09:00:00Z")
    rest("POST", f"{TASKS}/t1:run", {})
    assert [task.due for task in rest.store.forced()] == [START]
    assert rest.woken == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", QUEUE), ("POST", f"{TASKS}:batchCreate"), ("GET", f"{QUEUE}:getIamPolicy")],
)
def test_methods_we_do_not_offer_say_so(rest, method, path):
    refused(rest(method, path, {}), 501, "UNIMPLEMENTED")


def test_foreign_address_is_not_found(rest):
    refused(rest("GET", "/v2/other"), 404, "NOT_FOUND")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_body_that_is_no_json_object_is_refused(rest, body):
    answer = rest.api.handle("POST", TASKS, {}, body)
    refused(answer, 400, "INVALID_ARGUMENT")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(["name", "httpRequest", "scheduleTime", "dispatchDeadline", "retryConfig"]),
    JSON,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FIELDS | JSON)
def test_any_json_as_a_task_is_answered_with_a_reason(rest, task):
    refused(rest("POST", TASKS, {"task": task}), 400, "INVALID_ARGUMENT")
