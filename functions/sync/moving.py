"""Cells that moved without the ids of their rows: a part of the columns was sorted.

Nobody reports a sort. It shows by values that were each in one row only and stand in another now:
three of them in a column are no coincidence. What stands in such rows is nobody's edit, unless the
add-on told of it: what we wrote for another row goes back, any other text is journalled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sync.cells import digest, normal
from sync.columns import Tab
from sync.merge import Verdict, Winner
from sync.plan import Edit, Row
from sync.trail import Told

_FEW = 3  # cells of a column that show each other's values: fewer may be cut and pasted


def unmoved(
    edits: Sequence[Edit],
    rows: Sequence[Row],
    tab: Tab,
    told: Mapping[tuple[str, str], Told],
) -> list[Edit]:
    """Return the edits; in rows whose cells moved none is a command that nobody told of.

    Args:
        edits: of one tab.
        rows: all of its rows.
        tab: its columns; rows of settings are left as they are, for they may be renumbered.
        told: what the add-on said of cells.
    """
    untold = [edit for edit in edits if edit.is_command and not _is_told(edit, told)]
    if tab.lists is not None or len(untold) < _FEW:
        return list(edits)
    keys = {edit.column for edit in untold}
    moved = {record for key in keys for record in _moved(key, untold, rows)}
    nobodys = {(it.record, it.column): it for it in untold if it.record in moved}
    bases = [base for row in rows if nobodys and (base := row.own_base)]
    written = {(key, base.hashes.get(key)) for base in bases for key in keys}
    lost = [it for it in nobodys.values() if (it.column, digest(it.typed)) not in written]
    kept = [edit for edit in edits if (edit.record, edit.column) not in nobodys]
    return [
        *kept,
        *(replace(it, verdict=Verdict.CONFLICT, winner=Winner.STORE, moved=True) for it in lost),
    ]


def _is_told(edit: Edit, told: Mapping[tuple[str, str], Told]) -> bool:
    said = told.get((edit.record, edit.column))
    return said is not None and (said.value is None or said.says(edit.typed))


def _moved(key: str, edits: Sequence[Edit], rows: Sequence[Row]) -> set[str]:
    """Return the records whose own value of a column stands elsewhere, or that show such a one.

    Only a value that no other record had tells where it came from.
    """
    edited = [edit.record for edit in edits if edit.column == key]
    if len(edited) < _FEW:
        return set()
    ours = [base for row in rows if (base := row.base) and row.id in {"", base.id}]
    own = {base.id: base.hashes.get(key, "") for base in ours if not base.mark}
    many = Counter(own.values())
    shown = {digest(row.cells[key]) for row in rows if normal(row.cells[key])}
    names = {record: own.get(record, "") for record in edited}
    found = {record for record, name in names.items() if many[name] == 1 and name in shown}
    theirs = {names[record] for record in found}
    here = {it.record for it in edits if it.column == key and digest(it.typed) in theirs}
    return found | here if len(found) >= _FEW else set()
