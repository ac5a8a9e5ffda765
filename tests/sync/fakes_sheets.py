"""A Google in memory: the Sheets port over plain grids, with a person at the keyboard.

Every port call is counted and may be made to fail, before or after it was applied; `between` runs
before a call, as a colleague who sorts the sheet while the mirror is at work.
"""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kartoteka.domain.errors import ConfigError, NotFound, ProviderDown, Transient
from kartoteka.ports import CellValue, Doc, Patch, Rows, SheetCalls, WorkbookInfo

_PLACE = re.compile(
    r"'(?P<title>(?:[^']|'')+)'(?:!(?P<c1>[A-Z]+)(?P<r1>\d*):(?P<c2>[A-Z]+)(?P<r2>\d*))?"
)


def number_of(letters: str) -> int:
    total = 0
    for letter in letters:
        total = total * 26 + ord(letter) - ord("A") + 1
    return total - 1


@dataclass
class Tab:
    title: str
    rows: int = 1000
    columns: int = 26
    grid: list[list[CellValue]] = field(default_factory=list)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> CellValue:
        line = self.grid[row] if row < len(self.grid) else []
        return line[column] if column < len(line) else ""

    def put(self, row: int, column: int, value: CellValue) -> None:
        if row >= self.rows or column >= self.columns:
            raise ConfigError(f"Range exceeds grid limits. Max rows: {self.rows}")
        while len(self.grid) <= row:
            self.grid.append([])
        line = self.grid[row]
        line.extend([""] * (column + 1 - len(line)))
        line[column] = value

    def trimmed(self) -> Rows:
        rows = [list(row) for row in self.grid]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows


@dataclass
class Workbook:
    title: str
    mark: str
    tabs: dict[int, Tab]
    version: int = 1
    shared: list[str] = field(default_factory=list)
    closed: bool = False
    requests: list[Doc] = field(default_factory=list)  # everything that built it

    def copied(self) -> "Workbook":
        """Return one that may be edited without touching this; what built it is left behind."""
        tabs = {
            key: Tab(t.title, t.rows, t.columns, [[*row] for row in t.grid], dict(t.notes))
            for key, t in self.tabs.items()
        }
        return Workbook(self.title, self.mark, tabs, self.version, [*self.shared], self.closed)


class FakeSheets:
    """The Sheets port; `person_*` and the attributes are for tests."""

    def __init__(self) -> None:
        self.books: dict[str, Workbook] = {}
        self.counted = SheetCalls()
        self.calls: list[str] = []
        self.read_from: list[str] = []  # workbooks, one by one
        self.requests: list[Doc] = []
        self.before: dict[int, Transient] = {}  # by number of the call from now on
        self.after: dict[int, Transient] = {}
        self.between: Callable[[str], None] = lambda _name: None

    def find(self, mark: str) -> str | None:
        return self._call("find", lambda: self._find(mark))

    def create(self, title: str, mark: str, *, closed: bool = False) -> WorkbookInfo:
        return self._call("create", lambda: self._info(self._create(title, mark, closed)))

    def info(self, workbook: str) -> WorkbookInfo:
        return self._call("info", lambda: self._info(workbook))

    def version(self, workbook: str) -> str:
        return self._call("version", lambda: str(self._book(workbook).version))

    def versions(self) -> dict[str, str]:
        found = self.books.items()
        return self._call("versions", lambda: {key: str(book.version) for key, book in found})

    def read(self, workbook: str, ranges: Sequence[str]) -> list[Rows]:
        self.read_from.append(workbook)
        return self._call("read", lambda: [self._read(workbook, place) for place in ranges])

    def write(self, workbook: str, blocks: Mapping[str, Patch]) -> None:
        self._call("write", lambda: self._write(workbook, blocks))

    def structure(self, workbook: str, requests: Sequence[Doc]) -> None:
        self._call("structure", lambda: self._structure(workbook, requests))

    def share(self, workbook: str, email: str, role: str) -> str:
        self._call("share", lambda: self._book(workbook).shared.append(email))
        return f"permission of {email}"

    def unshare(self, workbook: str, permission: str) -> None:
        email = permission.removeprefix("permission of ")
        self._call("unshare", lambda: self._book(workbook).shared.remove(email))

    def fail_soon(self, calls: int, *, applied: bool, error: Transient | None = None) -> None:
        """Make the call after `calls` more fail, with or without its effect."""
        target = self.after if applied else self.before
        target[len(self.calls) + calls] = error or ProviderDown("Google does not answer")

    def count(self, work: Callable[[], object]) -> list[str]:
        """Return the names of the calls that `work` makes."""
        start = len(self.calls)
        work()
        return self.calls[start:]

    def only(self) -> Workbook:
        (book,) = self.books.values()
        return book

    def _call(self, name, work):
        number = len(self.calls)
        self.calls.append(name)
        self.counted.reads += name in {"info", "read"}
        self.counted.writes += name in {"write", "structure"}
        self.between(name)
        if number in self.before:
            raise self.before.pop(number)
        result = work()
        if number in self.after:
            raise self.after.pop(number)
        return result

    def _book(self, workbook: str) -> Workbook:
        if workbook not in self.books:
            raise NotFound("Requested entity was not found.", code="google_gone")
        return self.books[workbook]

    def _find(self, mark: str) -> str | None:
        return next((key for key, book in self.books.items() if book.mark == mark), None)

    def _create(self, title: str, mark: str, closed: bool) -> str:
        key = f"book{len(self.calls)}"
        self.books[key] = Workbook(title, mark, {0: Tab("Лист1")}, closed=closed)
        return key

    def _info(self, workbook: str) -> WorkbookInfo:
        book = self._book(workbook)
        tabs = {key: (tab.title, tab.rows, tab.columns) for key, tab in book.tabs.items()}
        return WorkbookInfo(workbook, f"https://sheets.example/{workbook}", book.title, tabs)

    def _range(self, workbook: str, place: str) -> tuple[Tab, int, int, int]:
        match = _PLACE.fullmatch(place)
        title = match["title"].replace("''", "'") if match else place
        tab = next((t for t in self._book(workbook).tabs.values() if t.title == title), None)
        if match is None or tab is None:
            raise ConfigError(f"Unable to parse range: {place}")
        if match["c1"] is None:
            return tab, 0, 0, tab.columns - 1
        return tab, int(match["r1"] or 1) - 1, number_of(match["c1"]), number_of(match["c2"])

    def _read(self, workbook: str, place: str) -> Rows:
        tab, first, left, right = self._range(workbook, place)
        return Tab("", grid=[row[left : right + 1] for row in tab.grid[first:]]).trimmed()

    def _write(self, workbook: str, blocks: Mapping[str, Patch]) -> None:
        book = self._book(workbook)
        kept = copy.deepcopy(book.tabs)
        try:
            for place, rows in blocks.items():
                tab, first, left, _ = self._range(workbook, place)
                for down, row in enumerate(rows):
                    for right, cell in enumerate(row):
                        if cell is not None:
                            tab.put(first + down, left + right, cell)
        except ConfigError:
            book.tabs = kept
            raise
        book.version += 1

    def _structure(self, workbook: str, requests: Sequence[Doc]) -> None:
        book = self._book(workbook)
        kept = copy.deepcopy(book.tabs)
        try:
            for request in requests:
                ((kind, content),) = request.items()
                getattr(self, f"_do_{kind}", self._do_nothing)(book, content)
        except (ConfigError, KeyError):
            book.tabs = kept
            raise
        self.requests.extend(requests)
        book.requests.extend(requests)
        book.version += 1

    def _do_nothing(self, book: Workbook, content) -> None:
        sheet = str(content).split("'sheetId': ")[1:2]
        assert not sheet or int(re.match(r"\d+", sheet[0])[0]) in book.tabs

    def _do_updateSpreadsheetProperties(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        book.title = content["properties"]["title"]

    def _do_addSheet(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        properties = content["properties"]
        grid = properties.get("gridProperties", {"rowCount": 1_000, "columnCount": 26})
        assert properties["sheetId"] not in book.tabs
        tab = Tab(properties.get("title", "Sheet1"), grid["rowCount"], grid["columnCount"])
        book.tabs[properties["sheetId"]] = tab

    def _do_deleteSheet(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        del book.tabs[content["sheetId"]]

    def _do_updateCells(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        start = content["start"]
        tab = book.tabs[start["sheetId"]]
        for down, row in enumerate(content["rows"]):
            for right, cell in enumerate(row["values"]):
                place = (start["rowIndex"] + down, start["columnIndex"] + right)
                self._enter(tab, place, cell, content["fields"])

    def _do_appendCells(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        tab = book.tabs[content["sheetId"]]
        first = len(tab.trimmed())
        tab.rows = max(tab.rows, first + len(content["rows"]))
        for down, row in enumerate(content["rows"]):
            for right, cell in enumerate(row["values"]):
                self._enter(tab, (first + down, right), cell, content["fields"])

    def _enter(self, tab: Tab, place: tuple[int, int], cell, fields: str) -> None:
        if "userEnteredValue" in fields:
            tab.put(*place, next(iter(cell.get("userEnteredValue", {"": ""}).values())))
        if "note" in fields:
            tab.notes[place] = cell.get("note", "")
            if not tab.notes[place]:
                del tab.notes[place]

    def _do_appendDimension(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        tab = book.tabs[content["sheetId"]]
        if content["dimension"] == "ROWS":
            tab.rows += content["length"]
        else:
            tab.columns += content["length"]

    def _do_deleteDimension(self, book: Workbook, content) -> None:  # noqa: N802 - Google's spelling
        place = content["range"]
        Person(self, place["sheetId"], book).delete_rows(place["startIndex"], place["endIndex"])


@dataclass
class Person:
    """Somebody of the office in one tab; rows and columns count from 0, the header is row 0."""

    sheets: FakeSheets
    sheet_id: int
    book: Workbook | None = None

    @property
    def tab(self) -> Tab:
        return (self.book or self.sheets.only()).tabs[self.sheet_id]

    def _changed(self) -> None:
        (self.book or self.sheets.only()).version += 1

    def column(self, header: str) -> int:
        return self.tab.grid[0].index(header)

    def row_of(self, record: str) -> int:
        return next(i for i, row in enumerate(self.tab.grid) if row and row[0] == record)

    def rows(self) -> list[list[CellValue]]:
        return self.tab.trimmed()[1:]

    def ids(self) -> list[str]:
        return [str(row[0]) for row in self.rows() if row]

    def shown(self, record: str, header: str) -> CellValue:
        return self.tab.cell(self.row_of(record), self.column(header))

    @property
    def row_notes(self) -> dict[tuple[int, int], str]:
        """The notes under the header."""
        return {place: note for place, note in self.tab.notes.items() if place[0]}

    def note(self, record: str, header: str) -> str:
        return self.tab.notes.get((self.row_of(record), self.column(header)), "")

    def type(self, record: str, header: str, value: CellValue) -> None:
        self.tab.put(self.row_of(record), self.column(header), value)
        self._changed()

    def permute(self, order: Sequence[int], columns: Sequence[int] | None = None) -> None:
        """Reorder the rows under the header, whole or in some columns only; notes travel along."""
        body = self.tab.trimmed()[1:]
        width = len(self.tab.grid[0])
        body = [row + [""] * (width - len(row)) for row in body]
        moved = range(width) if columns is None else columns
        new = [list(row) for row in body]
        notes = dict(self.tab.notes)
        for to, origin in enumerate(order):
            for column in moved:
                new[to][column] = body[origin][column]
                notes.pop((to + 1, column), None)
        for to, origin in enumerate(order):
            for column in moved:
                note = self.tab.notes.get((origin + 1, column))
                if note:
                    notes[to + 1, column] = note
        self.tab.grid[1:] = new
        self.tab.notes = notes
        self._changed()

    def reverse(self) -> None:
        self.permute(range(len(self.rows()) - 1, -1, -1))

    def delete_rows(self, first: int, end: int) -> None:
        del self.tab.grid[first:end]
        self.tab.rows -= end - first
        shift = end - first
        self.tab.notes = {
            (row - shift if row >= end else row, column): note
            for (row, column), note in self.tab.notes.items()
            if not first <= row < end
        }
        self._changed()

    def insert_row(self, at: int, cells: Sequence[CellValue] = ()) -> None:
        self.tab.grid.insert(at, list(cells))
        self.tab.rows += 1
        self.tab.notes = {
            (row + 1 if row >= at else row, column): note
            for (row, column), note in self.tab.notes.items()
        }
        self._changed()
