"""`kartoteka edit`: the same values in many records, with a bar; a crash loses nothing."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import TextIO

import click
from pydantic import JsonValue

from kartoteka.domain.batch import UNDO_FOR, Batch
from kartoteka.domain.errors import Invalid
from kartoteka.services import mass_edit
from kartoteka.services.people import actor_by_email
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_object, json_option
from onebox.commands.output import print_json
from onebox.commands.waking import beside
from onebox.office import CLOCK_FILE, open_app

_CAUSE = "command:many.edit"


@click.command("edit")
@click.argument("entity", type=click.Choice(mass_edit.ENTITIES))
@click.option("--as", "email", required=True, help="E-mail of the person who edits.")
@click.option("--set", "given", required=True, help="Values, a JSON object.")
@click.option(
    "--ids", "source", type=click.File(encoding="utf-8"), default="-", help="File, one id a line."
)
@json_option
@data_option
def edit_command(
    entity: str, email: str, given: str, source: TextIO, *, as_json: bool, data: Path
) -> None:
    """Set the same values in many records; the same command goes on where a crash stopped it.

    `kartoteka undo BATCH` takes all of it back for 30 days.
    """
    values = json_object("--set", given, '{"segment": "partner"}')
    ids = [line.strip() for line in source if line.strip()]
    if not ids or len(ids) > mass_edit.MOST:
        raise Invalid(
            f"--ids: name 1 to {mass_edit.MOST} records, one a line",
            code="option_ids",
            option="--ids",
            count=mass_edit.MOST,
        )
    batch, resumed = _edited(data, email, entity, (ids, values))
    if as_json:
        print_json({**batch.model_dump(mode="json"), "resumed_rows": resumed})
        return
    until = (batch.at + UNDO_FOR).date().isoformat()
    click.echo(f"{len(ids)} records, {batch.count} changed.")
    click.echo(f"Batch {batch.id}: `kartoteka undo {batch.id} --as EMAIL` until {until}")


def _edited(
    data: Path, email: str, entity: str, wish: tuple[list[str], Mapping[str, JsonValue]]
) -> tuple[Batch, int]:
    """Return the batch, and how many records an earlier call had done."""
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    ids, values = wish
    with redirect_stdout(sys.stderr):  # log lines do not mix with the answer
        actor = actor_by_email(app.desk.settings(), email)
        desk = beside(app.desk, data)
        plan = mass_edit.prepare(desk, actor, entity, ids, values=values)
        started = mass_edit.begin(desk, plan, cause=_CAUSE)
        with click.progressbar(length=len(plan.ids), label="Edit", file=sys.stderr) as bar:
            bar.update(started.rows)
            for count in mass_edit.run(desk, plan, started):
                bar.update(count)
    doc = desk.store.get(Batch.collection, started.batch_id)
    return Batch.model_validate(doc), started.rows
