"""`kartoteka do`, `kartoteka commands`: any command of the office, as any person."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click

from kartoteka.domain.access import Sight
from kartoteka.domain.visibility import shown_result
from kartoteka.services.commands import execute
from kartoteka.services.office import read_settings
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_object, json_option
from onebox.commands.output import print_json, print_rows
from onebox.commands.waking import beside
from onebox.office import CLOCK_FILE, open_app


@click.command("do")
@click.argument("name", metavar="COMMAND")
@click.option("--as", "email", required=True, help="E-mail of the person who acts.")
@click.option("--json", "given", default="{}", help="Fields of the command, a JSON object.")
@data_option
def do_command(name: str, email: str, given: str, data: Path) -> None:
    """Run one command with a person's rights and print the record after it."""
    fields = _object(given)
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    # Log lines do not mix with the answer.
    with redirect_stdout(sys.stderr):
        actor = actor_by_email(app.desk.settings(), email)
        desk = beside(app.desk, data)
        record = execute(COMMANDS, desk, actor, name, given=fields, cause=f"command:{name}")
    settings = read_settings(app.store)  # the command may have changed them
    sight = Sight(actor, settings, app.clock.now())
    print_json(shown_result(sight, record, record.model_dump(mode="json")))


@click.command("commands")
@json_option
def commands_command(as_json: bool) -> None:
    """Print every command with its fields."""
    found = [
        {
            "command": name,
            "what": command.what,
            "fields": command.form.model_json_schema().get("properties", {}),
            "required": command.form.model_json_schema().get("required", []),
        }
        for name, command in sorted(COMMANDS.items())
    ]
    if as_json:
        print_json(found)
        return
    rows = [{**line, "fields": ", ".join(line["fields"])} for line in found]
    print_rows(rows, ("command", "fields", "what"), "")


def _object(given: str) -> dict[str, Any]:
    return json_object("--json", given, '{"lead": "ld_…"}')
