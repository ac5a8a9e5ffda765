"""`kartoteka rules`: rehearse a rule over the last days, and see what rules did and why."""

from pathlib import Path
from typing import Any

import click

from kartoteka.domain.firing import Firing
from kartoteka.services.firing_words import reason
from kartoteka.services.firings import ListFirings, found
from kartoteka.services.office import read_settings
from kartoteka.services.rule_rehearsal import DAYS, rehearse
from kartoteka.services.rule_rehearsing import row_of
from kartoteka.services.settings_rules import rule_of
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import CLOCK_FILE, open_app

_FIRED = ("at", "about", "record_id", "acts_at")
_DONE = ("id", "at", "rule_id", "version", "about", "record_id", "cause", "state", "why")
_STATES = ("", "done", "parked", "planned", "skipped", "waiting")


@click.group("rules")
def rules_command() -> None:
    """Rehearse rules, and see what they did."""


@rules_command.command("rehearse")
@click.argument("rule", default="")
@click.option("--when", default="", help="Words of a rule there is not yet.")
@click.option("--if", "condition", default="", help="Its condition.")
@click.option("--then", default="", help="Its actions.")
@click.option("--after", default="", help="Its delay.")
@click.option("--days", type=click.IntRange(1, DAYS), default=DAYS, show_default=True)
@json_option
@data_option
def rehearse_command(rule: str, *, days: int, as_json: bool, data: Path, **words: str) -> None:
    """Say how often a rule would have fired, on whom, and what it would have done; does nothing."""
    desk = open_app(data, BoxClock(saved=data / CLOCK_FILE)).desk
    if words["when"].strip():
        row = row_of(words)
    else:
        row = rule_of(read_settings(desk.store).office, rule)
    played = rehearse(desk, row, days=days)
    if as_json:
        print_json(played.model_dump(mode="json"))
        return
    acts = ", ".join(f"{name} {count}" for name, count in played.acts.items() if count)
    click.echo(f"{played.fired} of {played.changes} changes; {played.share} % of records; {acts}")
    print_rows([it.model_dump(mode="json") for it in played.shown], _FIRED, "It would not fire.")


@rules_command.command("fired")
@click.option("--state", type=click.Choice(_STATES), default="", help="Only those; parked: failed.")
@click.option("--record", default="", help="Only of this lead, deal, client or task.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
@data_option
def fired_command(state: Any, *, record: str, limit: int, as_json: bool, data: Path) -> None:
    """Print what rules did, newest first: why, what they saw, what came of each action."""
    desk = open_app(data).desk
    firings = found(desk.store, ListFirings(state=state, record=record, limit=limit))
    if as_json:
        print_json([it.model_dump(mode="json") for it in firings])
        return
    locale = read_settings(desk.store).office.locale
    print_rows([_told(it, locale) for it in firings], _DONE, "No rule has fired.")


def _told(firing: Firing, locale: str) -> dict[str, Any]:
    """Return a firing with its reason in words."""
    return {**firing.model_dump(mode="json"), "why": reason(firing, locale)}
