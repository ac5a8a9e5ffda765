"""The cloud's shape on one machine: each function in a process of its own, from the archive alone.

Google's side (queues, spreadsheets, contacts) is served from this process; Firestore is Google's
emulator. The functions get what Terraform gives them: their environment, nothing else.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import functions_framework
import httpx
import uvicorn

from kartoteka.adapters.clock import SystemClock
from kartoteka.settings import Secret, Settings
from onebox.dispatch import Dispatcher
from onebox.google.app import Google, build_google
from onebox.tasks.asgi import TasksApp
from onebox.tasks.internal_token import InternalTokens
from onebox.tasks.local import LocalTasks, Setup
from onebox.tasks.model import Queue, RateLimits, RetryConfig

FUNCTIONS = Path(__file__).parents[2] / "functions"
NAMES = ("ingest", "automation", "sync")
QUEUES = {
    "sheets": 1,
    "contacts": 1,
    "calendar": 1,
    "stats": 1,
    "room": 1,
    "messages": 10,
    "changes": 1,
    "automation": 10,
    "timers": 20,
}
_RETRY = RetryConfig(attempts=20, duration=timedelta(minutes=5), min_backoff=timedelta(seconds=1))
_LOOK_S = 1.0  # Google counts sixty reads a minute for each person
T = TypeVar("T")


@dataclass(frozen=True)
class Cloud:
    """What is running: addresses of the functions, Google's side, and where they write."""

    settings: Settings
    tasks: LocalTasks
    google: Google
    logs: Path

    def url(self, path: str) -> str:
        return self.settings.urls[path.split("/")[1]] + path

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(encoding="utf-8")

    def logged(self) -> str:
        return "".join(self.log(name) for name in NAMES)


@contextmanager
def cloud(folder: Path, firestore: str, database: str) -> Iterator[Cloud]:
    """Run the functions and Google's side of them; everything is ended at the end."""
    settings = _settings(folder, database)
    google = build_google(folder / "google.sqlite3", SystemClock().now)
    tasks = _tasks(folder, settings)
    routes = {"google": _under("/google", google.asgi), "v2": TasksApp(tasks.api)}
    with ExitStack() as stack:
        stack.callback(google.close)
        stack.callback(tasks.stop)
        stack.enter_context(_served(Dispatcher(routes, google.asgi), settings.tasks_endpoint))
        shutil.copytree(FUNCTIONS, folder / "functions", ignore=_unwanted)
        for name in NAMES:
            stack.enter_context(_function(name, folder, settings, firestore))
        for name in NAMES:
            until(lambda url=settings.urls[name]: _answers(url), 30.0, f"{name} to listen")
        tasks.start()
        yield Cloud(settings, tasks, google, folder)


def until(look: Callable[[], T | None], within_s: float, what: str) -> T:
    """Return what `look` finds, asked again and again for so long."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(_LOOK_S)
    raise AssertionError(f"waited {within_s:.0f} s in vain for {what}")


def _settings(folder: Path, database: str) -> Settings:
    urls = {name: f"http://127.0.0.1:{free_port()}" for name in NAMES}
    google = f"127.0.0.1:{free_port()}"
    return Settings(
        store="firestore",
        data=folder,
        project="demo-kartoteka",
        database=database,
        location="europe-west1",
        base_url="https://crm.example",
        urls=urls,
        tasks_endpoint=google,
        google_endpoint=f"http://{google}/google",
        secret=Secret("s" * 48),
        settings_ttl_s=1.0,
    )


def _tasks(folder: Path, settings: Settings) -> LocalTasks:
    place = f"projects/{settings.project}/locations/{settings.location}/queues"
    queues = [
        Queue(f"{place}/{name}", RateLimits(concurrent=concurrent), _RETRY)
        for name, concurrent in QUEUES.items()
    ]
    sign = InternalTokens(settings.secret.get_secret_value()).sign
    setup = Setup(folder, settings.base_url, settings.tasks_email, sign, queues)
    return LocalTasks(setup, SystemClock())


def _environment(settings: Settings, firestore: str) -> dict[str, str]:
    """What a deployed function sees; PYTHONPATH has the packages and no code of ours."""
    packages = Path(functions_framework.__file__).parents[1]
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(packages),
        "FIRESTORE_EMULATOR_HOST": firestore,
        "KARTOTEKA_STORE": "firestore",
        "KARTOTEKA_PROJECT": settings.project,
        "KARTOTEKA_DATABASE": settings.database,
        "KARTOTEKA_LOCATION": settings.location,
        "KARTOTEKA_BASE_URL": settings.base_url,
        "KARTOTEKA_URLS": json.dumps(settings.urls),
        "KARTOTEKA_TASKS_ENDPOINT": settings.tasks_endpoint,
        "KARTOTEKA_GOOGLE_ENDPOINT": settings.google_endpoint,
        "KARTOTEKA_SECRET": settings.secret.get_secret_value(),
        "KARTOTEKA_SETTINGS_TTL_S": "1",
        "KARTOTEKA_BOOKS": "team",  # a book per person takes Google's first minute
    }


@contextmanager
def _function(name: str, folder: Path, settings: Settings, firestore: str) -> Iterator[None]:
    """Run one function as the platform does; -S keeps an editable install of ours away."""
    port = settings.urls[name].rpartition(":")[2]
    command = [sys.executable, "-S", "-m", "functions_framework", "--source", "main.py"]
    command += ["--target", name, "--host", "127.0.0.1", "--port", port]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder / "functions",
            env=_environment(settings, firestore),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _served(app: Dispatcher, place: str) -> Iterator[None]:
    host, _, port = place.partition(":")
    config = uvicorn.Config(app, host=host, port=int(port), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="google", daemon=True)
    thread.start()
    try:
        until(lambda: server.started, 20.0, "Google's side to listen")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/", trust_env=False, timeout=5).status_code in {401, 404}
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _under(prefix, app):
    """The application as if mounted at the prefix."""

    async def mounted(scope, receive, send):
        await app({**scope, "root_path": scope.get("root_path", "") + prefix}, receive, send)

    return mounted


def _unwanted(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__"}
