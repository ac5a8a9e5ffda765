"""`kartoteka list`, `show`, `books`: print what the office holds."""

from collections import deque
from pathlib import Path
from typing import Any

import click

from onebox.commands.options import as_option, data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import open_app
from onebox.reading import books, lead_card, look_of, records

COLUMNS = {
    "leads": ("id", "created_at", "name", "phone", "stage_name", "owner", "next_at"),
    "clients": ("id", "name", "phones", "emails", "segment", "updated_at"),
    "tasks": ("id", "due_at", "title", "assignee", "state"),
    "changes": ("at", "actor", "cause", "entity", "id", "after"),
    "activities": ("at", "what", "direction", "client_id", "text"),
    "inbounds": ("received_at", "channel", "what", "state", "why", "lead_id"),
    "notices": ("at", "staff", "code", "lead_id"),
    "deals": ("id", "name", "stage_name", "owner", "amount_minor", "next_at"),
    "companies": ("id", "name", "inn", "phones"),
    "staff": ("id", "name", "email", "role", "active"),
}


@click.command("list")
@click.argument("what", type=click.Choice(sorted(COLUMNS)))
@click.option("--limit", type=click.IntRange(1), help="Only the newest N.")
@as_option
@json_option
@data_option
def list_command(what: str, limit: int | None, as_json: bool, **where: Any) -> None:
    """Print leads, clients, tasks, changes and so on, oldest first."""
    look = look_of(open_app(where["data"]), where["email"])
    found = list(deque(records(look, what), maxlen=limit))
    if as_json:
        print_json(found)
    else:
        print_rows(found, COLUMNS[what], f"There are no {what} yet.")


@click.group("show")
def show_command() -> None:
    """Print one record with all that belongs to it."""


@show_command.command("lead")
@click.argument("record_id", metavar="ID")
@as_option
@json_option
@data_option
def show_lead(record_id: str, email: str, as_json: bool, data: Path) -> None:
    """Print a lead with its client, activities, tasks and history."""
    card = lead_card(look_of(open_app(data), email), record_id)
    if as_json:
        print_json(card)
        return
    for part in ("lead", "client"):
        click.echo(f"{part}:")
        print_rows(
            [{"field": k, "value": v} for k, v in card[part].items()], ("field", "value"), ""
        )
    for part in ("activities", "tasks", "history"):
        click.echo(f"\n{part}:")
        print_rows(card[part], COLUMNS["changes" if part == "history" else part], "none")


@click.command("books")
@json_option
@data_option
def books_command(as_json: bool, data: Path) -> None:
    """Print the spreadsheets of the office: title, role, id and address."""
    found = books(open_app(data).store)
    if as_json:
        print_json(found)
    else:
        empty = "There are no books yet: they are made when the office is served the first time."
        print_rows(found, ("title", "role", "spreadsheet_id", "url"), empty)
