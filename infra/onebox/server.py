"""One process, one port: the functions, the task runner, the Google stand-in and the page."""

import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import functions_framework
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

import kartoteka
from kartoteka.domain.errors import ConfigError
from onebox import office
from onebox.clock import BoxClock
from onebox.control import Control
from onebox.dispatch import Dispatcher
from onebox.edits import Editor
from onebox.hold import held
from onebox.logfile import FILE as LOG_FILE
from onebox.logfile import LogFile
from onebox.machine import Machine, assemble
from onebox.plainpage import plain_page
from onebox.tasks.asgi import TasksApp
from onebox.wsgi import Wsgi, WsgiApp

FUNCTIONS = ("api", "automation", "ingest", "sync")
_BACKLOG = 2048
_SWITCH_S = 0.0005  # a thread that computes lets a client's call in ten times sooner than usual
_LAST_WORDS_S = 1  # how long open requests may take after the signal to stop
_IDLE_S = 75  # clients that pool connections must not meet one that is just being closed


@dataclass(frozen=True, slots=True)
class Wish:
    """How the box shall be served; `start` sets a virtual clock going, port 0 takes a free one."""

    data: Path
    port: int = office.DEFAULT_PORT
    host: str = "127.0.0.1"
    google: str = "stand-in"
    start: datetime | None = None
    token: str | None = None
    page: bool = True


def serve(wish: Wish) -> None:
    """Run the office until SIGINT or SIGTERM.

    Raises:
        ConfigError: the port is taken, the folder is served already, or it or the settings are
            wrong.
    """
    keys = office.keys(wish.data)
    with held(wish.data):
        _serve(wish, keys)


def _serve(wish: Wish, keys: office.Keys) -> None:
    listener = listen(wish.host, wish.port)
    base_url = office.address(listener.getsockname()[1])
    clock = BoxClock(wish.start, wish.data / office.CLOCK_FILE)
    machine = assemble(office.settings(wish.data, base_url, google=wish.google), clock)
    office.remember(wish.data, base_url)
    app = application(machine, wish.token or keys.token, page=wish.page)
    _announce(machine, wish, wish.token or keys.token)
    with contextlib.closing(LogFile(wish.data / LOG_FILE)) as lines:
        _run(machine, app, listener, lines)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; from here on callers wait instead of being refused.

    Raises:
        ConfigError: the port is taken or the address is not of this machine.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as exc:
        listener.close()
        raise ConfigError(
            f"{host}:{port} cannot be used ({exc.strerror}); stop the program that holds it,"
            " or choose another port with --port"
        ) from exc
    return listener


def application(machine: Machine, token: str, *, page: bool) -> ASGIApp:
    """Return what answers every path of the box."""
    google = machine.google
    editor = Editor(google, machine.internal, machine.clock.now) if google else None
    control = Control(machine, editor, token)
    functions = {name: function(name) for name in FUNCTIONS}
    if machine.clock.virtual:
        functions = {n: machine.internal.effort.measured(it) for n, it in functions.items()}
        machine.internal.call_inside(functions)
    routes: dict[str, ASGIApp] = {name: WsgiApp(made) for name, made in functions.items()}
    routes["ingest"] = machine.internal.way.for_clients(routes["ingest"])
    routes["onebox"] = control.app()
    routes["v2"] = TasksApp(machine.tasks.api)
    if google is not None:
        routes["google"] = machine.internal.way.for_own_work(_mounted(google.asgi, "/google"))
    if not page:
        return Dispatcher(routes, plain_page)
    from onebox.web.page import page_app  # noqa: PLC0415 - a second of imports, on demand

    return Dispatcher(routes, page_app(machine, editor))


def function(name: str) -> Wsgi:
    """Return a deployable function as the platform would serve it."""
    source = Path(kartoteka.__file__).parents[1] / "main.py"
    create: Callable[[str, str], Wsgi] = functions_framework.create_app
    return create(name, str(source))


def _mounted(app: ASGIApp, root: str) -> ASGIApp:
    async def serve_below(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": root}, receive, send)

    return serve_below


def _run(machine: Machine, app: ASGIApp, listener: socket.socket, lines: LogFile) -> None:
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_LAST_WORDS_S,
        timeout_keep_alive=_IDLE_S,
        server_header=False,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _already_stopping)
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()  # what was imported is not looked through again at each collection
    machine.start()
    try:
        with contextlib.redirect_stdout(lines):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        machine.stop()


def _already_stopping(_number: int, _frame: object) -> None:
    """Receive the signal that the server raises once more after it has stopped."""


def _announce(machine: Machine, wish: Wish, token: str) -> None:
    base_url = machine.settings.base_url
    settings = machine.app.desk.settings()
    lines = [f"Kartoteka: {settings.office.name}", f"  page      {base_url}/"]
    lines += [f"  form      {base_url}/ingest/form/{form.id}" for form in settings.forms]
    lines += [f"  {a.channel:<9} {base_url}/ingest/{a.channel}/{a.id}" for a in settings.accounts]
    lines.append(f"  health    {base_url}/api/health")
    lines.append(f"  queue     {base_url}/onebox/tasks")
    if machine.clock.virtual:
        lines.append(f"  clock     {machine.clock.now().isoformat(timespec='seconds')} (virtual)")
        lines.append(f"            POST {base_url}/onebox/clock  X-Kartoteka-Token: {token}")
    if wish.host not in {"127.0.0.1", "localhost"}:
        lines.append("  NOTE: other machines can reach this box, and its page asks for no password")
    lines.append(f"  files     {wish.data}   Stop with Ctrl-C.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
