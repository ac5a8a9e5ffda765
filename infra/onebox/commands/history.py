"""`kartoteka history`: what one record was, at any time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from kartoteka.domain.errors import Invalid
from kartoteka.domain.history import Step
from kartoteka.domain.instant import spell
from kartoteka.services.firing_story import Stories
from kartoteka.services.history import history
from kartoteka.services.kinds import KINDS
from kartoteka.services.office import read_settings
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, print_rows
from onebox.office import open_app

_COLUMNS = ("at", "field", "before", "after", "actor", "cause")


@click.command("history")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("record_id", metavar="ID")
@click.option("--at", "moment", help="Print the record as it was then (ISO 8601, office time).")
@json_option
@data_option
def history_command(
    kind: str, record_id: str, moment: str | None, *, as_json: bool, data: Path
) -> None:
    """Print every change of a record, why rules made theirs, or the record as it was at a time."""
    store = open_app(data).store
    life = history(store, kind, record_id)
    if not life.complete:
        click.echo("the log does not hold its beginning; rolled back from the present", err=True)
    if moment is not None:
        state = life.at(_instant(moment, read_settings(store).office.work.zone))
        if as_json:
            print_json(state)
            return
        rows = [{"field": name, "value": value} for name, value in (state or {}).items()]
        print_rows(rows, ("field", "value"), f"There was no {kind} {record_id} then.")
        return
    stories = Stories(store, read_settings(store))
    if as_json:
        print_json([{**_step(it), "why": stories.of(it.change.cause)} for it in life.steps])
        return
    print_rows([row for step in life.steps for row in _rows(step)], _COLUMNS, "none")
    for step in life.steps:
        if why := stories.of(step.change.cause):
            click.echo(f"{_at(step)}  {why}")


def _instant(text: str, zone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Invalid(
            f"--at {text!r}: use a date or time such as 2026-11-23T15:00",
            code="option_time",
            option="--at",
        ) from exc
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _step(step: Step) -> dict[str, Any]:
    change, part = step.change, step.part
    return {
        "change": change.id,
        "at": spell(change.at),
        "actor": f"{change.actor.kind}:{change.actor.id}",
        "cause": change.cause,
        "evidence": change.evidence,
        "reason": change.reason,
        "before": part.before,
        "after": part.after,
    }


def _at(step: Step) -> str:
    return f"{step.at:%Y-%m-%d %H:%M:%S}Z"


def _rows(step: Step) -> list[dict[str, Any]]:
    said = {**_step(step), "at": _at(step)}
    before, after = said["before"] or {}, said["after"] or {}
    return [
        {**said, "field": name, "before": before.get(name), "after": after.get(name)}
        for name in dict.fromkeys((*before, *after))
    ]
