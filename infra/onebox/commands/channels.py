"""`kartoteka channels`: what to paste where, and which channels really work."""

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click

from kartoteka.domain.channels import CHANNEL_NAMES
from kartoteka.domain.inbound import Kind
from kartoteka.services.connections import Connection, connections
from kartoteka.services.office import Desk
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.commands.waking import beside
from onebox.connecting import Tried, steps, try_out
from onebox.delivery import account_of, address_to_paste, base_url, delivered
from onebox.office import CLOCK_FILE, open_app
from onebox.provider_keys import ProviderKeys
from onebox.refusals import Refusals, refused

_MARKS = {"green": "●", "moving": "◐", "unclear": "!", "silent": "○", "off": "–"}
_COLUMNS = ("", "channel", "title", "state", "age", "heard_at", "address", "why")
_KNOWN_LETTER = "mail_seen"
_QUIET = timedelta(days=3)
_HOW = "`kartoteka channels show NAME` prints the steps, `kartoteka channels test NAME` tries."


@click.group("channels", invoke_without_command=True)
@json_option
@data_option
@click.pass_context
def channels_command(context: click.Context, *, as_json: bool, data: Path) -> None:
    """Print every form and account: its address, its last real event, whether it works.

    Green only when a real event has passed from the provider to the sheet; samples do not count.
    """
    if context.invoked_subcommand is not None:
        return
    desk = _desk(data)
    found = _all_shown(desk, data)
    if as_json:
        locale = desk.settings().office.locale
        idle = sorted(set(CHANNEL_NAMES) - {str(one["channel"]) for one in found})
        print_json(
            {
                "channels": [{**one, "steps": steps(str(one["channel"]), locale)} for one in found],
                "not_connected": [{"channel": name, "steps": steps(name, locale)} for name in idle],
            }
        )
        return
    print_rows(found, _COLUMNS, "Nothing is connected yet: account.add connects a channel.")
    _hint(found)
    click.echo(f"\n{_HOW}")


@channels_command.command("show")
@click.argument("name", type=click.Choice(CHANNEL_NAMES))
@data_option
def show_command(name: str, data: Path) -> None:
    """Print what to click at the provider, and the office's addresses of the channel."""
    desk = _desk(data)
    for number, step in enumerate(steps(name, desk.settings().office.locale), 1):
        click.echo(f"{number}. {step}")
    found = [one for one in _all_shown(desk, data) if one["channel"] == name]
    click.echo("")
    print_rows(found, _COLUMNS, f"{name} is not connected yet.")
    _hint(found)


@channels_command.command("test")
@click.argument("name", type=click.Choice(CHANNEL_NAMES))
@click.option("--account", default="", help="Token of one account, or id of one form.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the running box.")
@json_option
@data_option
def try_command(*, name: str, account: str, port: int | None, as_json: bool, data: Path) -> None:
    """Send a sample event of a channel to the running office and follow it into the sheet.

    It makes a request of an invented client, and does not turn the channel green.
    """
    with redirect_stdout(sys.stderr):
        desk = beside(_desk(data), data)
        if name != "form":
            account = account_of(name, desk.settings(), account).id
        tried = try_out(
            desk,
            (name, account),
            base_url(data, port),
            send=lambda call: delivered(ProviderKeys(data).proven(call)).status_code,
        )
    if as_json:
        print_json(_result(tried))
    else:
        _tell(tried)
    if not tried.ok:
        raise click.exceptions.Exit(1)


def why_not(tried: Tried) -> str:
    """Return what became of a sample that made nothing, and what to look at."""
    if tried.status == HTTPStatus.UNAUTHORIZED:
        steps_of = f"`kartoteka channels show {tried.channel}`"
        return f"The office's secret does not sign even our sample: {steps_of} says what it is."
    if any(one.why == _KNOWN_LETTER for one in tried.events):
        return "It was heard: the office has this letter already, from another account of mail."
    return "It did not come through: `kartoteka list inbounds` tells why."


def _desk(data: Path) -> Desk:
    return open_app(data, BoxClock(saved=data / CLOCK_FILE)).desk


def _all_shown(desk: Desk, data: Path) -> list[dict[str, Any]]:
    """Return a row per form and account, with what to do about it where something is wrong."""
    found = connections(desk)
    turned = refused(data, {one.id: one.heard_at for one in found})
    return [_shown(desk, data, one, turned.get(one.id)) for one in found]


def _shown(desk: Desk, data: Path, one: Connection, turned: Refusals | None) -> dict[str, Any]:
    address = address_to_paste(one.channel, one.id, desk.settings(), base_url(data))
    told = one.model_dump(mode="json", exclude={"path"})
    hint = advice(one, turned, desk.now())
    return {"": _MARKS[one.state], **told, "age": _age(one.age_s), "address": address, "hint": hint}


def advice(one: Connection, turned: Refusals | None, now: datetime) -> str:
    """Return what the operator should look at, empty when nothing speaks for it."""
    if turned is not None:
        calls = "1 call was" if turned.count == 1 else f"{turned.count} calls were"
        ago = _age(max(0, int((now - turned.last_at).total_seconds())))
        return (
            f"{calls} refused, the last one {ago} ago: unless strangers call, the secret at the"
            f" provider is none of the office's. `kartoteka channels show {one.channel}` tells"
            " where it is set."
        )
    if one.state == "green" and one.age_s is not None and one.age_s >= _QUIET.total_seconds():
        return (
            f"nothing for {_age(one.age_s)}. If clients wrote or called meanwhile, look at the"
            " provider whether the address is still there and what its log of deliveries says."
        )
    return ""


def _hint(found: list[dict[str, Any]]) -> None:
    for one in found:
        if one["hint"]:
            click.echo(f"\n{one['channel']} ({one['title']}): {one['hint']}")


def _age(seconds: int | None) -> str:
    if seconds is None:
        return ""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _result(tried: Tried) -> dict[str, Any]:
    told = {key: value for key, value in asdict(tried).items() if key != "events"}
    leads = [one.lead_id for one in tried.events if one.lead_id]
    return {**told, "ok": tried.ok, "events": [one.id for one in tried.events], "leads": leads}


def _tell(tried: Tried) -> None:
    click.echo(f"{tried.channel}: sample {tried.sample!r} was answered with {tried.status}.")
    for one in tried.events:
        click.echo(f"  {one.id}: {one.state} {one.why}".rstrip())
    if not tried.ok:
        click.echo(why_not(tried))
        return
    if all(one.what in {Kind.TEAM, Kind.RECEIPT} for one in tried.events):
        click.echo("It was heard; what the team says and reports on messages are no rows.")
        return
    leads = [one.lead_id for one in tried.events if one.lead_id]
    made = f" It made {leads[0]}; lead.delete removes it." if leads else ""
    if any(one.what is Kind.PAYMENT for one in tried.events):
        made += " It made a payment without a deal; payment.dismiss takes it away."
    click.echo(f"It is in the sheet.{made}")
