"""`kartoteka import`: a list of clients from CSV, XLSX or vCard; as a try or in earnest."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import click

from kartoteka.adapters import csv_table, xlsx
from kartoteka.adapters.draft import DraftStore
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.adapters.table_files import open_table
from kartoteka.domain.errors import Invalid
from kartoteka.domain.table_import import ImportRun
from kartoteka.services import importing
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.wiring import App
from onebox.clock import BoxClock
from onebox.commands.import_answer import Answer, print_answer
from onebox.commands.options import data_option, json_option
from onebox.commands.output import unwritable
from onebox.commands.waking import beside, silenced
from onebox.office import CLOCK_FILE, STORE_FILE, open_app

_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class _Asked:
    """What the command line says: whose import of which file, and how it is read."""

    file: Path
    email: str
    said: dict[str, str]
    encoding: str
    report: Path | None
    dry_run: bool


@click.command("import")
@click.argument("file", type=_FILE, required=False)
@click.option("--as", "email", help="E-mail of the person who imports.")
@click.option("--dry-run", is_flag=True, help="Show what would become of each row; write nothing.")
@click.option("--map", "said", multiple=True, metavar="TITLE=FIELD", help="What a column means.")
@click.option("--encoding", default="", help="Of a text file, when the one found is wrong.")
@click.option("--report", type=_FILE, help="CSV file for the verdict of every row.")
@click.option("--template", type=click.Choice(["csv", "xlsx"]), help="Write an empty table.")
@json_option
@data_option
def import_command(
    file: Path | None,
    email: str | None,
    said: tuple[str, ...],
    encoding: str,
    *,
    report: Path | None,
    template: str | None,
    dry_run: bool,
    as_json: bool,
    data: Path,
) -> None:
    """Import a list of clients; the same file goes on where a crash stopped it.

    Rows are matched by telephone number and e-mail. `kartoteka undo BATCH` takes all of it back
    for 30 days. With --template FILE is where the empty table goes.
    """
    if template is not None:
        _write_template(file or Path(f"kartoteka-clients.{template}"), template, data)
        return
    if file is None or email is None:
        wanted = "kartoteka import FILE --as EMAIL"
        raise Invalid(f"name the FILE and who imports: {wanted}", code="option_whole", whole=wanted)
    asked = _Asked(file, email, _mapping(said), encoding, report, dry_run)
    app = _lean_app(data)
    with redirect_stdout(sys.stderr), _desk(app, data, dry_run) as desk:
        answer = _import(desk, asked)
    print_answer(answer, as_json=as_json)


def _import(desk: Desk, asked: _Asked) -> Answer:
    settings = desk.settings()
    actor = actor_by_email(settings, asked.email)
    table = open_table(asked.file, encoding=asked.encoding)
    plan = importing.prepare(desk, actor, table, asked.said)
    run = importing.begin(desk, plan, cause="command:import")
    answer = Answer(run, plan, settings.office.locale, run.rows, asked.dry_run)
    lines = _worked(desk, answer)
    if asked.report is None:
        for _ in lines:
            continue
    else:
        csv_table.write(asked.report, answer.titles(), lines)
    answer.run = ImportRun.model_validate(desk.store.get(ImportRun.collection, run.id))
    return answer


def _worked(desk: Desk, answer: Answer) -> Iterator[list[object]]:
    """Yield the lines of the report while the rows are imported and the bar moves."""
    length = max(answer.plan.table.estimate, 1)
    with click.progressbar(length=length, label="Import", file=sys.stderr) as bar:
        bar.update(answer.resumed)
        for verdicts in importing.run(desk, answer.plan, answer.run):
            for verdict in verdicts:
                yield answer.add(verdict)
            bar.update(len(verdicts))


@contextmanager
def _desk(app: App, data: Path, dry_run: bool) -> Iterator[Desk]:
    """Yield the office's desk, or one on which everything happens in a draft."""
    if not dry_run:
        yield beside(app.desk, data)
        return
    with tempfile.TemporaryDirectory(prefix="kartoteka-import-") as folder:
        draft = DraftStore(app.store, SqliteStore(Path(folder) / "draft", mapped_bytes=0))
        try:
            yield replace(silenced(app.desk), store=draft)
        finally:
            draft.close()


def _lean_app(data: Path) -> App:
    """Return the office with a store that keeps the process small, whatever the file's size."""
    app = open_app(data, BoxClock(saved=data / CLOCK_FILE))
    return replace(app, make_store=lambda _: SqliteStore(data / STORE_FILE, mapped_bytes=0))


def _mapping(said: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in said:
        title, mark, name = item.rpartition("=")
        if not mark or not title:
            example = '--map "Title=phone"'
            raise Invalid(
                f"--map {item!r}: write it as {example}",
                code="option_pair",
                option=f"--map {item}",
                example=example,
            )
        found[title] = name.strip()
    return found


def _write_template(path: Path, kind: str, data: Path) -> None:
    if path.exists():  # more likely the list that somebody wanted to import
        raise Invalid(f"{path} is there already", code="file_there", file=str(path))
    has_office = (data / STORE_FILE).exists()
    locale = open_app(data).desk.settings().office.locale if has_office else "ru"
    titles, sample = importing.template(locale)
    try:
        if kind == "csv":
            csv_table.write(path, titles, [sample])
        else:
            xlsx.write(path, titles, [sample], "Clients")
    except OSError as exc:
        raise unwritable(path, exc) from exc
    click.echo(str(path))
