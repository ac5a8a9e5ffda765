"""`kartoteka backup-test`: would a backup come back?"""

from dataclasses import asdict, replace
from pathlib import Path

import click

from kartoteka import wiring
from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Settings, read
from onebox.backups.nightly import FOLDER
from onebox.backups.places import at
from onebox.backups.trying import Tried, try_file, try_newest
from onebox.commands.backup import passphrase_option, secret_of
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json
from onebox.office import STORE_FILE

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backup-test")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--of",
    "place",
    default="",
    help="The office whose health tells the result: a folder, or firestore:PROJECT/DATABASE.",
)
@passphrase_option
@json_option
@data_option
def backup_test_command(
    *, file: Path | None, place: str, passphrase: str | None, as_json: bool, data: Path
) -> None:
    """Restore FILE into a temporary folder, compare everything, throw it away.

    Without FILE it is the newest nightly backup of the box. One box does this by itself every
    month; for an office in the cloud give FILE and --of.
    """
    settings = at(place, read()) if place else replace(read(), data=data)
    secret = secret_of(settings, passphrase, twice=False)
    tried = _tried(file, settings, secret)
    if as_json:
        print_json(asdict(tried))
    elif not tried.problem:
        click.echo(f"{tried.file}: restored, read again and equal: {tried.records} records.")
    else:
        click.echo(f"{tried.file}: {tried.problem}", err=True)
    if tried.problem:
        raise click.exceptions.Exit(1)


def _tried(file: Path | None, settings: Settings, secret: str) -> Tried:
    if settings.store == "sqlite" and not (settings.data / STORE_FILE).exists():
        raise ConfigError(f"there is no office in {settings.data}; name another with --of")
    if settings.store == "firestore" and file is None:
        raise ConfigError("name the FILE: an office in the cloud has no folder of backups")
    app = wiring.build(settings)
    try:
        now = SystemClock().now()
        if file is None:
            return try_newest(app.store, settings.data / FOLDER, now, secret)
        return try_file(app.store, file, now, secret)
    finally:
        app.store.close()
