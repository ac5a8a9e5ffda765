"""What was written by its place is looked at again, and once a night everything is.

Somebody may sort a tab, or delete a row, between our read and our write: then cells land in another
record's row, and that row may be gone before anybody looks. So a book remembers which rows it wrote
by their numbers, and the next flush holds each against the store, whatever the row says of itself.
What no flush can know, such as an older version of the file put back by Google's history, the
night's look at every row finds.
"""

import json
from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from kartoteka.ports import Doc, Store, Tx
from sync import books
from sync.cells import normal
from sync.plan import Row

_ALL = "*"
_MOST = 500  # names in the memory of a book; of more rows a whole tab is compared
_ROWS = 50  # typed rows of a tab that are remembered
_NIGHT = timedelta(hours=3)  # a day of comparing begins at three o'clock


def written(records: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what a book remembers of the rows it wrote, by tab."""
    told = {tab: sorted(names) for tab, names in records.items()}
    return {tab: " ".join(it) if len(it) <= _MOST else _ALL for tab, it in told.items() if it}


def unproved(kept: str) -> list[str]:
    """Return the records whose rows have to be looked at again."""
    return [] if kept == _ALL else kept.split()


class _Everything:
    def __contains__(self, _name: object) -> bool:
        return True


def doubtful(kept: str) -> Container[str]:
    """Return the records of which nobody knows yet where their cells landed."""
    return _Everything() if kept == _ALL else frozenset(kept.split())


def foretell(store: Store, book: str, written: Mapping[str, str], loose: Mapping[str, str]) -> None:
    """Remember what is about to be written by its place: whoever dies in between has told."""

    def work(tx: Tx) -> None:
        doc = tx.get(books.COLLECTION, book)
        if doc is not None:
            told: Doc = {
                "written": _united(_texts(doc, "written"), written),
                "loose": {**_texts(doc, "loose"), **loose},
            }
            tx.put(books.COLLECTION, book, {**doc, **told})

    store.run(work)


def _texts(doc: Doc, name: str) -> dict[str, str]:
    found = doc.get(name)
    return {key: str(it) for key, it in found.items()} if isinstance(found, Mapping) else {}


def _united(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the rows of both, by tab."""
    pairs = {key: (old.get(key, ""), new.get(key, "")) for key in {**old, **new}}
    named = {key: {name for it in pair for name in unproved(it)} for key, pair in pairs.items()}
    return {**written(named), **{key: _ALL for key, pair in pairs.items() if _ALL in pair}}


def typed(rows: Iterable[Row]) -> str:
    """Return what a book remembers of rows that are no records': their filled cells."""
    left = (row for row in rows if not (row.id or row.is_empty))
    found = [
        {key: normal(cell) for key, cell in row.cells.items() if normal(cell)}
        for row in islice(left, _ROWS)
    ]
    return json.dumps(found, ensure_ascii=False) if found else ""


def vanished(kept: str, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return what had been typed into rows that are no records' and stands nowhere now.

    Args:
        kept: what the book remembers.
        rows: those of the tab.

    Returns:
        Columns with their values.
    """
    if not kept:
        return []
    here = {(key, normal(cell)) for row in rows for key, cell in row.cells.items()}
    told = (pair for row in json.loads(kept) for pair in row.items())
    return [pair for pair in told if pair not in here]


def is_all(kept: str) -> bool:
    """Return whether so many rows were written that the whole tab has to be looked at again."""
    return kept == _ALL


def night(now: datetime, zone: str) -> str:
    """Return the day of comparing, as text: every book is looked at as a whole once in each."""
    return (now.astimezone(ZoneInfo(zone)) - _NIGHT).date().isoformat()
