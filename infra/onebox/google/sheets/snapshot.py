"""A spreadsheet as a page draws it: tabs, sizes, and cells with what they show."""

from typing import Any

from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.cells import Cell, part
from onebox.google.sheets.conditions import Judge
from onebox.google.sheets.draft import protection_area, same_person
from onebox.google.sheets.filtering import Sieve
from onebox.google.sheets.looks import Looks
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.resource import sizes
from onebox.google.sheets.sheet import Sheet

# Where a page draws a chart that has a sheet of its own.
_ALONE = {"overlayPosition": {"anchorCell": {}, "widthPixels": 900, "heightPixels": 560}}
_PLAIN = (
    ("background", ("backgroundColor",)),
    ("color", ("textFormat", "foregroundColor")),
    ("bold", ("textFormat", "bold")),
    ("italic", ("textFormat", "italic")),
    ("size", ("textFormat", "fontSize")),
    ("align", ("horizontalAlignment",)),
    ("wrap", ("wrapStrategy",)),
    ("link", ("textFormat", "link", "uri")),
)


def snapshot(looking: Calculator, user: str, sheet_id: int | None = None) -> dict[str, Any]:
    """Return one version of a spreadsheet for a page.

    Args:
        looking: calculator of the version.
        user: who looks; decides which cells are editable.
        sheet_id: only this tab comes with its rows; None means all do.

    Returns:
        `id`, `title`, `locale`, `version` (grows with each change) and `tabs`, hidden ones left
        out. A tab has `sheet_id`, `title`, `row_count`, `column_count`, `frozen_rows`,
        `frozen_columns`, `widths` (pixels of every column), `heights` (of every row, where charts
        lie over them), `hidden` (indexes of hidden columns),
        `hidden_rows`, `merges` (GridRanges), `charts` (EmbeddedCharts) and `rows`: lists of cells,
        empty ends left out. A cell is a dict with `text` and `editable` and, where there is
        something to say, `note`, `background` and `color` (#rrggbb), `bold`, `italic`, `size`
        (points), `align`, `wrap`, `link`, `number` under charts, `options` of a dropdown and
        `checkbox`.
    """
    book = looking.book
    return {
        "id": book.id,
        "title": book.properties["title"],
        "locale": book.locale,
        "version": book.version,
        "tabs": [
            _Tab(looking, sheet, user).draw(rows=sheet_id in {None, sheet.id})
            for sheet in book.sheets
            if not sheet.properties.get("hidden")
        ],
    }


class _Tab:
    """One sheet being drawn."""

    def __init__(self, looking: Calculator, sheet: Sheet, user: str) -> None:
        self._looking, self._sheet = looking, sheet
        self._judge = Judge(looking)
        self._reader = Reader(looking, Rendering())
        self._locks = _locks(looking, sheet, user)
        self._over = Looks(looking, sheet)
        self._looks: dict[int | None, dict[str, Any]] = {}
        self._offers: dict[int, list[str] | None] = {}

    def draw(self, *, rows: bool) -> dict[str, Any]:
        sheet = self._sheet
        columns, lines = sheet.meta.get("COLUMNS", {}), sheet.meta.get("ROWS", {})
        return {
            "sheet_id": sheet.id,
            "title": sheet.title,
            "row_count": sheet.row_count,
            "column_count": sheet.column_count,
            "frozen_rows": sheet.grid.get("frozenRowCount", 0),
            "frozen_columns": sheet.grid.get("frozenColumnCount", 0),
            "heights": self._heights(),
            "widths": [one["pixelSize"] for one in sizes(sheet, "COLUMNS", 0, sheet.column_count)],
            "hidden": _hidden(columns),
            "hidden_rows": sorted({*_hidden(lines), *Sieve(self._looking, sheet).hidden()}),
            "merges": sheet.items("merges"),
            "charts": _charts(sheet),
            "rows": self._rows() if rows else [],
        }

    def _heights(self) -> list[int]:
        """Return the height of every row, in pixels, where charts lie over them."""
        sheet = self._sheet
        count = sheet.row_count if sheet.items("charts") else 0
        return [one["pixelSize"] for one in sizes(sheet, "ROWS", 0, count)]

    def _rows(self) -> list[list[dict[str, Any]]]:
        drawn = [
            [self._cell(row, column, cell) for column, cell in enumerate(cells)]
            for row, cells in enumerate(self._sheet.rows)
        ]
        plain = 2
        while drawn and not any(len(cell) > plain or cell["text"] for cell in drawn[-1]):
            drawn.pop()
        return drawn

    def _cell(self, row: int, column: int, cell: Cell) -> dict[str, Any]:
        text = cell if isinstance(cell, str) else ""
        if cell is not None and not isinstance(cell, str):
            text = str(self._reader.rendered(cell, self._sheet, (row, column)))
        locked = any(self._locked(lock, row, column) for lock in self._locks)
        drawn: dict[str, Any] = {"text": text, "editable": not locked}
        if not self._over.plain:
            drawn |= _plain_look(self._over.below(row, column))
        if self._sheet.items("charts"):
            drawn |= self._number(row, column)
        if isinstance(cell, dict):
            drawn |= self._look(part(cell, "s"))
            drawn |= self._validation(part(cell, "d"))
            if part(cell, "n"):
                drawn["note"] = part(cell, "n")
        if self._over.plain:
            return drawn
        place = (row, column)
        over = self._over.above(place, self._looking.at(self._sheet, *place), text)
        return drawn | _plain_look(over)

    def _number(self, row: int, column: int) -> dict[str, Any]:
        """Return what a chart draws of a cell."""
        value = self._looking.at(self._sheet, row, column)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return {"number": value} if is_number else {}

    def _look(self, number: int | None) -> dict[str, Any]:
        if number not in self._looks:
            self._looks[number] = _plain_look(self._looking.book.formats.item(number))
        return self._looks[number]

    def _validation(self, number: int | None) -> dict[str, Any]:
        if number is None:
            return {}
        condition = self._looking.book.rules.item(number).get("condition", {})
        if condition.get("type") == "BOOLEAN":
            return {"checkbox": True}
        if number not in self._offers:
            self._offers[number] = self._judge.options(condition)
        offer = self._offers[number]
        return {} if offer is None else {"options": offer}

    @staticmethod
    def _locked(lock: tuple[Box, list[Box]], row: int, column: int) -> bool:
        box, holes = lock
        return _inside(box, row, column) and not any(_inside(hole, row, column) for hole in holes)


def _locks(looking: Calculator, sheet: Sheet, user: str) -> list[tuple[Box, list[Box]]]:
    book = looking.book
    if same_person(user, str(book.meta.get("owner", ""))):
        return []
    locks = []
    for item in sheet.items("protectedRanges"):
        users = item.get("editors", {}).get("users", [])
        if not item.get("warningOnly") and not any(same_person(user, one) for one in users):
            holes = [box_of(hole) for hole in item.get("unprotectedRanges", [])]
            locks.append((protection_area(book, sheet, item), holes))
    return locks


def _charts(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the charts over a sheet; one that has the sheet for itself is given a place there."""
    charts = sheet.items("charts")
    return charts if sheet.has_grid else [{**one, "position": _ALONE} for one in charts]


def _inside(box: Box, row: int, column: int) -> bool:
    below = box.bottom is None or row < box.bottom
    return (
        box.top <= row
        and below
        and box.left <= column
        and (box.right is None or column < box.right)
    )


def _hidden(sizes: dict[str, Any]) -> list[int]:
    return sorted(int(index) for index, one in sizes.items() if one.get("hiddenByUser"))


def _plain_look(style: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, path in _PLAIN:
        value: Any = style
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and value is not False:
            found[name] = _hex(value) if isinstance(value, dict) else value
    return found


def _hex(color: dict[str, Any]) -> str:
    full = 255
    parts = (round(float(color.get(name, 0)) * full) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{part:02x}" for part in parts)
