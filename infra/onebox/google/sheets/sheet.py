"""One sheet of a workbook: its rows of cells and what belongs to the sheet as a whole."""

import copy
from collections.abc import Iterable
from typing import Any

from onebox.google.sheets.a1 import Box
from onebox.google.sheets.cells import Cell, Row, has_content
from onebox.google.storage import Vault

CHUNK = 500
DEFAULT_ROWS = 1000
DEFAULT_COLUMNS = 26
# What a sheet has besides cells, by the names of the API's Sheet resource.
LISTS = (
    "merges",
    "conditionalFormats",
    "filterViews",
    "protectedRanges",
    "charts",
    "bandedRanges",
    "developerMetadata",
    "rowGroups",
    "columnGroups",
    "slicers",
    "tables",
    "commentAnchors",
)


class Sheet:
    """A grid of cells with its properties, copied on write.

    `rows` may be shorter than the grid and a row shorter than its width: the rest is empty.
    `meta` holds `properties` (SheetProperties), the lists of LISTS, `basicFilter`, and `ROWS` and
    `COLUMNS`: DimensionProperties by the index as text. `formulas` is set once there has been one.
    """

    def __init__(self, meta: dict[str, Any], rows: list[Row] | None = None) -> None:
        self.meta = meta
        self.rows: list[Row] = rows or []
        self.fresh = True
        self._dirty: set[int] = set()
        self._shifted: int | None = None
        self._owned: set[int] = set()

    @classmethod
    def blank(cls, properties: dict[str, Any]) -> "Sheet":
        """Return an empty sheet with its properties completed by Google's defaults."""
        grid = {"rowCount": DEFAULT_ROWS, "columnCount": DEFAULT_COLUMNS}
        grid.update(properties.get("gridProperties", {}))
        order = ("sheetId", "title", "index")
        full = {name: properties[name] for name in order}
        full["sheetType"] = "GRID"
        full["gridProperties"] = grid
        full.update({name: item for name, item in properties.items() if name not in full})
        return cls({"properties": full})

    @classmethod
    def without_grid(cls, sheet_id: int, title: str) -> "Sheet":
        """Return a sheet of the type OBJECT: it shows one chart and has no cells."""
        properties = {"sheetId": sheet_id, "title": title, "index": 0, "sheetType": "OBJECT"}
        return cls({"properties": properties})

    def fork(self) -> "Sheet":
        """Return a version that can be changed without changing this one.

        Whoever only reads this one may ask it for a list that it lacks meanwhile: `items` adds it.
        """
        twin = Sheet(copy.deepcopy(dict(self.meta)), list(self.rows))
        twin.fresh = False
        return twin

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.meta["properties"]
        return found

    @property
    def grid(self) -> dict[str, Any]:
        found: dict[str, Any] = self.properties.get("gridProperties", {})
        return found

    @property
    def has_grid(self) -> bool:
        """Whether the sheet has cells; one that shows a single chart has none."""
        return "gridProperties" in self.properties

    @property
    def id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.grid.get("rowCount", 0))

    @property
    def column_count(self) -> int:
        return int(self.grid.get("columnCount", 0))

    @property
    def bounds(self) -> Box:
        return Box(0, 0, self.row_count, self.column_count)

    def items(self, name: str) -> list[dict[str, Any]]:
        """Return one of the sheet's lists, to be read or changed."""
        found: list[dict[str, Any]] = self.meta.setdefault(name, [])
        return found

    def clip(self, box: Box) -> Box:
        """Return the part of the box that is inside the grid."""
        return box.clip(self.row_count, self.column_count)

    def row(self, index: int) -> Row:
        """Return the cells of a row, as many as are kept; not to be changed."""
        return self.rows[index] if index < len(self.rows) else []

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell; None where there is nothing."""
        cells = self.row(row)
        return cells[column] if column < len(cells) else None

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set a cell."""
        self.put_row(row, column, (cell,))

    def put_row(self, row: int, column: int, cells: Iterable[Cell]) -> None:
        """Set neighbouring cells of one row from a column on."""
        kept = self._own(row)
        for place, cell in enumerate(cells, column):
            if type(cell) is dict and "f" in cell:
                self.meta["formulas"] = True
            if place < len(kept):
                kept[place] = cell
            elif cell is not None:
                kept.extend([None] * (place - len(kept)))
                kept.append(cell)

    def set_rows(self, top: int, rows: list[Row]) -> None:
        """Set whole rows from an index on; the lists become the sheet's own."""
        self._reach(top + len(rows))
        self.rows[top : top + len(rows)] = rows
        self._owned.update(range(top, top + len(rows)))
        self._dirty.update(range(top // CHUNK, (top + len(rows) - 1) // CHUNK + 1))

    def _own(self, row: int) -> Row:
        self._reach(row + 1)
        if row not in self._owned:
            self.rows[row] = list(self.rows[row])
            self._owned.add(row)
            self._dirty.add(row // CHUNK)
        return self.rows[row]

    def _reach(self, count: int) -> None:
        while len(self.rows) < count:
            self._dirty.add(len(self.rows) // CHUNK)
            self._owned.add(len(self.rows))
            self.rows.append([])

    def _shift(self, top: int) -> None:
        self._owned.clear()
        self._shifted = top if self._shifted is None else min(top, self._shifted)

    def insert_rows(self, at: int, count: int) -> None:
        """Open empty rows; the grid grows."""
        if at < len(self.rows):
            self._shift(at)
            self.rows[at:at] = [[] for _ in range(count)]
        self.grid["rowCount"] = self.row_count + count

    def delete_rows(self, top: int, bottom: int) -> None:
        """Take rows out; the grid shrinks."""
        if top < len(self.rows):
            self._shift(top)
            del self.rows[top:bottom]
        self.grid["rowCount"] = self.row_count - (bottom - top)

    def insert_columns(self, at: int, count: int) -> None:
        """Open empty columns; the grid grows."""
        self._each_row(lambda cells: cells[:at] + [None] * count + cells[at:], at)
        self.grid["columnCount"] = self.column_count + count

    def delete_columns(self, left: int, right: int) -> None:
        """Take columns out; the grid shrinks."""
        self._each_row(lambda cells: cells[:left] + cells[right:], left)
        self.grid["columnCount"] = self.column_count - (right - left)

    def _each_row(self, change: Any, at: int) -> None:
        for index, cells in enumerate(self.rows):
            if len(cells) > at:
                self.rows[index] = change(cells)
                self._dirty.add(index // CHUNK)
        self._owned.clear()

    def resize(self, rows: int, columns: int) -> None:
        """Set the size of the grid; what falls outside is lost."""
        if rows < len(self.rows):
            self._shift(rows)
            del self.rows[rows:]
        if columns < self.column_count:
            self._each_row(lambda cells: cells[:columns], columns)
        self.grid["rowCount"], self.grid["columnCount"] = rows, columns

    def last_row(self) -> int:
        """Return one past the last row with a value or a formula, 0 for an empty sheet."""
        for index in range(len(self.rows), 0, -1):
            if any(has_content(cell) for cell in self.rows[index - 1]):
                return index
        return 0

    def save(self, vault: Vault, book_id: str, old: "Sheet | None" = None) -> None:
        """Write what changed since the fork of `old`."""
        owner = f"{book_id}/{self.id}"
        if old is None or old.meta != self.meta:
            vault.put("sheets.sheet", owner, self.meta)
        changed = set(self._dirty)
        end = -(-len(self.rows) // CHUNK)
        if self.fresh:
            changed = set(range(end))
        elif self._shifted is not None:
            changed.update(range(self._shifted // CHUNK, end))
            vault.cut_chunks(owner, end)
        vault.write_chunks(
            owner,
            [(n, self.rows[n * CHUNK : (n + 1) * CHUNK]) for n in sorted(changed) if n < end],
        )

    @classmethod
    def load(cls, vault: Vault, owner: str, meta: dict[str, Any]) -> "Sheet":
        """Read a sheet back."""
        rows = [row for _, chunk in vault.read_chunks(owner) for row in chunk]
        sheet = cls(meta, rows)
        sheet.fresh = False
        return sheet
