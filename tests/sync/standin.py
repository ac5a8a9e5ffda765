"""The stand-in for Google behind a real socket, for tests that go through gspread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from onebox.google.app import Google, GoogleOptions, build_google

OFFICE = "office@office.example"


def ticking() -> Callable[[], datetime]:
    """A clock that is a second later at every look."""
    seconds = count()
    start = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    return lambda: start + timedelta(seconds=next(seconds))


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[Google, str]]:
    """Serve a stand-in on a free port; yield it and its address."""
    google = build_google(folder / "google.sqlite3", ticking(), GoogleOptions(quotas=False))
    application = Starlette(routes=[Mount("/google", app=google.asgi)])
    config = uvicorn.Config(application, "127.0.0.1", 0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield google, f"http://127.0.0.1:{port}/google"
    server.should_exit = True
    thread.join()
    google.close()
