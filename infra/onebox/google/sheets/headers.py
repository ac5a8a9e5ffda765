"""Columns of tables and the header cells that name them: each follows the other.

A name that is sent is written into the header cell; a text written into the header cell names the
column; a formula there gives way to a name of Sheets' own.
"""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.cells import Cell, entered, formula, with_part, with_value
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.sheet import Sheet

Column = dict[str, Any]


def columns_of_new(draft: Draft, sheet: Sheet, table: dict[str, Any]) -> list[Column]:
    """Return the columns of a table being made, one for each column of its range.

    A column that was sent with a type but without a name is named by its count among such.
    """
    sent = _sent(table)
    unnamed = 0
    columns = []
    for index in range(box_of(table["range"]).width):
        column = {**sent.get(index, {}), "columnIndex": index}
        if not column.get("columnName") and index in sent and "columnType" in column:
            unnamed += 1
            column["columnName"] = f"Column {unnamed}"
        columns.append(_named(draft, sheet, table, column))
    return _finished(sheet, table, columns)


def columns_of_update(draft: Draft, sheet: Sheet, table: dict[str, Any]) -> list[Column]:
    """Return the columns of a changed table: one that was not sent keeps its name only.

    Raises:
        GoogleError: INVALID_ARGUMENT when a column was sent without a name.
    """
    sent = _sent(table)
    if not all(column.get("columnName") for column in sent.values()):
        raise invalid("Table header row cell must have a value.")
    columns = [
        _named(draft, sheet, table, {**sent.get(index, {}), "columnIndex": index})
        for index in range(box_of(table["range"]).width)
    ]
    return _finished(sheet, table, columns)


def _sent(table: dict[str, Any]) -> dict[int, Column]:
    sent = {int(one.get("columnIndex", 0)): one for one in table.get("columnProperties", [])}
    width = box_of(table["range"]).width
    for index, column in sent.items():
        if not 0 <= index < width:
            raise invalid(f"columnIndex[{index}] is outside of the table.")
        dropdown = column.get("columnType") == "DROPDOWN"
        condition = column.get("dataValidationRule", {}).get("condition")
        if dropdown and not condition:
            raise invalid("Condition must be set for dropdown column type.")
        if condition and not dropdown:
            raise invalid("Cannot set condition for non-dropdown column type.")
    return sent


def _named(draft: Draft, sheet: Sheet, table: dict[str, Any], column: Column) -> Column:
    """Return a column with its name, which is then in the header cell too."""
    box, index = box_of(table["range"]), int(column["columnIndex"])
    name = column.get("columnName") or _header(draft, sheet, box, index)
    _write(sheet, box, index, name or f"Column {index + 1}")
    return {**column, "columnName": name or f"Column {index + 1}"}


def _header(draft: Draft, sheet: Sheet, box: Box, index: int) -> str:
    cell = sheet.cell(box.top, box.left + index)
    if cell is None:
        return ""
    place = (box.top, box.left + index)
    return str(Reader(draft.look(), Rendering()).rendered(cell, sheet, place))


def _write(sheet: Sheet, box: Box, index: int, name: str) -> None:
    before = sheet.cell(box.top, box.left + index)
    if formula(before) is not None or entered(before) != name:
        sheet.put(box.top, box.left + index, _plain(before, name))


def _plain(before: Cell, name: str) -> Cell:
    """Return a cell with a name as plain text; its runs and chips go."""
    return with_value(with_part(before, "x", None), name)


def _finished(sheet: Sheet, table: dict[str, Any], columns: list[Column]) -> list[Column]:
    """Return columns as they are kept; text and emptiness under a checkbox become FALSE."""
    box = box_of(table["range"])
    for index, column in enumerate(columns):
        if column.get("columnType") == "BOOLEAN":
            for row in range(box.top + 1, box.bottom or 0):
                _untick(sheet, row, box.left + index)
        if not index:
            del column["columnIndex"]
    return columns


def _untick(sheet: Sheet, row: int, column: int) -> None:
    cell = sheet.cell(row, column)
    empty = entered(cell) is None and formula(cell) is None
    if empty or isinstance(entered(cell), str):
        sheet.put(row, column, with_value(cell, value=False))


def follow_headers(draft: Draft) -> None:
    """Give the columns of every table the names that now stand in their header cells."""
    for sheet in draft.book.sheets:
        for table in sheet.meta.get("tables", []):
            box = box_of(table["range"])
            for index, column in enumerate(table["columnProperties"][: box.width]):
                if formula(sheet.cell(box.top, box.left + index)) is not None:
                    _write(sheet, box, index, f"Column {index + 1}")
                name = _header(draft, sheet, box, index)
                if name and name != column["columnName"]:
                    column["columnName"] = name


def typed_columns(sheet: Sheet) -> list[Box]:
    """Return the cells under the headers of all columns that have a type."""
    found = []
    for table in sheet.meta.get("tables", []):
        box = box_of(table["range"])
        for index, column in enumerate(table["columnProperties"]):
            if column.get("columnType", "COLUMN_TYPE_UNSPECIFIED") != "COLUMN_TYPE_UNSPECIFIED":
                left = box.left + index
                found.append(Box(box.top + 1, left, box.bottom, left + 1))
    return found
