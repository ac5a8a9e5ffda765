"""`kartoteka send`, `tasks`, `rebuild`: talk to the office that is being served."""

from dataclasses import replace
from pathlib import Path

import click
import httpx

from ingest.channel import as_sent
from ingest.channels import CHANNELS
from kartoteka import wiring
from kartoteka.domain.errors import ConfigError, NotFound, Transient
from kartoteka.domain.office import Settings
from kartoteka.http import Call
from kartoteka.services import consume
from kartoteka.services.office import read_settings
from kartoteka.services.wake import CONSUMERS
from kartoteka.settings import read as read_environment
from onebox.backups.places import at
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import DEFAULT_PORT, address, open_app, serving
from onebox.samples import at_address, read_sample
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
    """Sign a sample event of a channel and send it to the running box."""
    base_url = _base_url(data, port)
    settings = read_settings(open_app(data).store)
    sample = replace(read_sample(channel, fixture), base_url=base_url)
    call = _addressed(sample, channel, settings)
    answer = _made(call)
    if as_json:
        print_json({"status": answer.status_code, "body": answer.text})
    else:
        click.echo(f"{call.target}: {answer.status_code} {answer.text}".rstrip())
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
@click.option(
    "--of", "place", default="", help="Another office: a folder, or firestore:PROJECT/DATABASE."
)
@data_option
def rebuild_command(consumer: str, place: str, data: Path) -> None:
    """Fill the sheet or the contacts again from the first change on."""
    settings = at(place or str(data), read_environment())
    if settings.store == "firestore":
        consume.rewind(wiring.build(settings).desk, consumer)
        click.echo(f"{consumer}: will be filled again from the first change within a minute.")
        return
    app = open_app(settings.data)
    consume.rewind(app.desk, consumer)
    try:
        app.desk.waker.ask(CONSUMERS[consumer])
    except Transient as exc:
        raise ConfigError(
            f"{consumer} will be filled again when the office is served: nobody answers now"
        ) from exc
    click.echo(f"{consumer}: being filled again from the first change.")


def _addressed(call: Call, channel: str, settings: Settings) -> Call:
    """Return the call as the provider would make it, at one of the office's addresses."""
    if channel == "form":
        return at_address(call, ("form", settings.forms[0].id))
    for account in settings.accounts:
        if account.channel == channel and account.active:
            called = at_address(call, (channel, account.id))
            secret = account.secrets[0] if account.secrets else ""
            return as_sent(CHANNELS[channel], called, secret)
    raise NotFound(
        f"the office has no account of the channel {channel!r}: add one with account.add"
    )


def _base_url(data: Path, port: int | None) -> str:
    if port is not None:
        return address(port)
    place = serving(data)
    return place.base_url if place else address(DEFAULT_PORT)


def _made(call: Call) -> httpx.Response:
    url = call.base_url + call.target
    headers = dict(call.headers)
    try:
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            return client.request(call.method, url, content=call.body, headers=headers)
    except httpx.HTTPError as exc:
        raise ConfigError(
            f"nobody answers at {call.base_url}: start `kartoteka serve`"
            " or name its port with --port"
        ) from exc
