"""The note on a row that somebody deleted and that came back: it goes when its time is over.

It says that the record is still there, which is of use to whoever deleted the row, now. So it goes
with the next change of any cell of the row, and at the latest with the first look of another day;
at night every row is looked at. Until then the row's base keeps of which day it is.
"""

from dataclasses import replace
from zoneinfo import ZoneInfo

from sync.columns import Frame, Tab
from sync.plan import Row, RowWrite

_MARK = "^"  # among the columns with notes: before the day on which the row came back


def noted(tab: Tab, frame: Frame) -> tuple[str, ...]:
    """Return what the base of a row that came back keeps of its note."""
    return (tab.columns[0].key, _MARK + _day(frame))


def told(row: Row) -> str:
    """Return the mark of a row whose note says that it came back; else empty."""
    base = row.own_base
    return next((it for it in base.noted if it.startswith(_MARK)), "") if base else ""


def unmarked(row: Row) -> Row:
    """Return the row as if it had no such note."""
    base, mark = row.base, told(row)
    if base is None or not mark:
        return row
    return replace(row, base=replace(base, noted=base.noted[base.noted.index(mark) + 1 :]))


def settled(written: RowWrite, row: Row, tab: Tab, frame: Frame) -> RowWrite:
    """Return what is written to a row that came back: its note goes or stays as it is."""
    first, mark = tab.columns[0].key, told(row)
    if not mark or first in written.notes:
        return written
    base = written.base
    was = row.base.hashes if row.base else {}
    if mark != _MARK + _day(frame) or base.hashes != was:
        return replace(written, row=row, notes={**written.notes, first: ""})
    kept = tuple(it for it in base.noted if it != first)
    return replace(written, row=row, base=replace(base, noted=(first, mark, *kept)))


def _day(frame: Frame) -> str:
    zone = ZoneInfo(frame.settings.office.work.zone)
    return f"{frame.now.astimezone(zone):%Y-%m-%d}" if frame.now is not None else ""
