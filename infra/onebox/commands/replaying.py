"""`kartoteka replay`: read again what nobody understood."""

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import click

from ingest.channels import CHANNELS
from ingest.replay import Replayed, replay
from kartoteka import wiring
from kartoteka.services.office import Desk
from kartoteka.settings import read as read_environment
from onebox.backups.places import at
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.commands.waking import beside
from onebox.office import open_app


@click.command("replay")
@click.option("--unknown", is_flag=True, help="Everything in «Неразобранное».")
@click.option("--channel", default="", help="Events of this channel only.")
@click.option(
    "--of", "place", default="", help="Another office: a folder, or firestore:PROJECT/DATABASE."
)
@json_option
@data_option
def replay_command(*, unknown: bool, channel: str, place: str, as_json: bool, data: Path) -> None:
    """Read events that nobody understood again, with the channels as they are now.

    For after an upgrade, or after `mapping.set`. What is understood becomes requests and history
    once, however often this is run; the rest stays as it is.
    """
    if not unknown:
        raise click.UsageError("say which events: --unknown")
    if channel and channel not in CHANNELS:
        raise click.UsageError(f"there is no channel {channel!r}: {', '.join(CHANNELS)}")
    with redirect_stdout(sys.stderr):
        found = list(replay(_desk(place, data), channel))
    _print(found, as_json=as_json)


def _desk(place: str, data: Path) -> Desk:
    settings = at(place or str(data), read_environment())
    if settings.store == "firestore":
        return wiring.build(settings).desk
    return beside(open_app(settings.data).desk, settings.data)


def _print(found: list[Replayed], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [asdict(one) for one in found]
    print_rows(rows, ("id", "channel", "outcome", "lead_id"), "Nothing waits.")
    for sentence in totals(found):
        click.echo(sentence)


def totals(found: list[Replayed]) -> list[str]:
    """Return in words how much was understood, and where the rest is explained."""
    understood = sum(one.outcome == "understood" for one in found)
    left = len(found) - understood
    said = [f"{len(found)} read again: {understood} understood, {left} left as they were."]
    if left:
        said.append("`kartoteka list inbounds` says why each waits for a person.")
    return said if found else []
