"""What an import did, for people and for programs."""

from dataclasses import dataclass, field

import click

from kartoteka.domain.batch import UNDO_FOR
from kartoteka.domain.table_import import NEW, VERDICTS, ImportRun, Verdict
from kartoteka.i18n import text
from kartoteka.services import importing
from onebox.commands.output import print_json

_SHOWN = 50  # rows on the screen that are not simply new
_LISTED = 10_000  # rows in the JSON answer; a report file has all


@dataclass
class Answer:
    """What an import did, as far as it is printed; rows beyond the 10,000th are only counted."""

    run: ImportRun
    plan: importing.Plan
    locale: str
    resumed: int
    dry_run: bool
    rows: list[Verdict] = field(default_factory=list)
    left_out: int = 0

    def add(self, verdict: Verdict) -> list[object]:
        """Keep a row while there is room; return its line of the report."""
        if len(self.rows) < _LISTED:
            self.rows.append(verdict)
        else:
            self.left_out += 1
        return [verdict.row, self.word(verdict.what), self.why(verdict), verdict.client_id]

    def titles(self) -> list[str]:
        """Return the headers of the report."""
        names = ("row", "verdict", "why", "client")
        return [text(f"import_{name}", self.locale) for name in names]

    def word(self, what: str) -> str:
        """Return a verdict in the office's language."""
        return text(f"import_{what}", self.locale)

    def why(self, verdict: Verdict) -> str:
        """Return the reasons of a row in the office's language."""
        return " ".join(importing.reasons(verdict, self.locale))


def print_answer(answer: Answer, *, as_json: bool) -> None:
    """Print what the import did: one JSON object, or the notable rows and the totals."""
    if as_json:
        print_json(_object(answer))
        return
    notable = [row for row in answer.rows if row.what != NEW or row.faults]
    for row in notable[:_SHOWN]:
        line = f"{row.row:>7}  {answer.word(row.what)}  {answer.why(row)}"
        click.echo("".join(letter if letter.isprintable() else " " for letter in line).rstrip())
    more = len(notable[_SHOWN:]) + answer.left_out
    if more:
        click.echo(f"… {more} more rows; --report FILE.csv has all of them")
    if answer.plan.columns.ignored:
        click.echo(f"Columns not read: {', '.join(answer.plan.columns.ignored)}")
    _print_totals(answer)


def _print_totals(answer: Answer) -> None:
    run = answer.run
    counted = ", ".join(f"{answer.word(what)}: {run.totals.get(what, 0)}" for what in VERDICTS)
    click.echo(f"{run.rows} rows. {counted}")
    if answer.dry_run:
        click.echo("Nothing was written: this was a try. Leave out --dry-run to import.")
        return
    until = (run.at + UNDO_FOR).date().isoformat()
    click.echo(f"Batch {run.batch_id}: `kartoteka undo {run.batch_id} --as EMAIL` until {until}")


def _object(answer: Answer) -> dict[str, object]:
    run, columns = answer.run, answer.plan.columns
    return {
        "dry_run": answer.dry_run,
        "file": run.file,
        "import": run.id,
        "batch": None if answer.dry_run else run.batch_id,
        "resumed_rows": answer.resumed,
        "columns": {column.title: column.field for column in columns.read},
        "ignored": columns.ignored,
        "rows_read": run.rows,
        "totals": {what: run.totals.get(what, 0) for what in VERDICTS},
        "rows": [_row(answer, row) for row in answer.rows],
        "rows_left_out": answer.left_out,
    }


def _row(answer: Answer, row: Verdict) -> dict[str, object]:
    return {
        "row": row.row,
        "verdict": row.what,
        "codes": [fault.code for fault in row.faults],
        "columns": [fault.column for fault in row.faults if fault.column],
        "why": importing.reasons(row, answer.locale),
        "client": None if answer.dry_run and row.what == NEW else row.client_id,
    }
