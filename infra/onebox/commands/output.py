"""How commands print: JSON for programs, tables for people."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from kartoteka.domain.errors import Invalid

_GAP = "  "
_WIDEST = 48
_NARROWEST = 80


def print_json(content: object) -> None:
    """Print one JSON value and nothing else."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def print_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], empty: str) -> None:
    """Print a table of these columns, or the sentence `empty` when there are no rows."""
    if not rows:
        click.echo(empty)
        return
    table = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [
        min(_WIDEST, max(len(line[at]) for line in [list(columns), *table]))
        for at in range(len(columns))
    ]
    for line in (list(columns), ["-" * width for width in widths], *table):
        click.echo(_line(line, widths))


def unwritable(path: Path, exc: OSError) -> Invalid:
    """Return the refusal of a file that the machine does not let us write."""
    said = f"{path} cannot be written: {exc.strerror}"
    return Invalid(said, code="file_unwritable", file=str(path))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    if not sys.stdout.isatty():
        return _GAP.join(map(str.ljust, cells, widths)).rstrip()  # a pipe gets everything
    text = _GAP.join(map(_fit, cells, widths)).rstrip()
    return text[: max(_NARROWEST, shutil.get_terminal_size().columns)]


def _fit(cell: str, width: int) -> str:
    return cell.ljust(width) if len(cell) <= width else cell[: width - 1] + "…"


def _cell(value: object) -> str:
    """Return a value on one line, without characters that would steer the terminal."""
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple):
        value = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else " " for c in str(value))
