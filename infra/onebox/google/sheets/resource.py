"""The Spreadsheet resource: what spreadsheets.get answers, down to single cells."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import WHOLE, Box
from onebox.google.sheets.bands import table_band
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.comments import shown_thread, threads
from onebox.google.sheets.draft import protection_area, same_person
from onebox.google.sheets.drawing import Brush
from onebox.google.sheets.filtering import Sieve
from onebox.google.sheets.masks import Mask, wants
from onebox.google.sheets.places import reached
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
_ZONE = "Etc/GMT"
_ROW_PIXELS, _COLUMN_PIXELS = 21, 100


def check_zone(name: str) -> None:
    """Refuse a time zone that is not in the database of zones.

    Raises:
        GoogleError: INVALID_ARGUMENT.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid(f"Invalid time zone: {name}") from error


def file_properties(title: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the SpreadsheetProperties of a new file, completed by Google's defaults.

    Raises:
        GoogleError: INVALID_ARGUMENT when nobody knows the time zone.
    """
    check_zone(asked.get("timeZone") or _ZONE)
    return {
        "title": title,
        "locale": asked.get("locale") or "en_US",
        "autoRecalc": asked.get("autoRecalc") or "ON_CHANGE",
        "timeZone": asked.get("timeZone") or _ZONE,
        "defaultFormat": {**DEFAULT_FORMAT, **asked.get("defaultFormat", {})},
        "spreadsheetTheme": asked.get("spreadsheetTheme")
        or {"primaryFontFamily": "Arial", "themeColors": theme_colors()},
    }


@dataclass(frozen=True)
class Wanted:
    """What of a spreadsheet is asked for.

    Attributes:
        mask: of the answer; spares what would be cut away.
        grid: whether cells are wanted.
        table_bands: whether the colours of tables are told among the banded ranges.
        comments: the mode in which comments are told, empty when nobody asked.
    """

    mask: Mask = field(default_factory=dict)
    grid: bool = False
    table_bands: bool = True
    comments: str = ""


class Picture:
    """Draws one version of a workbook for one user."""

    def __init__(self, looking: Calculator, user: str, wanted: Wanted) -> None:
        """Prepare to draw what is wanted; who asks decides what of protections is shown."""
        self._looking, self._book = looking, looking.book
        self._user, self._wanted, self._mask = user, wanted, wanted.mask

    def spreadsheet(self, ranges: list[tuple[Sheet, Box]] | None) -> dict[str, Any]:
        """Return the Spreadsheet; with ranges, only what meets them."""
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
        return answer | self._comments()

    def _comments(self) -> dict[str, Any]:
        mode = self._wanted.comments
        found: dict[str, Any] = {"commentsViewMode": mode} if mode else {}
        if self._with_comments and threads(self._book):
            found["comments"] = [shown_thread(one, self._user) for one in threads(self._book)]
        return found

    @property
    def _with_comments(self) -> bool:
        return self._wanted.comments.endswith(("INCLUDED", "CURRENT_ACCESS"))

    def _sheet(self, sheet: Sheet, ranges: list[tuple[Sheet, Box]] | None) -> dict[str, Any]:
        answer: dict[str, Any] = {"properties": sheet.properties}
        boxes = [WHOLE] if ranges is None else [box for one, box in ranges if one is sheet]
        if sheet.has_grid and self._wanted.grid and wants(self._mask, "sheets", "data"):
            answer["data"] = [self._data(sheet, self._book.inside(sheet, box)) for box in boxes]
        for name, items in self._hanging(sheet).items():
            met = items if ranges is None else reached(items, boxes)
            if met:
                answer[name] = met
        if "basicFilter" in sheet.meta and reached([sheet.meta["basicFilter"]], boxes):
            answer["basicFilter"] = sheet.meta["basicFilter"]
        return answer

    def _hanging(self, sheet: Sheet) -> dict[str, list[dict[str, Any]]]:
        """Return the lists of a sheet as this user sees them."""
        found = {name: sheet.meta.get(name, []) for name in LISTS}
        found["developerMetadata"] = [
            item for item in found["developerMetadata"] if "sheetId" in item["location"]
        ]
        guarded = found["protectedRanges"]
        found["protectedRanges"] = [self._protection(sheet, one) for one in guarded]
        if self._wanted.table_bands:
            bands = [table_band(one) for one in found["tables"]]
            found["bandedRanges"] = [*found["bandedRanges"], *bands]
        if not self._with_comments:
            del found["commentAnchors"]
        return found

    def _protection(self, sheet: Sheet, item: dict[str, Any]) -> dict[str, Any]:
        """Return a ProtectedRange as this user sees it: editors only to those who may edit."""
        users = item.get("editors", {}).get("users", [])
        allowed = same_person(self._user, str(self._book.meta.get("owner", "")))
        allowed = allowed or any(same_person(self._user, one) for one in users)
        seen = item
        if "range" not in item:
            seen = {**item, "range": protection_area(self._book, sheet, item).range(sheet.id)}
        if allowed or item.get("warningOnly"):
            editors = {"editors": seen["editors"]} if "editors" in seen else {}
            return {**_without_editors(seen), "requestingUserCanEdit": True, **editors}
        return _without_editors(seen)

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
            answer["rowMetadata"] = self._lines(sheet, "ROWS", box.top, box.bottom or 0)
        if wants(self._mask, *path, "columnMetadata"):
            answer["columnMetadata"] = self._lines(sheet, "COLUMNS", box.left, box.right or 0)
        return answer

    def _rows(self, sheet: Sheet, box: Box) -> list[dict[str, Any]]:
        effective = wants(self._mask, "sheets", "data", "rowData", "values", "effectiveFormat")
        brush = Brush(self._looking, sheet, effective=effective)
        rows: list[dict[str, Any]] = []
        for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
            cells = sheet.rows[row][box.left : box.right]
            while cells and cells[-1] is None:
                cells = cells[:-1]
            drawn = [
                brush.cell(row, place) if cell is not None else {}
                for place, cell in enumerate(cells, box.left)
            ]
            rows.append({"values": drawn} if drawn else {})
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def _lines(self, sheet: Sheet, axis: str, start: int, end: int) -> list[dict[str, Any]]:
        """Return DimensionProperties with developer metadata, and rows hidden by the filter."""
        found = sizes(sheet, axis, start, end)
        for item in sheet.meta.get("developerMetadata", []):
            span = item["location"].get("dimensionRange", {})
            place = span.get("startIndex", 0) - start
            if span.get("dimension") == axis and 0 <= place < len(found):
                found[place].setdefault("developerMetadata", []).append(item)
        hidden = Sieve(self._looking, sheet).hidden() if axis == "ROWS" else set()
        for row in hidden:
            if start <= row < end:
                found[row - start]["hiddenByFilter"] = True
        return found


def sizes(sheet: Sheet, axis: str, start: int, end: int) -> list[dict[str, Any]]:
    """Return the DimensionProperties of rows or columns, the default size where none is set."""
    known = sheet.meta.get(axis, {})
    pixels = _ROW_PIXELS if axis == "ROWS" else _COLUMN_PIXELS
    return [{"pixelSize": pixels, **known.get(str(index), {})} for index in range(start, end)]


def _without_editors(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "editors"}
