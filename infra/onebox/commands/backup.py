"""`kartoteka backup`, `kartoteka restore`: the office in one file and back."""

from pathlib import Path

import click

from kartoteka.adapters.clock import SystemClock
from onebox.archive import Manifest, back_up, restore
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import DEFAULT_DATA

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=_FILE)
@json_option
@data_option
def backup_command(file: Path, *, as_json: bool, data: Path) -> None:
    """Write the whole office to FILE; it may be served meanwhile.

    The box's own secrets stay behind.
    """
    _told(back_up(data, file, SystemClock().now()), as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    "--data",
    "data",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA,
    show_default=True,
    envvar="KARTOTEKA_DATA",
    help="Empty or new folder for the office.",
)
@json_option
def restore_command(file: Path, data: Path, *, as_json: bool) -> None:
    """Make the office of a backup in an empty folder, checked against its manifest."""
    _told(restore(file, data), as_json=as_json)


def _told(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(manifest)
        return
    rows = [
        {"file": name, **said, "records": sum(said.get("records", {}).values())}
        for name, said in manifest["files"].items()
    ]
    print_rows(rows, ("file", "bytes", "records", "sha256"), "")
