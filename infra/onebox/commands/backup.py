"""`kartoteka backup`, `kartoteka restore`: the office in one file and back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from kartoteka.adapters.clock import SystemClock
from kartoteka.domain.errors import ConfigError
from kartoteka.settings import Settings, read
from onebox.backups.archive import Manifest, back_up
from onebox.backups.nightly import keep
from onebox.backups.places import at, place
from onebox.backups.restoring import restore
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import DEFAULT_DATA

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_PLACE = "a folder, or firestore:PROJECT/DATABASE"
passphrase_option = click.option(
    "--passphrase",
    is_flag=False,
    flag_value="",
    help="Seals or opens the file. Without a value it is asked for; the environment variable"
    " KARTOTEKA_BACKUP_PASSPHRASE serves programs.",
)


@click.command("backup")
@click.argument("file", type=_FILE, required=False)
@click.option("--to", "folder", type=_FOLDER, help="Folder of dated backups instead of FILE.")
@click.option("--from", "source", default="", help=f"Another office: {_PLACE}.")
@passphrase_option
@json_option
@data_option
def backup_command(
    *,
    file: Path | None,
    folder: Path | None,
    source: str,
    passphrase: str | None,
    as_json: bool,
    data: Path,
) -> None:
    """Write the whole office to FILE; it may be served meanwhile.

    With --to, FILE gets its name from the date, and the folder keeps those of 7 days, 4 weeks and
    12 months. KARTOTEKA_STORE=firestore backs up the database of the cloud, like --from. The box's
    own secrets stay behind.
    """
    if (file is None) == (folder is None):
        raise ConfigError("name one of the two: a FILE, or a folder with --to")
    settings = at(source, read()) if source else replace(read(), data=data)
    secret, now = secret_of(settings, passphrase, twice=True), SystemClock().now()
    if folder is not None:
        _told(keep(settings, folder, now, secret), as_json=as_json)
    elif file is not None:
        _told(back_up(settings, file, now, secret), as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    "--data",
    "into",
    default=str(DEFAULT_DATA),
    show_default=True,
    envvar="KARTOTEKA_DATA",
    help=f"Empty or new place for the office: {_PLACE}.",
)
@passphrase_option
@json_option
def restore_command(*, file: Path, into: str, passphrase: str | None, as_json: bool) -> None:
    """Make the office of a backup in an empty place, read again and compared.

    A restoring into a database that was broken off goes on when it is repeated.
    """
    target = at(into, read())
    secret = secret_of(target, passphrase, twice=False)
    if target.store == "firestore":
        # Google's client costs the other commands half a second
        from onebox.backups.restoring_cloud import restore_in_cloud  # noqa: PLC0415 - on demand

        manifest = restore_in_cloud(file, target, secret)
    else:
        manifest = restore(file, target.data, secret)
    _told({**manifest, "equal": True}, as_json=as_json)
    if not as_json:
        click.echo(_proof(manifest, target))


def _proof(manifest: Manifest, target: Settings) -> str:
    """Return what was compared, in a sentence, and what stayed behind."""
    files = manifest["files"]
    kept = [said["records"] for said in files.values() if "records" in said]
    log = files.get("records/changes.ndjson", {"records": 0})
    said = (
        f"{place(target)}: read again and equal to the backup: {sum(kept)} records in {len(kept)}"
        f" collections, {log['records']} changes in their order."
    )
    if target.store == "firestore" and len(kept) < len(files):
        said += " The box's queues and its stand-in for Google stayed behind."
    return said


def secret_of(settings: Settings, given: str | None, *, twice: bool) -> str:
    """Return the passphrase of the option, the prompt or the environment; empty for none."""
    if given is None:
        return settings.backup_passphrase.get_secret_value()
    if given:
        return given
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    return asked


def _told(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(manifest)
        return
    rows = [{"file": name, **said} for name, said in manifest["files"].items()]
    print_rows(rows, ("file", "bytes", "records", "sha256"), "")
