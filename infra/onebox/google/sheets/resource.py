"""The Spreadsheet resource: what spreadsheets.get answers, down to single cells."""

from typing import Any

from onebox.google.sheets.a1 import WHOLE, Box
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import Cell, Value, formula, part
from onebox.google.sheets.draft import same_person
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.links import linked
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.masks import Mask, wants
from onebox.google.sheets.reading import shown
from onebox.google.sheets.schema import theme_colors
from onebox.google.sheets.sheet import LISTS, Sheet

_BLACK: dict[str, Any] = {}
_WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": _WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": _BLACK,
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": _BLACK},
    },
    "backgroundColorStyle": {"rgbColor": _WHITE},
}
_ROW_PIXELS, _COLUMN_PIXELS = 21, 100


def file_properties(title: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the SpreadsheetProperties of a new file, completed by Google's defaults."""
    return {
        "title": title,
        "locale": asked.get("locale") or "en_US",
        "autoRecalc": asked.get("autoRecalc") or "ON_CHANGE",
        "timeZone": asked.get("timeZone") or "Etc/GMT",
        "defaultFormat": {**DEFAULT_FORMAT, **asked.get("defaultFormat", {})},
        "spreadsheetTheme": asked.get("spreadsheetTheme")
        or {"primaryFontFamily": "Arial", "themeColors": theme_colors()},
    }


class Picture:
    """Draws one version of a workbook for one user."""

    def __init__(self, looking: Calculator, user: str, mask: Mask, *, grid: bool) -> None:
        """Prepare to draw.

        Args:
            looking: calculator of the version.
            user: who asks; decides what of protections is shown.
            mask: of the answer; spares what would be cut away.
            grid: whether cells are wanted.
        """
        self._looking, self._book = looking, looking.book
        self._user, self._mask, self._grid = user, mask, grid
        self._locale = locale_of(looking.book.locale)

    def spreadsheet(self, ranges: list[tuple[Sheet, Box]] | None) -> dict[str, Any]:
        """Return the Spreadsheet; with ranges, only their sheets and only their cells."""
        book = self._book
        shown_sheets = [
            sheet
            for sheet in book.sheets
            if ranges is None or any(one is sheet for one, _ in ranges)
        ]
        answer: dict[str, Any] = {
            "spreadsheetId": book.id,
            "properties": book.properties,
            "sheets": [self._sheet(sheet, ranges) for sheet in shown_sheets],
        }
        if book.named_ranges:
            answer["namedRanges"] = book.named_ranges
        answer["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
        if book.meta.get("developerMetadata"):
            answer["developerMetadata"] = book.meta["developerMetadata"]
        return answer

    def _sheet(self, sheet: Sheet, ranges: list[tuple[Sheet, Box]] | None) -> dict[str, Any]:
        answer: dict[str, Any] = {"properties": sheet.properties}
        if self._grid and wants(self._mask, "sheets", "data"):
            boxes = [WHOLE] if ranges is None else [box for one, box in ranges if one is sheet]
            answer["data"] = [self._data(sheet, self._book.inside(sheet, box)) for box in boxes]
        for name in LISTS:
            items = sheet.meta.get(name)
            if items:
                answer[name] = items
        if "basicFilter" in sheet.meta:
            answer["basicFilter"] = sheet.meta["basicFilter"]
        if "protectedRanges" in answer:
            answer["protectedRanges"] = [self.protection(one) for one in answer["protectedRanges"]]
        return answer

    def protection(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return a ProtectedRange as this user sees it: editors only to those who may edit."""
        users = item.get("editors", {}).get("users", [])
        allowed = same_person(self._user, str(self._book.meta.get("owner", "")))
        allowed = allowed or any(same_person(self._user, one) for one in users)
        if allowed or item.get("warningOnly"):
            return {**item, "requestingUserCanEdit": True}
        return {name: value for name, value in item.items() if name != "editors"}

    def _data(self, sheet: Sheet, box: Box) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        if box.top:
            answer["startRow"] = box.top
        if box.left:
            answer["startColumn"] = box.left
        path = ("sheets", "data")
        if wants(self._mask, *path, "rowData"):
            rows = self._rows(sheet, box)
            if rows:
                answer["rowData"] = rows
        if wants(self._mask, *path, "rowMetadata"):
            answer["rowMetadata"] = sizes(sheet, "ROWS", box.top, box.bottom or 0)
        if wants(self._mask, *path, "columnMetadata"):
            answer["columnMetadata"] = sizes(sheet, "COLUMNS", box.left, box.right or 0)
        return answer

    def _rows(self, sheet: Sheet, box: Box) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
            cells = sheet.rows[row][box.left : box.right]
            while cells and cells[-1] is None:
                cells = cells[:-1]
            drawn = [
                self.cell(sheet, row, place) if cell is not None else {}
                for place, cell in enumerate(cells, box.left)
            ]
            rows.append({"values": drawn} if drawn else {})
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def cell(self, sheet: Sheet, row: int, column: int) -> dict[str, Any]:
        """Return the CellData of a cell."""
        cell = sheet.cell(row, column)
        style = self._book.formats.item(part(cell, "s"))
        value = self._looking.at(sheet, row, column)
        answer: dict[str, Any] = {}
        number_format = style.get("numberFormat") or self._looking.number_format(sheet, row, column)
        if value is not None:
            answer["userEnteredValue"] = _entered(cell, value)
        if value is not None and value != "":
            answer["effectiveValue"] = _effective(value)
            answer["formattedValue"] = shown(value, number_format, self._locale)
        if style:
            answer["userEnteredFormat"] = style
        link = linked(cell, style)
        if wants(self._mask, "sheets", "data", "rowData", "values", "effectiveFormat"):
            full = {**style, "numberFormat": number_format} if number_format else style
            answer["effectiveFormat"] = self._effective_format(full, value, link)
        if link:
            answer["hyperlink"] = link
        if part(cell, "n"):
            answer["note"] = part(cell, "n")
        if part(cell, "d") is not None:
            answer["dataValidation"] = self._book.rules.item(part(cell, "d"))
        answer.update(part(cell, "x") or {})
        return answer

    def _effective_format(
        self, style: dict[str, Any], value: Value | Fault | None, link: str
    ) -> dict[str, Any]:
        base: dict[str, Any] = self._book.properties["defaultFormat"]
        font = self._book.properties["spreadsheetTheme"].get("primaryFontFamily", "Arial")
        text = {**base["textFormat"], "fontFamily": font}
        if link:
            blue = {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}
            text |= {"underline": True, "foregroundColor": blue, "link": {"uri": link}}
            text["foregroundColorStyle"] = {"rgbColor": blue}
        text |= style.get("textFormat", {})
        found = {**base, "horizontalAlignment": _alignment(value), **style, "textFormat": text}
        found["hyperlinkDisplayType"] = style.get(
            "hyperlinkDisplayType", "LINKED" if link else "PLAIN_TEXT"
        )
        return found


def sizes(sheet: Sheet, axis: str, start: int, end: int) -> list[dict[str, Any]]:
    """Return the DimensionProperties of rows or columns, the default size where none is set."""
    known = sheet.meta.get(axis, {})
    pixels = _ROW_PIXELS if axis == "ROWS" else _COLUMN_PIXELS
    return [{"pixelSize": pixels, **known.get(str(index), {})} for index in range(start, end)]


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
