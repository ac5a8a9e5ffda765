"""One cell as it is kept: nothing, a bare value, or a dict when there is more than a value.

Keys of the dict: `v` the entered value, `f` the formula, `s` the number of its format and `d` of
its validation rule in the workbook's palette, `n` the note, `x` other fields of CellData.
A cell is never changed in place: whoever changes it puts a new one.
"""

import json
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool
Cell: TypeAlias = str | int | float | bool | dict[str, Any] | None
Row: TypeAlias = list[Cell]

# Parts of `x` that speak of letters of the value: a new value erases them.
RUNS = ("textFormatRuns", "chipRuns")


def entered(cell: Cell) -> Value | None:
    """Return what was entered; None for an empty cell and for a formula."""
    return cell.get("v") if isinstance(cell, dict) else cell


def formula(cell: Cell) -> str | None:
    """Return the formula with its equals sign, or None."""
    return cell.get("f") if isinstance(cell, dict) else None


def has_content(cell: Cell) -> bool:
    """Tell whether the cell holds a value or a formula; formats and notes do not count."""
    if isinstance(cell, dict):
        return "v" in cell or "f" in cell
    return cell is not None


def part(cell: Cell, key: str) -> Any:
    """Return one part of the cell by its key, or None."""
    return cell.get(key) if isinstance(cell, dict) else None


def with_value(cell: Cell, value: Value | None, text: str | None = None) -> Cell:
    """Return the cell with another value, or with the formula `text`; only its runs are lost."""
    if not isinstance(cell, dict):
        return value if text is None else {"f": text}
    kept = {key: item for key, item in cell.items() if key not in {"v", "f"}}
    if "x" in kept:
        kept["x"] = {name: item for name, item in kept["x"].items() if name not in RUNS}
        if not kept["x"]:
            del kept["x"]
    if text is not None:
        kept["f"] = text
    elif value is not None:
        kept["v"] = value
    return tidy(kept)


def with_part(cell: Cell, key: str, item: Any) -> Cell:
    """Return the cell with one part set, or removed when the item is None."""
    kept = _as_dict(cell)
    if item is None:
        kept.pop(key, None)
    else:
        kept[key] = item
    return tidy(kept)


def _as_dict(cell: Cell) -> dict[str, Any]:
    if isinstance(cell, dict):
        return dict(cell)
    return {} if cell is None else {"v": cell}


def tidy(kept: dict[str, Any]) -> Cell:
    """Return the simplest form of a dict cell."""
    if not kept:
        return None
    if len(kept) == 1 and "v" in kept:
        bare: Value = kept["v"]
        return bare
    return kept


class Palette:
    """The formats and validation rules of a workbook, each kept once and named by a number.

    It only grows, so that the numbers in cells stay true in every version of the workbook.
    """

    def __init__(self, items: list[dict[str, Any]] | None = None) -> None:
        self.items: list[dict[str, Any]] = items or []
        self.saved = len(self.items)
        self._numbers = {_key(item): number for number, item in enumerate(self.items)}

    def number(self, item: dict[str, Any]) -> int | None:
        """Return the number of an item, adding it when it is new; None for an empty one."""
        if not item:
            return None
        key = _key(item)
        if key not in self._numbers:
            self._numbers[key] = len(self.items)
            self.items.append(_styles_last(item))
        return self._numbers[key]

    def item(self, number: int | None) -> dict[str, Any]:
        """Return the item of a number; empty for None. It must not be changed."""
        return {} if number is None else self.items[number]


def _styles_last(item: dict[str, Any]) -> dict[str, Any]:
    """Return the item in Google's order: the newer spellings of colours after everything else."""
    return {
        name: _styles_last(item[name]) if isinstance(item[name], dict) else item[name]
        for name in sorted(item, key=lambda name: name.endswith("ColorStyle"))
    }


def _key(item: dict[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)
