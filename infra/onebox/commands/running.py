"""`kartoteka send`, `tasks`, `rebuild`: talk to the office that is being served."""

from dataclasses import replace
from pathlib import Path

import click

from kartoteka import wiring
from kartoteka.domain.errors import ConfigError, Transient
from kartoteka.services import consume
from kartoteka.services.office import read_settings
from kartoteka.services.wake import CONSUMERS
from kartoteka.settings import read as read_environment
from onebox.backups.places import at
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.connecting import mark
from onebox.delivery import addressed, base_url, delivered
from onebox.office import CLOCK_FILE, open_app
from onebox.provider_keys import ProviderKeys
from onebox.samples import read_sample
from onebox.tasks.local import FILE as TASKS_FILE
from onebox.tasks.page import rows
from onebox.tasks.store import TaskStore

_REBUILT = ("sheets", "contacts", "calendar", "stats", "segments")
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
    """Sign a sample event of a channel and send it to the running box.

    What it makes is real; that a provider's events arrive it does not prove, so no channel turns
    green of it.
    """
    where = base_url(data, port)
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    settings = read_settings(app.store)
    sample = replace(read_sample(channel, fixture), base_url=where)
    call = addressed(sample, channel, settings, now=app.clock.now())
    answer = delivered(ProviderKeys(data).proven(call))
    if answer.is_success:
        mark(app.desk, channel, call)
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
    """Fill the sheet, the contacts, the figures or the segments again."""
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
