"""`python -m bench [part …]`: measure, print a table per part; FULL=1 adds a million records."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.books_bench import drained
from bench.campaigns_bench import mailings
from bench.catalogue import exchanges
from bench.cold import cold_starts
from bench.core_cost import budgets, growth
from bench.doors import doors
from bench.exchanges import events, questions
from bench.forms import forms
from bench.import_table import imports
from bench.intake import many_callers, one_caller
from bench.mail import letters
from bench.messengers import messages
from bench.mirror import calls_for_changes, waits_for_rows
from bench.nightly_bench import nights
from bench.orders import orders
from bench.payments import events as payments
from bench.phones_bench import phones
from bench.reads import budget, lookups
from bench.report import Row, print_table
from bench.rules_bench import rules
from bench.segments_bench import counting
from bench.statistics_bench import counted

FULL = bool(os.getenv("FULL"))
BASE = 1_000_000 if FULL else 100_000
LARGE = 1_000_000 if FULL else 100_000

Part = Callable[[Path], list[Row]]
PARTS: dict[str, tuple[str, Part]] = {
    "budget": ("One form lead at the store's port", budget),
    "cold": ("Cold start, median of seven", cold_starts),
    "one": ("Form accepted, one caller", one_caller),
    "many": ("Form accepted, sixteen callers", lambda folder: many_callers(folder, BASE)),
    "lookup": ("Who calls", lambda folder: lookups(folder, 10_000, LARGE)),
    "asked": ("An exchange asks who calls", lambda folder: questions(folder, LARGE)),
    "exchanges": ("A call of each exchange", events),
    "payments": ("A payment and a report of each service", payments),
    "orders": ("An order of each shop", orders),
    "mail": ("A letter through each provider", letters),
    "doors": ("Channels with a door of their own", doors),
    "forms": ("A form of each provider", forms),
    "messengers": ("A message of each messenger", messages),
    "calls": ("Calls to Google", calls_for_changes),
    "rows": ("From event to row", waits_for_rows),
    "books": ("Books under load", drained),
    "phones": ("Cards on phones", phones),
    "core": ("Commands at the store's port", budgets),
    "growth": ("Commands as the base grows", lambda folder: growth(folder, LARGE)),
    "nightly": ("Nightly work", nights),
    "figures": ("Figures from the change log", counted),
    "mailings": ("A campaign of 50,000", mailings),
    "segments": ("Segments of many clients", counting),
    "rules": ("Two hundred rules of the office", rules),
    "import": ("Import of clients", imports),
    "catalogue": ("1C's catalogue of 50,000 goods", exchanges),
}


def main(wanted: Sequence[str]) -> int:
    """Return 0 when every limit holds, 1 when one does not, 2 for an unknown part."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"there is no part {unknown[0]!r}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in wanted or PARTS:
        title, measure = PARTS[name]
        with tempfile.TemporaryDirectory(prefix="kartoteka-bench-") as folder:
            measured = measure(Path(folder))
        print_table(title, measured)
        rows += measured
    missed = [row.what for row in rows if row.holds is False]
    print(f"\n{len(missed)} of {len(rows)} lines are NOT OK" if missed else "\nEvery limit holds.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
