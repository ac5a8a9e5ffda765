"""Single cells as spreadsheets.get answers them: CellData with what it shows and looks like."""

from typing import Any

from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import Cell, Value, formula, part
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.links import linked
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.looks import Looks, laid_over
from onebox.google.sheets.reading import shown
from onebox.google.sheets.sheet import Sheet

_BLUE = {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}


class Brush:
    """Draws the cells of one sheet."""

    def __init__(self, looking: Calculator, sheet: Sheet, *, effective: bool) -> None:
        """Prepare to draw.

        Args:
            looking: calculator of the version.
            sheet: whose cells.
            effective: whether effectiveFormat is wanted, with bands and conditional formats.
        """
        self._looking, self._book, self._sheet = looking, looking.book, sheet
        self._locale = locale_of(looking.book.locale)
        self._looks = Looks(looking, sheet) if effective else None

    def cell(self, row: int, column: int) -> dict[str, Any]:
        """Return the CellData of a cell."""
        cell = self._sheet.cell(row, column)
        style = self._book.formats.item(part(cell, "s"))
        value = self._looking.at(self._sheet, row, column)
        computed = self._looking.number_format(self._sheet, row, column)
        number_format = style.get("numberFormat") or computed
        answer: dict[str, Any] = {}
        if value is not None:
            answer["userEnteredValue"] = _entered(cell, value)
        if value is not None and value != "":
            answer["effectiveValue"] = _effective(value)
            answer["formattedValue"] = shown(value, number_format, self._locale)
        if style:
            answer["userEnteredFormat"] = style
        link = linked(cell, style)
        if self._looks:
            full = {**style, "numberFormat": number_format} if number_format else style
            above = self._looks.above((row, column), value, answer.get("formattedValue", ""))
            under = laid_over(self._looks.below(row, column), full)
            answer["effectiveFormat"] = laid_over(self._format(under, value, link), above)
        return answer | self._hanging(cell, link)

    def _hanging(self, cell: Cell, link: str) -> dict[str, Any]:
        """Return what hangs on a cell: link, note, validation, runs, pivot table."""
        found: dict[str, Any] = {"hyperlink": link} if link else {}
        if part(cell, "n"):
            found["note"] = part(cell, "n")
        if part(cell, "d") is not None:
            found["dataValidation"] = self._book.rules.item(part(cell, "d"))
        found.update(part(cell, "x") or {})
        return found

    def _format(
        self, style: dict[str, Any], value: Value | Fault | None, link: str
    ) -> dict[str, Any]:
        """Return a full CellFormat: the spreadsheet's defaults under the cell's own."""
        base: dict[str, Any] = self._book.properties["defaultFormat"]
        font = self._book.properties["spreadsheetTheme"].get("primaryFontFamily", "Arial")
        text = {**base["textFormat"], "fontFamily": font}
        if link:
            text |= {"underline": True, "foregroundColor": _BLUE, "link": {"uri": link}}
            text["foregroundColorStyle"] = {"rgbColor": _BLUE}
        text |= style.get("textFormat", {})
        found = {**base, "horizontalAlignment": _alignment(value), **style, "textFormat": text}
        found["hyperlinkDisplayType"] = style.get(
            "hyperlinkDisplayType", "LINKED" if link else "PLAIN_TEXT"
        )
        return found


def _alignment(value: Value | Fault | None) -> str:
    if isinstance(value, bool | Fault):
        return "CENTER"
    return "RIGHT" if isinstance(value, int | float) else "LEFT"


def _entered(cell: Cell, value: Value | Fault) -> dict[str, Any]:
    text = formula(cell)
    return {"formulaValue": text} if text is not None else _effective(value)


def _effective(value: Value | Fault) -> dict[str, Any]:
    if isinstance(value, Fault):
        return {"errorValue": {"type": value.type, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}
