"""Values read out of cells, as shown or as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onebox.google.sheets.a1 import Box, label
from onebox.google.sheets.calc import Calculator, Result
from onebox.google.sheets.cells import Cell, Row, formula, has_content, part
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.locales import Locale, locale_of
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.showing import is_moment, show

# Kinds of cells that are answered as they are: of shown values, and of entered ones.
_TEXTS: frozenset[type] = frozenset({str})
_VALUES: frozenset[type] = frozenset({str, int, float, bool})


@dataclass(frozen=True)
class Rendering:
    """How values are rendered, by the names of the API."""

    values: str = "FORMATTED_VALUE"
    moments: str = "SERIAL_NUMBER"
    dimension: str = "ROWS"

    @property
    def as_entered(self) -> bool:
        """Whether a value is given as it was entered, whatever the cell's format."""
        return self.values == "UNFORMATTED_VALUE" and self.moments == "SERIAL_NUMBER"

    @classmethod
    def of(cls, query: Mapping[str, Any], prefix: str = "") -> "Rendering":
        """Return the rendering that parameters ask for.

        Args:
            query: parameters by name, checked.
            prefix: "response" for the values of a write's answer.
        """
        names = ("valueRenderOption", "dateTimeRenderOption")
        if prefix:
            names = (f"{prefix}V{names[0][1:]}", f"{prefix}D{names[1][1:]}")
        dimension = query.get("majorDimension", "ROWS")
        if dimension == "DIMENSION_UNSPECIFIED":
            dimension = "ROWS"
        return cls(query.get(names[0], cls.values), query.get(names[1], cls.moments), dimension)


class Reader:
    """Renders the cells of one version of a workbook."""

    def __init__(self, looking: Calculator, rendering: Rendering) -> None:
        self._looking = looking
        self._how = rendering
        self._locale: Locale = locale_of(looking.book.locale)
        self._formats = looking.book.formats
        self._ready = _VALUES if rendering.as_entered else _TEXTS

    def value_range(self, sheet: Sheet, box: Box) -> dict[str, Any]:
        """Return the ValueRange of a rectangle inside the grid.

        Empty trailing rows and columns are left out, and `values` itself when nothing is left.
        """
        answer: dict[str, Any] = {
            "range": label(sheet.title, box),
            "majorDimension": self._how.dimension,
        }
        rows = self.rows(sheet, box)
        if self._how.dimension == "COLUMNS":
            rows = _turned(rows)
        if rows:
            answer["values"] = rows
        return answer

    def rows(self, sheet: Sheet, box: Box) -> list[list[Any]]:
        """Return the rendered rows of a rectangle, trimmed of what is empty at the ends."""
        found = [
            self._row(sheet, row, box)
            for row in range(box.top, min(box.bottom or 0, len(sheet.rows)))
        ]
        while found and not found[-1]:
            found.pop()
        return found

    def _row(self, sheet: Sheet, row: int, box: Box) -> list[Any]:
        cells: Row = sheet.rows[row][box.left : box.right]
        while cells and not has_content(cells[-1]):
            cells.pop()
        if self._how.as_entered:
            cells = [_value(cell) for cell in cells]
        ready = self._ready
        return [
            cell if type(cell) in ready else self.rendered(cell, sheet, (row, place))
            for place, cell in enumerate(cells, box.left)
        ]

    def rendered(self, cell: Cell, sheet: Sheet, place: tuple[int, int]) -> Any:
        """Return one cell as the rendering wants it; an empty one is an empty text."""
        if self._how.values == "FORMULA":
            text = formula(cell)
            if text is not None:
                return text
        value = self._looking.at(sheet, *place)
        if formula(cell) is None:
            number_format = self._formats.item(part(cell, "s")).get("numberFormat", {})
        else:
            number_format = self._looking.number_format(sheet, *place)
        if self._how.values == "FORMATTED_VALUE":
            return shown(value, number_format, self._locale)
        return self._plain(value, number_format)

    def _plain(self, value: Result, number_format: dict[str, Any]) -> Any:
        if value is None:
            return ""
        if isinstance(value, Fault):
            return f"{value.text} ({value.message})"
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric and self._how.moments == "FORMATTED_STRING" and is_moment(number_format):
            return show(value, number_format, self._locale)
        return value


def _value(cell: Cell) -> Cell:
    """Return what was entered into the cell, empty text for nothing; a formula stays a cell."""
    if type(cell) is dict:
        return cell if "f" in cell else cell.get("v", "")
    return "" if cell is None else cell


def shown(value: Result, number_format: dict[str, Any], locale: Locale) -> str:
    """Return what the cell shows, errors included."""
    if isinstance(value, Fault):
        return value.text
    return show(value, number_format, locale)


def _turned(rows: list[list[Any]]) -> list[list[Any]]:
    width = max((len(row) for row in rows), default=0)
    columns = [[row[place] if place < len(row) else "" for row in rows] for place in range(width)]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns
