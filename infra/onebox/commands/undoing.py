"""`kartoteka undo`: take back a merge, an import, a mass edit, a deletion; `batches` lists them."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click
from pydantic import JsonValue

from kartoteka.domain.batch import Batch
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.commands.waking import beside
from onebox.office import CLOCK_FILE, open_app

_COMMAND = "batch.undo"
_COLUMNS = ("id", "what", "state", "count", "at", "actor", "subject")


@click.command("undo")
@click.argument("batch", metavar="BATCH")
@click.option("--as", "email", required=True, help="E-mail of the person who acts.")
@click.option("--keep-changed", is_flag=True, help="Leave what was changed since, undo the rest.")
@data_option
def undo_command(batch: str, email: str, *, keep_changed: bool, data: Path) -> None:
    """Undo a mass act as one and print its record."""
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    given: dict[str, JsonValue] = {"batch": batch, "keep_changed": keep_changed}
    # Log lines do not mix with the answer.
    with redirect_stdout(sys.stderr):
        actor = actor_by_email(app.desk.settings(), email)
        done = execute(
            COMMANDS,
            beside(app.desk, data),
            actor,
            _COMMAND,
            given=given,
            cause=f"command:{_COMMAND}",
        )
    print_json(done.model_dump(mode="json"))


@click.command("batches")
@json_option
@data_option
def batches_command(*, as_json: bool, data: Path) -> None:
    """Print the mass acts of the office, oldest first."""
    store = open_app(data).store
    found = [Batch.model_validate(hit.doc) for hit in store.query(Query(Batch.collection))]
    rows = [
        {**one.model_dump(mode="json"), "actor": f"{one.actor.kind}:{one.actor.id}"}
        for one in sorted(found, key=lambda one: one.at)
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, "There are no mass acts yet.")
