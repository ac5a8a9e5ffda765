"""`kartoteka init`, `serve`, `demo`: make an office and run it."""

import importlib
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from kartoteka import wiring
from kartoteka.domain.errors import ConfigError, Invalid
from kartoteka.domain.office import Settings
from kartoteka.i18n import LOCALES
from kartoteka.services.setup import preset_names
from kartoteka.settings import read as read_environment
from onebox import office
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json

_DEMO = "onebox.demo.play"


@click.command("init")
@click.option(
    "--preset",
    default=office.DEFAULT_PRESET,
    show_default=True,
    help=f"Kind of business: {', '.join(preset_names())}; or a file of your own, a path to .yaml.",
)
@click.option(
    "--language",
    type=click.Choice(LOCALES),
    help="Language of books, cards and messages of a new office, else the preset's.",
)
@json_option
@data_option
def init_command(preset: str, language: str | None, as_json: bool, data: Path) -> None:
    """Make an office, or print the one there is: forms, account tokens and secrets."""
    app, place = _where(data)
    sheet = described(office.make_office(app, preset, language or ""), place)
    if as_json:
        print_json(sheet)
        return
    click.echo(f"{sheet['office']} in {place}")
    for form in sheet["forms"]:
        click.echo(f"  form     {form['id']:<10} {form['path']}")
    for account in sheet["accounts"]:
        click.echo(f"  {account['channel']:<8} {account['token']}  {account['path']}")
        click.echo(f"           secret {account['secret']}")
    if app.settings.store == "sqlite":
        click.echo(f"Start it with: kartoteka serve --data {data}")


def _where(data: Path) -> tuple[wiring.App, str]:
    """Return the ports of the office to make and where it is: a folder, or the cloud's database.

    The database is chosen by KARTOTEKA_STORE=firestore and KARTOTEKA_PROJECT.
    """
    around = read_environment()
    if around.store == "firestore":
        return wiring.build(around), f"Firestore {around.project}/{around.database}"
    office.keys(data)
    settings = office.settings(data, office.address(office.DEFAULT_PORT))
    return wiring.build(settings), str(data)


@click.command("serve")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=office.DEFAULT_PORT, show_default=True
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--google", type=click.Choice(["stand-in", "real"]), default="stand-in")
@click.option("--clock", help="Run on a virtual clock that starts here, such as 2026-11-23T09:00.")
@click.option("--token", help="What callers of POST /onebox/clock must show.")
@click.option("--no-page", is_flag=True, help="Leave the browser page out: starts faster.")
@data_option
def serve_command(**chosen: Any) -> None:
    """Run the whole office on this machine."""
    from onebox import server  # noqa: PLC0415 - the web stack costs other commands half a second

    clock = chosen.pop("clock")
    start = None if clock is None else moment(clock)
    page = not chosen.pop("no_page")
    server.serve(server.Wish(start=start, page=page, **chosen))


@click.command(
    "demo",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def demo_command(arguments: tuple[str, ...]) -> None:
    """Play a working day of a law office (`kartoteka demo --help` lists its options)."""
    try:
        play = importlib.import_module(_DEMO)
    except ModuleNotFoundError as exc:
        if exc.name not in {_DEMO, _DEMO.rpartition(".")[0]}:
            raise
        raise ConfigError("this installation has no demo in it") from exc
    sys.exit(play.main(list(arguments)))


def described(settings: Settings, place: str) -> dict[str, Any]:
    """Return what an operator needs to connect the world to the office."""
    return {
        "office": settings.office.name,
        "data": place,
        "forms": [
            {"id": form.id, "title": form.title, "path": f"/ingest/form/{form.id}"}
            for form in settings.forms
        ],
        "accounts": [
            {
                "channel": account.channel,
                "title": account.title,
                "token": account.id,
                "secret": account.secrets[0] if account.secrets else "",
                "secrets": list(account.secrets),
                "path": f"/ingest/{account.channel}/{account.id}",
            }
            for account in settings.accounts
        ],
        "staff": [
            {"id": p.id, "name": p.name, "email": p.email, "role": str(p.role)}
            for p in settings.staff
        ],
    }


def moment(text: str, zone: str = "Europe/Moscow") -> datetime:
    """Return an instant; a time without a zone is the office's local time.

    Raises:
        Invalid: the text is not a time of ISO 8601.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Invalid(f"{text!r} is not a time; write one like 2026-11-23T09:00") from exc
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
