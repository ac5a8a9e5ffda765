"""`kartoteka audience`: a segment as a hashed list for an advertising cabinet."""

import csv
import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from kartoteka.domain.audience import CABINETS, KINDS, Kind
from kartoteka.domain.table_export import ExportRun
from kartoteka.services import audiences
from kartoteka.services.audiences import Audience
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, unwritable
from onebox.commands.waking import beside
from onebox.office import CLOCK_FILE, open_app


@click.command("audience")
@click.argument("segment")
@click.option("--format", "cabinet", type=click.Choice(sorted(CABINETS)), required=True)
@click.option("--as", "email", required=True, help="E-mail of the person who exports.")
@click.option("--by", "kind", type=click.Choice(KINDS), default="phone", help="Of vk: one a file.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write; replaced when it is there.",
)
@json_option
@data_option
def audience_command(
    segment: str, cabinet: str, email: str, kind: Kind, *, out: Path, as_json: bool, data: Path
) -> None:
    """Write the hashed contacts of a segment; only those with consent. The log tells who did."""
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    desk = beside(app.desk, data)
    with redirect_stdout(sys.stderr):
        actor = actor_by_email(desk.settings(), email)
        audience = audiences.prepare(desk, actor, segment, cabinet, kind=kind)
        _write(desk, audience, out)
    done = ExportRun.model_validate(desk.store.get(ExportRun.collection, audience.run.id))
    least = audience.cabinet.least
    if as_json:
        print_json({**done.model_dump(mode="json"), "file": str(out), "least": least})
        return
    click.echo(f"{out}: {done.count} rows")
    if done.count < least:
        click.echo(f"{cabinet} takes lists of {least} and more.", err=True)


def _write(desk: Desk, audience: Audience, out: Path) -> None:
    """Write the whole file beside its place, then put it there: nobody uploads half of one."""
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(audience.titles)
            table.writerows(audiences.rows(desk, audience))
        draft.replace(out)
    except OSError as exc:
        raise unwritable(out, exc) from exc
    finally:
        draft.unlink(missing_ok=True)
