"""`kartoteka export`: records as XLSX, CSV or vCard, as far as the person may take them along."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from kartoteka.adapters import csv_table, vcards, xlsx
from kartoteka.domain.errors import Invalid
from kartoteka.domain.table_export import CSV, SHEETS, VCARD, XLSX, ExportRun
from kartoteka.services import exporting
from kartoteka.services.exporting import Export
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from onebox.clock import BoxClock
from onebox.commands.options import data_option, json_option
from onebox.commands.output import print_json, unwritable
from onebox.commands.waking import beside
from onebox.office import CLOCK_FILE, open_app


@click.command("export")
@click.argument("what", type=click.Choice(sorted(SHEETS)))
@click.option("--as", "email", required=True, help="E-mail of the person who exports.")
@click.option("--format", "kind", type=click.Choice([CSV, XLSX, VCARD]), help="Else by --out.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write; replaced when it is there.",
)
@click.option("--only", multiple=True, metavar="COLUMN=VALUE", help="Records with this value.")
@json_option
@data_option
def export_command(
    what: str,
    email: str,
    kind: str | None,
    out: Path,
    *,
    only: tuple[str, ...],
    as_json: bool,
    data: Path,
) -> None:
    """Write records to a file; what the person may not read is not in it. The log tells who did."""
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    desk = beside(app.desk, data)
    with redirect_stdout(sys.stderr):
        actor = actor_by_email(desk.settings(), email)
        made = kind or out.suffix.lstrip(".").lower() or XLSX
        export = exporting.prepare(desk, actor, what, made, only=_filter(only))
        _write(desk, export, out)
    done = ExportRun.model_validate(desk.store.get(ExportRun.collection, export.run.id))
    if as_json:
        print_json({**done.model_dump(mode="json"), "file": str(out)})
    else:
        click.echo(f"{out}: {done.count} {what}")


def _write(desk: Desk, export: Export, out: Path) -> None:
    """Write the whole file beside its place, then put it there: nobody opens half of one."""
    draft = out.with_name(f".{out.name}.part")
    try:
        if export.run.format == VCARD:
            vcards.write(draft, exporting.contacts(desk, export))
        elif export.run.format == XLSX:
            xlsx.write(draft, export.titles, exporting.rows(desk, export), export.run.what)
        else:
            csv_table.write(draft, export.titles, exporting.rows(desk, export))
        draft.replace(out)
    except OSError as exc:
        raise unwritable(out, exc) from exc
    finally:
        draft.unlink(missing_ok=True)


def _filter(only: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in only:
        name, mark, value = item.partition("=")
        if not mark:
            example = "--only state=open"
            raise Invalid(
                f"--only {item!r}: write it as {example}",
                code="option_pair",
                option=f"--only {item}",
                example=example,
            )
        found[name.strip()] = value.strip()
    return found
