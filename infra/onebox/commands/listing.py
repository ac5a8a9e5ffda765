"""`kartoteka list`, `show`, `books`: print what the office holds."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from kartoteka.domain.catalogue import Company, Product
from kartoteka.domain.chat import Chat
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import NotFound
from kartoteka.domain.model import Activity, Client, Entity, Lead, Pair, Task
from kartoteka.services.cards import card, lead_card, records
from onebox.commands.options import as_option, data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import open_app
from onebox.reading import books, look_of

COLUMNS = {
    "accounts": ("id", "channel", "title", "source", "active", "updated_at"),
    "batches": ("id", "what", "state", "count", "at", "by", "subject"),
    "edits": ("id", "at", "by", "rows", "total", "state", "batch_id"),
    "chats": ("id", "channel", "state", "owner", "waiting_since", "client_id"),
    "exchanges": (
        *("at", "channel", "what", "file", "state"),
        *("received", "created", "updated", "unchanged", "errors", "why"),
    ),
    "exports": ("id", "at", "by", "what", "format", "only", "count", "state"),
    "forms": ("id", "title", "source", "active", "updated_at"),
    "imports": ("id", "at", "by", "file", "rows", "state", "batch_id"),
    "overrides": ("month", "staff", "count"),
    "routing": ("place", "id", "name", "asks", "gives"),
    "settings": ("name", "locale", "currency", "version", "changed_by"),
    "timers": ("id", "due_at", "rule", "state", "lead_id", "deal_id", "task_id"),
    "leads": ("id", "created_at", "name", "phone", "stage_name", "owner", "next_at"),
    "clients": ("id", "name", "phones", "emails", "segment", "updated_at"),
    "tasks": ("id", "due_at", "title", "assignee", "state"),
    "changes": ("at", "actor", "cause", "entity", "id", "after"),
    "activities": ("at", "what", "direction", "client_id", "text"),
    "inbounds": ("received_at", "channel", "what", "state", "why", "lead_id"),
    "notices": ("at", "staff", "code", "lead_id"),
    "deals": ("id", "name", "stage_name", "owner", "amount_minor", "next_at"),
    "plans": ("month", "staff", "amount_minor", "updated_at"),
    "papers": (
        *("id", "what", "label", "state", "total_minor", "paid_minor", "currency", "due"),
        "deal_id",
    ),
    "payments": (
        *("id", "at", "channel", "money", "amount_minor", "currency", "numbers", "state", "why"),
        "deal_id",
    ),
    "products": ("id", "sku", "name", "price_minor", "active"),
    "pairs": ("id", "left", "right", "state", "why", "at"),
    "companies": ("id", "name", "inn", "phones"),
    "templates": ("id", "name", "medium", "subject", "updated_at"),
    "staff": ("id", "name", "email", "role", "team", "active", "updated_at"),
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
    with _finding(Lead, record_id):
        shown = lead_card(look_of(open_app(data), email), record_id)
    _print_card(shown, as_json=as_json)


def _show_one(kind: type[Entity]) -> click.Command:
    """Return the command that prints one record of a kind."""

    @click.command(kind.kind, help=f"Print a {kind.kind} with all that belongs to it.")
    @click.argument("record_id", metavar="ID")
    @as_option
    @json_option
    @data_option
    def show_record(record_id: str, email: str, as_json: bool, data: Path) -> None:
        with _finding(kind, record_id):
            shown = card(look_of(open_app(data), email), kind, record_id)
        _print_card(shown, as_json=as_json)

    return show_record


for _kind in (Activity, Chat, Client, Company, Deal, Pair, Product, Task):
    show_command.add_command(_show_one(_kind))


@contextmanager
def _finding(kind: type[Entity], record_id: str) -> Iterator[None]:
    """Say of a record that is not there where ids are printed."""
    try:
        yield
    except NotFound as exc:
        raise NotFound(
            f"there is no {kind.kind} {record_id!r};"
            f" `kartoteka list {kind.collection}` prints their ids",
            code="record_unknown_here",
            listed=kind.collection,
        ) from exc


def _print_card(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(shown)
        return
    for part, content in shown.items():
        click.echo(f"\n{part}:")
        if isinstance(content, dict):
            fields = [{"field": k, "value": v} for k, v in content.items()]
            print_rows(fields, ("field", "value"), "none")
        else:
            print_rows(content, COLUMNS["changes" if part == "history" else part], "none")


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
