"""The three-way merge of one cell: what we last wrote, what the sheet shows, what the store wants.

| sheet moved | store moved | verdict |
|---|---|---|
| no | no | KEEP |
| no | yes | WRITE the store's value |
| yes, to the store's value | any | KEEP |
| yes | no | COMMAND; RESTORE where the column is not for people |
| yes | yes, elsewhere | CONFLICT: the column's rule names the winner, the loser is journalled |
| the base is lost | - | CONFLICT if a person may have typed it, else WRITE |
"""

from enum import StrEnum

from kartoteka.ports import CellValue
from sync.cells import digest, normal, same


class Verdict(StrEnum):
    """What becomes of a cell."""

    KEEP = "keep"
    WRITE = "write"
    COMMAND = "command"
    CONFLICT = "conflict"
    RESTORE = "restore"


class Winner(StrEnum):
    """Who prevails when a person and the store changed the same cell."""

    SHEET = "sheet"
    STORE = "store"


def judge(*, editable: bool, base: str | None, sheet: CellValue, store: CellValue) -> Verdict:
    """Return what becomes of a cell.

    Args:
        editable: whether people may change this column.
        base: digest of what we last wrote here, None when that is not known.
        sheet: the cell as it is.
        store: the cell as the store wants it.
    """
    if same(sheet, store):
        return Verdict.KEEP
    if base is None:
        return Verdict.CONFLICT if editable and normal(sheet) else Verdict.WRITE
    if digest(sheet) == base:
        return Verdict.WRITE
    if not editable:
        return Verdict.RESTORE
    return Verdict.COMMAND if digest(store) == base else Verdict.CONFLICT
