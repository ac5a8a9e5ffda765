"""The hands of a person in a spreadsheet: typing, pasting, sorting, rows in and out.

What a person does, unlike what the API does, obeys validation rules and makes events for triggers.
Events have the shape that Apps Script gives them: ranges count from 1, both ends included.
"""

from collections.abc import Iterator
from typing import Any

from onebox.google.errors import GoogleError
from onebox.google.sheets.a1 import Box, cell_name
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import Cell, part
from onebox.google.sheets.conditions import Case, Judge
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.on_sorting import sort_rows
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.service import SheetsService
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import delete_rows, insert_rows
from onebox.google.sheets.writing import typed

_VIOLATES = (
    "The data you entered in cell {cell} violates the data validation rules set on this cell."
)


class EditRefused(GoogleError):
    """Sheets would not let the person do this; `message` is what it would show."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "FAILED_PRECONDITION", message)


class Hands:
    """What people do in the spreadsheets of a service. Rows and columns count from 0 here."""

    def __init__(self, service: SheetsService) -> None:
        self._service = service

    def edit(
        self, spreadsheet_id: str, sheet_id: int, row: int, column: int, *, text: str, user: str
    ) -> dict[str, Any]:
        """Type into a cell and return the edit event.

        Raises:
            EditRefused: a strict validation rule or a protection forbids it.
        """
        return self.paste(spreadsheet_id, sheet_id, row, column, rows=[[text]], user=user)

    def paste(
        self,
        spreadsheet_id: str,
        sheet_id: int,
        row: int,
        column: int,
        *,
        rows: list[list[str]],
        user: str,
    ) -> dict[str, Any]:
        """Put texts from a cell on, read as if typed; the grid grows to take them.

        Returns:
            The edit event; `value` and `oldValue` only when one cell was changed.

        Raises:
            EditRefused: a strict validation rule or a protection forbids it; nothing is changed.
        """
        width = max((len(line) for line in rows), default=0)
        box = Box(row, column, row + len(rows), column + width)
        try:
            with self._service.changing(user, spreadsheet_id) as draft:
                sheet = draft.book.sheet(sheet_id)
                draft.check(sheet, box)
                _grow(draft, sheet, box)
                before = _plain(draft.look(), sheet, (row, column))
                for place, text in _placed(rows, row, column):
                    _type(draft, sheet, place, text)
                after = _plain(draft.look(), sheet, (row, column))
        except GoogleError as error:
            raise _refused(error) from error
        event = _event(spreadsheet_id, sheet, box, user)
        if box.height * box.width == 1:
            event |= {key: item for key, item in (("value", after), ("oldValue", before)) if item}
        return event

    def sort_range(
        self,
        spreadsheet_id: str,
        sheet_id: int,
        box: Box,
        *,
        specs: list[dict[str, Any]],
        user: str,
    ) -> dict[str, Any]:
        """Sort the rows of a box by SortSpecs and return the change event."""

        def sort(draft: Draft, sheet: Sheet) -> None:
            inside = sheet.clip(box)
            draft.check(sheet, inside)
            sort_rows(draft, sheet, inside, specs)

        return self._change(spreadsheet_id, sheet_id, user, work=sort, kind="OTHER")

    def insert_rows(
        self, spreadsheet_id: str, sheet_id: int, at: int, *, count: int, user: str
    ) -> dict[str, Any]:
        """Open rows before `at`, formatted like the row above, and return the change event."""

        def insert(draft: Draft, sheet: Sheet) -> None:
            draft.check(sheet, Box(at, 0, at + 1, None))
            like = at - 1 if at else None
            insert_rows(draft.book, sheet, at, count, like=like)
            draft.book.check_size()

        return self._change(spreadsheet_id, sheet_id, user, work=insert, kind="INSERT_ROW")

    def delete_rows(
        self, spreadsheet_id: str, sheet_id: int, top: int, *, bottom: int, user: str
    ) -> dict[str, Any]:
        """Take rows [top, bottom) out and return the change event."""

        def delete(draft: Draft, sheet: Sheet) -> None:
            draft.check(sheet, Box(top, 0, bottom, None))
            if bottom - top >= sheet.row_count:
                raise EditRefused("You can't delete all the rows on the sheet.")
            delete_rows(draft.book, sheet, top, min(bottom, sheet.row_count))

        return self._change(spreadsheet_id, sheet_id, user, work=delete, kind="REMOVE_ROW")

    def _change(
        self, spreadsheet_id: str, sheet_id: int, user: str, *, work: Any, kind: str
    ) -> dict[str, Any]:
        try:
            with self._service.changing(user, spreadsheet_id) as draft:
                work(draft, draft.book.sheet(sheet_id))
        except GoogleError as error:
            raise _refused(error) from error
        return {"changeType": kind, "spreadsheetId": spreadsheet_id, "user": _person(user)}


def _placed(rows: list[list[str]], top: int, left: int) -> Iterator[tuple[tuple[int, int], str]]:
    for row, line in enumerate(rows, top):
        for column, text in enumerate(line, left):
            yield (row, column), text


def _refused(error: GoogleError) -> GoogleError:
    """Return what a person is shown; an unknown spreadsheet or no access stays what it is."""
    return EditRefused(error.message) if error.reason == "INVALID_ARGUMENT" else error


def _type(draft: Draft, sheet: Sheet, place: tuple[int, int], text: str) -> None:
    old: Cell = sheet.cell(*place)
    sheet.put(*place, typed(draft, old, text))
    rule = draft.book.rules.item(part(old, "d"))
    if text == "" or not rule.get("strict"):
        return
    look = draft.look()
    shown = Reader(look, Rendering()).rendered(sheet.cell(*place), sheet, place)
    case = Case(look.at(sheet, *place), str(shown), sheet, place)
    if not Judge(look).holds(rule.get("condition", {}), case):
        raise EditRefused(_refusal(rule, place))


def _refusal(rule: dict[str, Any], place: tuple[int, int]) -> str:
    sentence = _VIOLATES.format(cell=cell_name(*place))
    return "\n".join(part for part in (sentence, rule.get("inputMessage", "")) if part)


def _grow(draft: Draft, sheet: Sheet, box: Box) -> None:
    size = (max(sheet.row_count, box.bottom or 0), max(sheet.column_count, box.right or 0))
    if size != (sheet.row_count, sheet.column_count):
        sheet.resize(*size)
        draft.book.check_size()


def _plain(look: Calculator, sheet: Sheet, place: tuple[int, int]) -> str:
    """Return a value as an edit event carries it: a text, dates as serial numbers."""
    value = look.at(sheet, *place)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return value.text if isinstance(value, Fault) else str(value)


def _event(spreadsheet_id: str, sheet: Sheet, box: Box, user: str) -> dict[str, Any]:
    return {
        "spreadsheetId": spreadsheet_id,
        "sheetId": sheet.id,
        "sheetName": sheet.title,
        "range": {
            "rowStart": box.top + 1,
            "rowEnd": box.bottom,
            "columnStart": box.left + 1,
            "columnEnd": box.right,
        },
        "user": _person(user),
        "authMode": "FULL",
    }


def _person(user: str) -> dict[str, str]:
    return {"email": user, "nickname": user.partition("@")[0]}
