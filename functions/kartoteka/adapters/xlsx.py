"""Rows of XLSX workbooks, read and written one at a time.

Source: ECMA-376 through openpyxl, in its streaming modes. Text is written as text whatever it
starts with (`t="inlineStr"`), so it never becomes a formula.
"""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from kartoteka.domain.errors import Invalid
from kartoteka.domain.table import Row

LONGEST_CELL = 32_767
_MOST_BYTES = 1 << 30
_MOST_SHARED = 150 << 20
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CUT = "… [cut: a cell of XLSX holds 32,767 characters]"
_WIDTH = 22


def reader(path: Path) -> tuple[int, Callable[[], Iterator[Row]]]:
    """Return about how many rows the first filled sheet has, and what reads them.

    Raises:
        Invalid: the file is no workbook, is damaged or unpacks to more than 1 GiB.
    """
    _check_size(path)
    book = _opened(path)
    title, estimate = _first_filled(path, book)
    book.close()
    return estimate, lambda: _rows(path, title)


def write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[object]], sheet: str) -> None:
    """Write a workbook with one sheet; numbers stay numbers, days days, text is always text."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.freeze_panes = "A2"
    for place in range(1, len(titles) + 1):
        page.column_dimensions[openpyxl.utils.get_column_letter(place)].width = _WIDTH
    head = [_text_cell(WriteOnlyCell, page, title) for title in titles]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for row in rows:
        page.append([_cell(WriteOnlyCell, page, value) for value in row])
    book.save(path)


def _cell(make: Callable[..., Any], page: object, value: object) -> object:
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        return value
    return _text_cell(make, page, str(value))


def _text_cell(make: Callable[..., Any], page: object, text: str) -> Any:
    legal = _ILLEGAL.sub(" ", text)
    if len(legal) > LONGEST_CELL:
        legal = legal[: LONGEST_CELL - len(_CUT)] + _CUT
    cell = make(page, value=legal)
    cell.data_type = "s"  # openpyxl takes a leading = for a formula otherwise
    return cell


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {item.filename: item.file_size for item in archive.infolist()}
    except (zipfile.BadZipFile, OSError) as exc:
        raise _damaged(path) from exc
    shared = sizes.get("xl/sharedStrings.xml", 0)
    if sum(sizes.values()) > _MOST_BYTES or shared > _MOST_SHARED:
        raise Invalid(
            f"{path.name} is too large to unpack: save the list as CSV and import that file",
            fields={"file": "import_too_large"},
            code="import_too_large",
            file=path.name,
        )


def _opened(path: Path) -> Any:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # extensions of Excel that openpyxl passes over
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError) as exc:
        raise _damaged(path) from exc


def _first_filled(path: Path, book: Any) -> tuple[str, int]:
    for sheet in book.worksheets:
        estimate = sheet.max_row or 0
        sheet.reset_dimensions()
        if any(any(cell is not None for cell in row) for row in sheet.iter_rows(values_only=True)):
            return sheet.title, estimate
    raise Invalid(
        f"{path.name}: no sheet has any rows", fields={"file": "import_empty"}, code="import_empty"
    )


def _rows(path: Path, title: str) -> Iterator[Row]:
    book = _opened(path)
    try:
        sheet = book[title]
        sheet.reset_dimensions()  # some programs write a wrong size, and cells would be lost
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield Row(number, tuple(map(_spelled, cells)))
    except (ParseError, zipfile.BadZipFile, KeyError, ValueError) as exc:
        raise _damaged(path) from exc
    finally:
        book.close()


def _spelled(value: object) -> str:
    """Return a cell as a person would type it: whole numbers without a point, days in ISO."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _damaged(path: Path) -> Invalid:
    return Invalid(
        f"{path.name} is damaged or no Excel workbook: open it in Excel and save it again as .xlsx",
        fields={"file": "import_damaged"},
        code="import_damaged",
        file=path.name,
    )
