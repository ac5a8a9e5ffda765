"""CellData of requests laid onto cells under a field mask."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.cells import Cell, Value, part, with_part, with_value
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.entering import MAX_CHARACTERS
from onebox.google.sheets.masks import Mask, assign, with_twins
from onebox.google.sheets.references import canonical, shifted
from onebox.google.sheets.rules import check_validation
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.writing import TOO_LONG

EXTRAS = ("textFormatRuns", "pivotTable", "chipRuns")
_VALUES = ("stringValue", "numberValue", "boolValue", "formulaValue", "errorValue")


def cell_mask(text: str) -> Mask:
    """Return the tree of the `fields` of a request that changes cells.

    Raises:
        GoogleError: INVALID_ARGUMENT.
    """
    return change_mask(text, "CellData")


class Painter:
    """Lays CellData onto cells; one painter for one mask."""

    def __init__(self, draft: Draft, mask: Mask) -> None:
        self._draft = draft
        self._all = not mask or "*" in mask
        self._mask = mask
        self._extra = self._all or any(name in mask for name in EXTRAS)
        self._formats: dict[tuple[int, int | None], int | None] = {}
        self._formulas: dict[str, str] = {}

    def paint(self, before: Cell, data: dict[str, Any], offset: tuple[int, int] = (0, 0)) -> Cell:
        """Return the cell after the masked fields of `data` were laid onto it.

        Args:
            before: the cell.
            data: CellData; a field that it lacks is cleared.
            offset: how far the cell is from the one that a formula was written for.
        """
        cell = before
        if self._wants("userEnteredValue"):
            value, text = entered_value(data.get("userEnteredValue", {}))
            moved = shifted(self._canonical(text), *offset) if text else None
            cell = with_value(cell, value, moved)
        if self._wants("userEnteredFormat"):
            cell = with_part(cell, "s", self._format(part(cell, "s"), data))
        if self._wants("note"):
            cell = with_part(cell, "n", data.get("note") or None)
        if self._wants("dataValidation"):
            kept = check_validation(data.get("dataValidation", {}), self._draft.locale)
            rule = self._draft.book.rules.number(kept)
            cell = with_part(cell, "d", rule)
        return self._extras(cell, data) if self._extra else cell

    def _canonical(self, text: str) -> str:
        if text not in self._formulas:
            self._formulas[text] = canonical(text, self._draft.book.titles)
        return self._formulas[text]

    def _wants(self, name: str) -> bool:
        return self._all or name in self._mask

    def _extras(self, cell: Cell, data: dict[str, Any]) -> Cell:
        extras = dict(part(cell, "x") or {})
        for name in EXTRAS:
            if self._wants(name):
                extras.pop(name, None)
                if data.get(name):
                    extras[name] = data[name]
        return with_part(cell, "x", extras or None)

    def _format(self, before: int | None, data: dict[str, Any]) -> int | None:
        key = (id(data), before)
        if key not in self._formats:
            formats = self._draft.book.formats
            below = {} if self._all else with_twins(self._mask["userEnteredFormat"])
            fresh = data.get("userEnteredFormat", {})
            self._formats[key] = formats.number(assign(formats.item(before), fresh, below))
        return self._formats[key]


def check_extent(
    corner: tuple[int, int], rows: list[list[dict[str, Any]]], end: tuple[int, int]
) -> None:
    """Refuse rows of CellData that do not fit.

    Args:
        corner: row and column of the first cell, from zero.
        rows: what is to be written.
        end: row and column past the last that may be written.

    Raises:
        GoogleError: INVALID_ARGUMENT, with the indexes from zero as Google counts them.
    """
    bottom = corner[0] + len(rows)
    right = corner[1] + max((len(row) for row in rows), default=0)
    for word, last, limit in (("row", bottom, end[0]), ("column", right, end[1])):
        if last > limit:
            raise invalid(
                f"Attempting to write {word}: {limit},"
                f" beyond the last requested {word} of: {limit - 1}"
            )


def entered_value(value: dict[str, Any]) -> tuple[Value | None, str | None]:
    """Return (value, formula) of an ExtendedValue.

    Raises:
        GoogleError: INVALID_ARGUMENT for an error value, two values at once, or too long a text.
    """
    given = [name for name in _VALUES if name in value]
    if not given:
        return None, None
    if len(given) > 1 or given[0] == "errorValue":
        raise invalid("ExtendedValue must have exactly one of the value fields set.")
    item = value[given[0]]
    if isinstance(item, str) and len(item) > MAX_CHARACTERS:
        raise invalid(TOO_LONG)
    if given[0] == "formulaValue":
        return None, item if item.startswith("=") else f"={item}"
    return (None if item == "" else item), None
