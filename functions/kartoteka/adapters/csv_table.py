"""Rows of a CSV file: encoding, separator and apostrophes of our own export are found out.

Source: RFC 4180; Excel writes `;` or tab by the locale of the machine, and reads a first line
`sep=;`.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from kartoteka.adapters.text_files import count, encoding_of, sample_of
from kartoteka.domain.csv_safety import plain, safe
from kartoteka.domain.headers import header_row, meaning
from kartoteka.domain.table import Row

_SEPARATORS = ";,\t|"
_SEP = "sep="
_SEARCHED = 10
_BROKEN = "import_broken_row"


def reader(path: Path, encoding: str = "") -> tuple[int, Callable[[], Iterator[Row]]]:
    """Return about how many rows there are, and what reads them from the start."""
    found = encoding_of(path, encoding)
    separator = _separator(sample_of(path, found))

    def rows() -> Iterator[Row]:
        with path.open(encoding=found, errors="replace", newline="") as file:
            yield from _rows(file, separator)

    return max(0, count(path, b"\n")), rows


def _rows(lines: Iterable[str], separator: str) -> Iterator[Row]:
    table = csv.reader(lines, delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            cells = next(table, None)
        except csv.Error:
            yield Row(number, (), _BROKEN)
            continue
        if cells is None:
            return
        if number == 1 and "".join(cells[:1]).lower().startswith(_SEP):
            continue
        yield Row(number, tuple(map(plain, cells)))


def _separator(sample: str) -> str:
    """Return the separator with which most headers are known and the header row is widest."""
    lines = sample.splitlines()[:_SEARCHED]
    if lines and lines[0].lower().startswith(_SEP) and len(lines[0]) > len(_SEP):
        return lines[0][len(_SEP)]
    return max(_SEPARATORS, key=lambda mark: _fitness(lines, mark))


def _fitness(lines: list[str], separator: str) -> tuple[int, int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return (0, 0)
    if not rows:
        return (0, 0)
    head = rows[header_row(rows)]
    return (sum(meaning(cell) is not None for cell in head), len(head))


def write(
    path: Path, titles: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ";"
) -> None:
    """Write a CSV that Excel opens with the right letters; text that could be a formula is guarded.

    UTF-8 with its mark, `;` between cells, instants as `2026-11-23 09:00`.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=separator)
        table.writerow([safe(title) for title in titles])
        for row in rows:
            table.writerow([_spelled(value) for value in row])


def _spelled(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return str(value) if isinstance(value, int | float | Decimal) else safe(str(value))
