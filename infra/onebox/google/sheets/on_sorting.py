"""Requests that reorder rows or drop repeated ones."""

import operator
import random
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, area_name, box_of
from onebox.google.sheets.areas import writable
from onebox.google.sheets.calc import Calculator, Result
from onebox.google.sheets.cells import Cell, Row, formula, with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filtering import Sieve
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.references import shifted
from onebox.google.sheets.sheet import Sheet

_NUMBER, _TEXT, _TRUTH, _FAULT = range(4)


def rows_of(sheet: Sheet, box: Box) -> list[Row]:
    """Return the cells of a box row by row, empty ones included."""
    return [
        [sheet.cell(row, column) for column in range(box.left, box.right or 0)]
        for row in range(box.top, box.bottom or 0)
    ]


def sort_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Sort the rows of a range by its sort specs."""
    sheet, box = writable(draft, asked.get("range", {}))
    sort_rows(draft, sheet, box, asked.get("sortSpecs", []))


def sort_rows(draft: Draft, sheet: Sheet, box: Box, specs: list[dict[str, Any]]) -> None:
    """Sort the rows of a box; numbers, texts, truths, errors in this order, empty cells last.

    Raises:
        GoogleError: INVALID_ARGUMENT for a column outside the box.
    """
    _check_merges(sheet, box)
    look = draft.look()
    unseen = _unseen(look, sheet)
    order = [row for row in range(box.top, box.bottom or 0) if row not in unseen]
    places = list(order)
    for spec in reversed(specs):
        column = spec.get("dimensionIndex", 0)
        if not box.left <= column < (box.right or 0):
            raise invalid(f"sortSpecs dimensionIndex[{column}] is outside of the sort range.")
        falling = spec.get("sortOrder") == "DESCENDING"
        keys = {row: _key(look, sheet, row, column) for row in order}
        filled = [(key, row) for row in order if (key := keys[row]) is not None]
        filled.sort(key=operator.itemgetter(0), reverse=falling)
        order = [row for _, row in filled] + [row for row in order if keys[row] is None]
    _reorder(sheet, box, dict(zip(places, order, strict=True)))


def _check_merges(sheet: Sheet, box: Box) -> None:
    for merge in map(box_of, sheet.items("merges")):
        if merge.height > 1 and merge.meets(box):
            raise invalid(
                "You can't sort a range containing vertical merges."
                f" There is a vertical merge at {area_name(merge)}"
            )


def _unseen(look: Calculator, sheet: Sheet) -> set[int]:
    """Return the rows that are hidden, by a person or by the filter: they stay where they are."""
    hidden = {
        int(row) for row, one in sheet.meta.get("ROWS", {}).items() if one.get("hiddenByUser")
    }
    return hidden | Sieve(look, sheet).hidden()


def _key(look: Calculator, sheet: Sheet, row: int, column: int) -> tuple[int, Any] | None:
    return _rank(look.at(sheet, row, column))


def _rank(value: Result) -> tuple[int, Any] | None:
    if value is None or value == "":
        return None
    if isinstance(value, Fault):
        return _FAULT, value.text
    if isinstance(value, bool):
        return _TRUTH, value
    if isinstance(value, str):
        return _TEXT, value.casefold()
    return _NUMBER, value


def _reorder(sheet: Sheet, box: Box, sources: dict[int, int]) -> None:
    """Put into each row, by its index, the cells of another."""
    old = dict(enumerate(rows_of(sheet, box), box.top))
    for target, source in sources.items():
        if target != source:
            cells = [_carried(cell, target - source) for cell in old[source]]
            sheet.put_row(target, box.left, cells)


def _carried(cell: Cell, rows: int) -> Cell:
    text = formula(cell)
    return cell if text is None else with_value(cell, None, shifted(text, rows, 0))


def randomize_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Shuffle the rows of a range."""
    sheet, box = writable(draft, asked.get("range", {}))
    order = list(range(box.top, box.bottom or 0))
    random.SystemRandom().shuffle(order)
    _reorder(sheet, box, dict(enumerate(order, box.top)))


def delete_duplicates(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Drop rows that repeat an earlier one; those below move up within the range."""
    sheet, box = writable(draft, asked.get("range", {}))
    columns = _compared(asked.get("comparisonColumns", []), box)
    look = draft.look()
    seen: set[tuple[Any, ...]] = set()
    kept: list[int] = []
    for row in range(box.top, box.bottom or 0):
        key = tuple(_rank(look.at(sheet, row, column)) for column in columns)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    gone = box.height - len(kept)
    old = dict(enumerate(rows_of(sheet, box), box.top))
    for place in range(box.height if gone else 0):
        source = kept[place] if place < len(kept) else None
        cells: Row = old[source] if source is not None else [None] * box.width
        sheet.put_row(box.top + place, box.left, cells)
    return {"duplicatesRemovedCount": gone} if gone else {}


def _compared(spans: list[dict[str, Any]], box: Box) -> list[int]:
    if not spans:
        return list(range(box.left, box.right or 0))
    return [
        column
        for span in spans
        for column in range(span.get("startIndex", 0), span.get("endIndex", box.right or 0))
    ]


REQUESTS: dict[str, Handler] = {
    "deleteDuplicates": delete_duplicates,
    "randomizeRange": randomize_range,
    "sortRange": sort_range,
}
