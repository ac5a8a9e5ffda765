"""Rows of the table: what was measured, the limit, and whether it holds."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One claim; `holds` None means a number without a limit."""

    what: str
    measured: str
    limit: str = ""
    holds: bool | None = None


def at_most(what: str, value: float, limit: float, unit: str = "") -> Row:
    """Return a claim that a value does not exceed a limit."""
    return Row(what, _spelled(value, unit), f"≤ {_spelled(limit, unit)}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "") -> Row:
    """Return a claim that a value reaches a limit."""
    return Row(what, _spelled(value, unit), f"≥ {_spelled(limit, unit)}", value >= limit)


def told(what: str, value: float, unit: str = "") -> Row:
    """Return a number that is printed and not judged."""
    return Row(what, _spelled(value, unit))


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print the rows of one part at once, so that a long run shows where it is."""
    width = max((len(row.what) for row in rows), default=0)
    verdicts = {True: "ok", False: "NOT OK", None: ""}
    print(f"\n{title}")
    for row in rows:
        line = f"  {row.what:<{width}}  {row.measured:>12}  {row.limit:>12}  {verdicts[row.holds]}"
        print(line.rstrip())
    sys.stdout.flush()


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _spelled(value: float, unit: str) -> str:
    digits = 0 if value >= 100 or value == int(value) else 2
    return f"{value:,.{digits}f}{' ' if unit else ''}{unit}"
