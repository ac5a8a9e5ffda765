"""Filters: their criteria in both spellings of the API, and the rows that they hide."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import box_of
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import part
from onebox.google.sheets.conditions import Case, Judge
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.schema import resolve
from onebox.google.sheets.sheet import Sheet

_WHITE = {"red": 1, "green": 1, "blue": 1}


def both_spellings(given: dict[str, Any]) -> dict[str, Any]:
    """Return a filter with `criteria` and `filterSpecs` that say the same; the latter win."""
    specs = given.get("filterSpecs")
    if specs is None:
        criteria = given.get("criteria", {})
        if not all(column.isdecimal() for column in criteria):
            raise invalid("criteria must be keyed by column indexes.")
        specs = [
            {"columnIndex": int(column), "filterCriteria": criteria[column]}
            for column in sorted(criteria, key=int)
        ]
    found = {name: item for name, item in given.items() if name not in {"criteria", "filterSpecs"}}
    if specs:
        found["criteria"] = {
            str(one.get("columnIndex", 0)): one.get("filterCriteria", {}) for one in specs
        }
        found["filterSpecs"] = specs
    return found


class Sieve:
    """The basic filter of one sheet of one version of a workbook."""

    def __init__(self, looking: Calculator, sheet: Sheet) -> None:
        self._looking, self._sheet = looking, sheet
        self._judge = Judge(looking)
        self._reader = Reader(looking, Rendering())

    def hidden(self) -> set[int]:
        """Return the indexes of the rows that the filter hides; the header row is never one."""
        given = self._sheet.meta.get("basicFilter", {})
        criteria: dict[str, Any] = given.get("criteria", {})
        if not criteria:
            return set()
        box = self._sheet.clip(box_of(given.get("range", {})))
        return {
            row
            for row in range(box.top + 1, box.bottom or 0)
            if not all(self._shows(row, int(column), one) for column, one in criteria.items())
        }

    def _shows(self, row: int, column: int, criteria: dict[str, Any]) -> bool:
        cell = self._sheet.cell(row, column)
        place = (row, column)
        text = "" if cell is None else str(self._reader.rendered(cell, self._sheet, place))
        if text in criteria.get("hiddenValues", []):
            return False
        style = self._looking.book.formats.item(part(cell, "s"))
        colors = (
            ("visibleBackgroundColorStyle", style.get("backgroundColor", _WHITE)),
            ("visibleForegroundColorStyle", style.get("textFormat", {}).get("foregroundColor", {})),
        )
        if any(name in criteria and resolve(criteria[name]) != seen for name, seen in colors):
            return False
        condition = criteria.get("condition")
        case = Case(self._looking.at(self._sheet, *place), text, self._sheet, place)
        return condition is None or self._judge.holds(condition, case)
