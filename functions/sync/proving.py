"""What was written by its place is looked at again, and once a night everything is.

Somebody may sort a tab, or delete a row, between our read and our write: then cells land in another
record's row, and that row may be gone before anybody looks. So a book remembers which rows it wrote
by their numbers, and the next flush holds each against the store, whatever the row says of itself.
What no flush can know, such as an older version of the file put back by Google's history, the
night's look at every row finds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_ALL = "*"
_MOST = 500  # names in the memory of a book; of more rows a whole tab is compared
_NIGHT = timedelta(hours=3)  # a day of comparing begins at three o'clock


def written(records: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what a book remembers of the rows it wrote, by tab."""
    told = {tab: sorted(names) for tab, names in records.items()}
    return {tab: " ".join(it) if len(it) <= _MOST else _ALL for tab, it in told.items() if it}


def unproved(kept: str) -> list[str]:
    """Return the records whose rows have to be looked at again."""
    return [] if kept == _ALL else kept.split()


def is_all(kept: str) -> bool:
    """Return whether so many rows were written that the whole tab has to be looked at again."""
    return kept == _ALL


def night(now: datetime, zone: str) -> str:
    """Return the day of comparing, as text: every book is looked at as a whole once in each."""
    return (now.astimezone(ZoneInfo(zone)) - _NIGHT).date().isoformat()
