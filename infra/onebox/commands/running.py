"""`kartoteka send`, `tasks`, `rebuild`: talk to the office that is being served."""

from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import click
import httpx

from kartoteka.domain.errors import ConfigError, NotFound, Transient
from kartoteka.domain.office import Settings
from kartoteka.services import consume
from kartoteka.services.office import read_settings
from kartoteka.services.wake import CONSUMERS
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import DEFAULT_PORT, address, open_app, serving
from onebox.tasks.local import FILE as TASKS_FILE
from onebox.tasks.page import rows
from onebox.tasks.store import TaskStore

_TIMEOUT_S = 30.0
_REBUILT = ("sheets", "contacts")
_port = click.option("--port", type=click.IntRange(1, 65535), help="Port of the running box.")


@click.command("send")
@click.argument("channel")
@click.argument("fixture")
@_port
@json_option
@data_option
def send_command(
    *, channel: str, fixture: str, port: int | None, as_json: bool, data: Path
) -> None:
    """Sign a sample event of a channel and post it to the running box."""
    shelf = _shelf(channel)
    settings = read_settings(open_app(data).store)
    body = _sample(shelf, channel, fixture)
    path, headers = _addressed(channel, body, settings)
    answer = _post(_base_url(data, port) + path, body, headers)
    if as_json:
        print_json({"status": answer.status_code, "body": answer.text})
    else:
        click.echo(f"{path}: {answer.status_code} {answer.text}".rstrip())
    if not answer.is_success:
        raise click.exceptions.Exit(1)


@click.command("tasks")
@json_option
@data_option
def tasks_command(as_json: bool, data: Path) -> None:
    """Print the calls that are queued, and those given up."""
    path = data / TASKS_FILE
    if not path.exists():
        raise ConfigError(f"nothing was ever queued in {data}; serve the office first")
    store = TaskStore(path)
    try:
        found = [
            {"queue": r.queue, "due": r.due, "path": r.path, "attempts": r.attempts}
            | {"state": r.state.value, "last": r.last, "name": r.name}
            for r in rows(store, ())
        ]
    finally:
        store.close()
    if as_json:
        print_json(found)
    else:
        print_rows(found, ("queue", "due", "path", "attempts", "state", "last"), "Nothing waits.")


@click.command("rebuild")
@click.argument("consumer", type=click.Choice(_REBUILT))
@data_option
def rebuild_command(consumer: str, data: Path) -> None:
    """Fill the sheet or the contacts again from the first change on."""
    app = open_app(data)
    consume.rewind(app.desk, consumer)
    try:
        app.desk.waker.ask(CONSUMERS[consumer])
    except Transient as exc:
        raise ConfigError(
            f"{consumer} will be filled again when the office is served: nobody answers now"
        ) from exc
    click.echo(f"{consumer}: being filled again from the first change.")


def _shelf(channel: str) -> Traversable:
    root = files("onebox").joinpath("fixtures")
    known = sorted(entry.name for entry in root.iterdir() if entry.is_dir() and _samples(entry))
    if channel not in known:
        raise NotFound(f"there are no samples of {channel!r}; there are: {', '.join(known)}")
    return root.joinpath(channel)


def _samples(shelf: Traversable) -> list[Traversable]:
    """Return the bodies on a shelf; `x.headers.json` and `x.expected.json` are their company."""
    named = (entry for entry in shelf.iterdir() if entry.name.endswith(".json"))
    return [entry for entry in named if entry.name.count(".") == 1]


def _sample(shelf: Traversable, channel: str, fixture: str) -> bytes:
    wanted = fixture.removesuffix(".json") + ".json"
    for entry in _samples(shelf):
        if entry.name == wanted:
            return entry.read_bytes()
    names = ", ".join(sorted(entry.name.removesuffix(".json") for entry in _samples(shelf)))
    raise NotFound(f"{channel} has no sample {fixture!r}; it has: {names}")


def _addressed(channel: str, body: bytes, settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the path and the headers with which the provider would post this body."""
    headers = {"content-type": "application/json"}
    if channel == "form":
        return f"/ingest/form/{settings.forms[0].id}", headers
    for account in settings.accounts:
        if account.channel == channel and account.active:
            sign: Any = import_module(f"ingest.channels.{channel}").sign
            signed: dict[str, str] = sign(body, account.secrets[0])
            return f"/ingest/{channel}/{account.id}", headers | signed
    raise NotFound(f"the office has no account of the channel {channel!r}")


def _base_url(data: Path, port: int | None) -> str:
    if port is not None:
        return address(port)
    place = serving(data)
    return place.base_url if place else address(DEFAULT_PORT)


def _post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    try:
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            return client.post(url, content=body, headers=headers)
    except httpx.HTTPError as exc:
        raise ConfigError(
            f"nobody answers at {url.partition('/ingest')[0]}: start `kartoteka serve`"
            " or name its port with --port"
        ) from exc
