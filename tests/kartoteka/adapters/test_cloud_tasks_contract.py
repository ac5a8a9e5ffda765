"""The Tasks port on Google's own client against the real runner behind a real server."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn

from kartoteka.adapters.cloud_tasks import CloudTasks, Target, box_client, build
from kartoteka.domain.errors import ConfigError, Invalid, ProviderDown
from kartoteka.domain.ids import fresh
from kartoteka.ports import QueuedTask
from onebox.clock import BoxClock
from onebox.tasks.asgi import MAX_REQUEST_BYTES, TasksApp
from onebox.tasks.internal_token import InternalTokens
from onebox.tasks.local import LocalTasks, Setup
from onebox.tasks.model import Queue

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKENS = InternalTokens("contract-secret-of-at-least-32-characters")
EMAIL = "tasks@box.example"


@dataclass
class Server:
    """One port: /v2 is the task API, everything else notes the call and answers 200."""

    tasks: LocalTasks
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        if scope["path"].startswith("/v2/"):
            await TasksApp(self.tasks.api)(scope, receive, send)
            return
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self.calls.append((scope["path"], headers, (await receive())["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Settings:
    project, location, tasks_email = "p", "l", EMAIL

    def __init__(self, host):
        self.urls = {}
        self.tasks_endpoint = host
        self.base_url = f"http://{host}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    queues = [Queue("projects/p/locations/l/queues/q")]
    setup = Setup(tmp_path_factory.mktemp("box"), base_url, EMAIL, TOKENS.sign, queues)
    local = LocalTasks(setup, BoxClock(START))
    serving = Server(local)
    config = uvicorn.Config(serving, log_level="warning", lifespan="off", ws="none")
    web = uvicorn.Server(config)
    thread = threading.Thread(target=web.run, kwargs={"sockets": [listening]})
    thread.start()
    while not web.started:
        time.sleep(0.005)
    local.start()
    yield serving
    local.stop()
    web.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture(scope="module", params=["socket", "direct"])
def queues(server, request):
    """The port over HTTP as everybody has it, and as the box itself has it."""
    base_url = server.tasks.runner._base_url
    if request.param == "socket":
        return build(Settings(base_url.removeprefix("http://")))
    return server.tasks.port(Target("p", "l", base_url, EMAIL))


@pytest.fixture
def name():
    return fresh("t")


def wait_for_call(server, path):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for call in list(server.calls):
            if call[0] == path:
                return call
        time.sleep(0.002)
    raise AssertionError(f"no call of {path} came")


def test_enqueued_task_is_called_with_a_verifiable_identity(server, queues, name):
    base_url = server.tasks.runner._base_url
    assert queues.enqueue(QueuedTask("q", name, f"/automation/{name}", {"имя": "Анна"})) is True
    _, headers, body = wait_for_call(server, f"/automation/{name}")
    assert json.loads(body) == {"имя": "Анна"}
    assert headers["content-type"] == "application/json"
    assert headers["x-cloudtasks-taskname"] == name
    assert TOKENS.verify(headers["authorization"].removeprefix("Bearer "), base_url) == EMAIL


def test_used_name_is_not_added_again(queues, server, name):
    task = QueuedTask("q", name, f"/{name}")
    assert queues.enqueue(task) is True
    wait_for_call(server, f"/{name}")
    assert queues.enqueue(task) is False


def test_same_name_from_many_threads_is_added_once(queues, name):
    later = QueuedTask("q", name, "/race", {}, START + timedelta(days=2))
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda _: queues.enqueue(later), range(8))) == [False] * 7 + [True]


def test_many_threads_share_the_client_without_loss(queues, server, name):
    before = server.tasks.store.count()
    later = START + timedelta(days=3)
    names = [f"{name}-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: queues.enqueue(QueuedTask("q", n, "/many", {}, later)), names))
    assert server.tasks.store.count() == before + 40


def test_future_task_waits_until_its_time(queues, server, name):
    at = START + timedelta(hours=5)
    queues.enqueue(QueuedTask("q", name, "/later", {}, at))
    found = server.tasks.store.get(f"projects/p/locations/l/queues/q/tasks/{name}")
    assert found is not None
    assert found.due == at
    assert all(path != "/later" for path, _, _ in server.calls)


def test_thirty_one_days_ahead_is_refused(queues):
    with pytest.raises(Invalid):
        queues.enqueue(QueuedTask("q", "far", "/far", {}, START + timedelta(days=31)))


def test_name_with_a_client_in_it_is_refused(queues):
    with pytest.raises(Invalid):
        queues.enqueue(QueuedTask("q", "anna@office.example", "/x"))


@pytest.mark.parametrize("size", [1_048_577, MAX_REQUEST_BYTES])
def test_too_large_payload_is_refused(queues, size):
    with pytest.raises(Invalid):
        queues.enqueue(QueuedTask("q", "large", "/x", {"text": "x" * size}))


def test_unknown_queue_is_an_operators_matter(queues):
    with pytest.raises(ConfigError, match="queue does not exist"):
        queues.enqueue(QueuedTask("none", "x", "/x"))


def test_proxy_of_the_environment_is_not_asked(server, monkeypatch, name):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    queues = build(Settings(server.tasks.runner._base_url.removeprefix("http://")))
    assert queues.enqueue(QueuedTask("q", name, "/proxy", {}, START + timedelta(days=2)))


def test_runner_that_is_down_is_transient():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
    slept = []
    down = CloudTasks(box_client(host), Target("p", "l", "http://x", EMAIL), slept.append)
    with pytest.raises(ProviderDown):
        down.enqueue(QueuedTask("q", "x", "/x"))
    assert len(slept) == 2
