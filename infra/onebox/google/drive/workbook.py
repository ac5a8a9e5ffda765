"""Spreadsheets as workbooks of Excel, for files.export.

Source: ECMA-376 through openpyxl, which is imported when the first workbook is asked for. Values,
number patterns, frozen panes and hidden sheets are written; formulas as what they come to, looks
and rules not at all.
"""

import io
import re
from collections.abc import Iterable
from typing import Any

from onebox.google.sheets.exporting import Filled, Page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\\*?:/\[\]]")
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_TEXT = 32_767


def workbook(pages: Iterable[Page]) -> bytes:
    """Return the sheets as a file of Excel, in their order."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for page in pages:
        sheet = book.create_sheet(_NOT_IN_TITLES.sub("_", page.title)[:_LONGEST_TITLE])
        sheet.sheet_state = "hidden" if page.hidden else "visible"
        rows, columns = page.frozen
        sheet.freeze_panes = f"{openpyxl.utils.get_column_letter(columns + 1)}{rows + 1}"
        for row in page.rows:
            sheet.append([_cell(sheet, filled) for filled in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(sheet: object, filled: Filled) -> Any:
    from openpyxl.cell import WriteOnlyCell

    value = filled.value
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=_NOT_IN_CELLS.sub("", value)[:_LONGEST_TEXT])
        cell.data_type = "s"  # a text that begins like a formula is still a text
        return cell
    cell = WriteOnlyCell(sheet, value=value)
    if filled.pattern:
        cell.number_format = filled.pattern
    return cell
