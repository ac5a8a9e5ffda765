"""A workbook in memory, its versions, and the library that keeps workbooks on disk."""

import copy
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from onebox.google.errors import invalid, not_found
from onebox.google.sheets.a1 import WHOLE, Box, box_of, label, parse_area, split_title
from onebox.google.sheets.cells import Palette
from onebox.google.sheets.sheet import Sheet
from onebox.google.storage import Vault

MAX_COLUMNS = 18_278  # the last is ZZZ
MAX_CELLS = 10_000_000


class Book:
    """One version of a spreadsheet; a change makes a fork, and the fork becomes the next version.

    `meta` holds `properties` (title, locale, timeZone), `owner`, `namedRanges`,
    `developerMetadata` of the spreadsheet itself, and `version`, which grows with each change.
    """

    def __init__(self, book_id: str, meta: dict[str, Any], sheets: list[Sheet]) -> None:
        self.id = book_id
        self.meta = meta
        self.sheets = sheets
        self.formats = Palette()
        self.rules = Palette()
        self.memo: dict[Any, Any] = {}

    def fork(self) -> "Book":
        """Return the draft of the next version."""
        twin = Book(self.id, copy.deepcopy(self.meta), [sheet.fork() for sheet in self.sheets])
        twin.formats, twin.rules = self.formats, self.rules
        twin.meta["version"] = self.version + 1
        return twin

    @property
    def version(self) -> int:
        return int(self.meta["version"])

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.meta["properties"]
        return found

    @property
    def locale(self) -> str:
        return str(self.properties["locale"])

    @property
    def named_ranges(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.meta.setdefault("namedRanges", [])
        return found

    def sheet(self, sheet_id: int, word: str = "grid") -> Sheet:
        """Return the sheet of an id.

        Args:
            sheet_id: the id.
            word: what the refusal calls it; requests about sheets as a whole say "sheet".

        Raises:
            GoogleError: INVALID_ARGUMENT, "No grid with id".
        """
        for sheet in self.sheets:
            if sheet.id == sheet_id and (sheet.has_grid or word != "grid"):
                return sheet
        raise invalid(f"No {word} with id: {sheet_id}")

    @property
    def titles(self) -> list[str]:
        return [sheet.title for sheet in self.sheets]

    def titled(self, title: str) -> Sheet | None:
        """Return the sheet of a title; case matters only between two that differ by it."""
        folded = title.casefold()
        close = [sheet for sheet in self.sheets if sheet.title.casefold() == folded]
        exact = [sheet for sheet in close if sheet.title == title]
        return next(iter(exact or close), None)

    def named(self, name: str) -> tuple[Sheet, Box] | None:
        """Return where a named range is, or None."""
        for item in self.named_ranges:
            if item["name"].casefold() == name.casefold():
                area = item.get("range", {})
                return self.sheet(area.get("sheetId", 0)), box_of(area)
        return None

    def find(self, text: str) -> tuple[Sheet, Box]:
        """Return the sheet and the rectangle that a range in A1 or R1C1 notation names.

        Raises:
            GoogleError: INVALID_ARGUMENT, "Unable to parse range".
        """
        title, rest = split_title(text)
        if title is None:
            area = parse_area(rest)
            if area:
                return self.first_grid(), area
            named = self.named(rest)
            if named:
                return named
            title, rest = rest, ""
        found = self._on_sheet(title, rest)
        if found is None or (not rest and text.endswith("!")):
            raise invalid(f"Unable to parse range: {text}")
        return found

    def _on_sheet(self, title: str, rest: str) -> tuple[Sheet, Box] | None:
        """Return a range of a sheet, by its address or by its name; all of it without either."""
        sheet = self.titled(title)
        if sheet is None or not sheet.has_grid:
            return None
        box = parse_area(rest) if rest else WHOLE
        if box is not None:
            return sheet, box
        named = self.named(rest)
        return named if named and named[0] is sheet else None

    def first_grid(self) -> Sheet:
        """Return the sheet that a range without a title is on: the first one that is seen."""
        grids = [sheet for sheet in self.sheets if sheet.has_grid]
        seen = [sheet for sheet in grids if not sheet.properties.get("hidden")]
        return (seen or grids or self.sheets)[0]

    def inside(self, sheet: Sheet, box: Box) -> Box:
        """Return the part of the box inside the grid.

        Raises:
            GoogleError: INVALID_ARGUMENT when the box starts past the grid.
        """
        if box.top >= sheet.row_count or box.left >= sheet.column_count:
            raise grid_limits(sheet, box)
        return sheet.clip(box)

    def check_size(self) -> None:
        """Refuse more columns than have names in a sheet, and more than ten million cells."""
        if any(sheet.column_count > MAX_COLUMNS for sheet in self.sheets):
            raise invalid(
                "This action would increase the number of columns in the sheet above the limit"
                f" of {MAX_COLUMNS} columns."
            )
        if sum(sheet.row_count * sheet.column_count for sheet in self.sheets) > MAX_CELLS:
            raise invalid(
                "This action would increase the number of cells in the workbook above the limit"
                f" of {MAX_CELLS} cells."
            )

    def number_sheets(self) -> None:
        """Give every sheet the index of its place."""
        for index, sheet in enumerate(self.sheets):
            sheet.properties["index"] = index


def grid_limits(sheet: Sheet, box: Box) -> Exception:
    """Return the refusal of a range that is past the grid."""
    return invalid(
        f"Range ({label(sheet.title, box)}) exceeds grid limits. "
        f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    )


def new_book_id() -> str:
    """Return an id that looks like Drive's: 44 characters."""
    return "1" + secrets.token_urlsafe(33)[:43]


class Library:
    """The workbooks of a vault, kept in memory once opened. Reading needs no lock."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._open: dict[str, Book] = {}

    def get(self, book_id: str) -> Book:
        """Return the current version of a workbook.

        Raises:
            GoogleError: NOT_FOUND.
        """
        book = self._open.get(book_id)
        if book is None:
            with self._vault.transaction():
                book = self._open.get(book_id) or self._load(book_id)
                self._open[book_id] = book
        return book

    def _load(self, book_id: str) -> Book:
        meta = self._vault.get("sheets.book", book_id)
        if meta is None:
            raise not_found()
        found = self._vault.list("sheets.sheet", prefix=f"{book_id}/")
        sheets = [Sheet.load(self._vault, owner, sheet_meta) for owner, sheet_meta in found]
        sheets.sort(key=lambda sheet: int(sheet.properties["index"]))
        book = Book(book_id, meta, sheets)
        palette = self._vault.get("sheets.palette", book_id) or {"formats": [], "rules": []}
        book.formats, book.rules = Palette(palette["formats"]), Palette(palette["rules"])
        return book

    @contextmanager
    def change(self, book_id: str) -> Iterator[Book]:
        """Give a draft of the next version; it is saved when the block ends without an error."""
        with self._vault.transaction():
            old = self.get(book_id)
            draft = old.fork()
            yield draft
            self.save(draft, old)

    def save(self, book: Book, old: Book | None = None) -> None:
        """Write a version and make it the current one. Call inside the vault's transaction."""
        book.memo = {}
        before = {sheet.id: sheet for sheet in old.sheets} if old else {}
        for gone in before.keys() - {sheet.id for sheet in book.sheets}:
            self._vault.delete("sheets.sheet", f"{book.id}/{gone}")
            self._vault.cut_chunks(f"{book.id}/{gone}", 0)
        self._vault.put("sheets.book", book.id, book.meta)
        self._save_palettes(book)
        for sheet in book.sheets:
            sheet.save(self._vault, book.id, before.get(sheet.id))
        self._vault.on_rollback(lambda: self._open.pop(book.id, None))
        self._open[book.id] = book

    def _save_palettes(self, book: Book) -> None:
        grown = [p for p in (book.formats, book.rules) if p.saved != len(p.items)]
        if grown:
            items = {"formats": book.formats.items, "rules": book.rules.items}
            self._vault.put("sheets.palette", book.id, items)
            for palette in grown:
                palette.saved = len(palette.items)

    def remove(self, book_id: str) -> None:
        """Forget a workbook for good."""
        with self._vault.transaction():
            for owner, _ in self._vault.list("sheets.sheet", prefix=f"{book_id}/"):
                self._vault.delete("sheets.sheet", owner)
                self._vault.cut_chunks(owner, 0)
            for kind in ("sheets.book", "sheets.palette"):
                self._vault.delete(kind, book_id)
            self._open.pop(book_id, None)
