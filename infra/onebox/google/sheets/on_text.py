"""Requests that change the texts in cells: find and replace, split, trim."""

import re
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import WHOLE, Box
from onebox.google.sheets.areas import area, writable
from onebox.google.sheets.cells import Cell, entered, formula, with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.writing import typed

_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}
_BLANKS = re.compile(r"\s+")


def find_replace(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Replace a text everywhere in a range, a sheet or all sheets, and answer with counts."""
    if not asked.get("find"):
        raise invalid("find must not be empty.")
    search = _Search(draft, asked)
    for sheet, box in _scope(draft, asked):
        search.run(sheet, box)
    return {name: count for name, count in search.counts().items() if count}


def _scope(draft: Draft, asked: dict[str, Any]) -> list[tuple[Sheet, Box]]:
    if "range" in asked:
        return [area(draft, asked["range"])]
    if asked.get("allSheets"):
        return [(sheet, sheet.bounds) for sheet in draft.book.sheets]
    if "sheetId" not in asked:
        raise invalid("No scope specified: set range, sheetId or allSheets.")
    sheet = draft.book.sheet(asked["sheetId"])
    return [(sheet, sheet.clip(WHOLE))]


class _Search:
    """One find and replace, and what it has changed so far."""

    def __init__(self, draft: Draft, asked: dict[str, Any]) -> None:
        self._draft = draft
        self._formulas = bool(asked.get("includeFormulas"))
        self._replacement = asked.get("replacement", "")
        self._by_regex = bool(asked.get("searchByRegex"))
        text = asked["find"] if self._by_regex else re.escape(asked["find"])
        if asked.get("matchEntireCell"):
            text = rf"\A(?:{text})\Z"
        try:
            self._pattern = re.compile(text, 0 if asked.get("matchCase") else re.IGNORECASE)
        except re.error as error:
            raise invalid(f"Invalid regular expression: {error}") from error
        self._reader = Reader(draft.look(), Rendering())
        self._values, self._texts, self._occurrences = 0, 0, 0
        self._rows: set[tuple[int, int]] = set()

    def counts(self) -> dict[str, int]:
        return {
            "valuesChanged": self._values,
            "formulasChanged": self._texts,
            "rowsChanged": len(self._rows),
            "sheetsChanged": len({sheet for sheet, _ in self._rows}),
            "occurrencesChanged": self._occurrences,
        }

    def run(self, sheet: Sheet, box: Box) -> None:
        for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
            for column, cell in enumerate(sheet.row(row)[box.left : box.right], box.left):
                if cell is not None:
                    self._try(sheet, (row, column), cell)

    def _try(self, sheet: Sheet, place: tuple[int, int], cell: Cell) -> None:
        text = formula(cell)
        if text is not None and not self._formulas:
            return
        before = text if text is not None else self._reader.rendered(cell, sheet, place)
        after, count = self._pattern.subn(self._with, before)
        if not count or before == "":
            return
        row, column = place
        self._draft.check(sheet, Box(row, column, row + 1, column + 1))
        self._occurrences += count
        self._rows.add((sheet.id, row))
        if text is not None:
            self._texts += 1
            sheet.put(row, column, with_value(cell, None, after))
        else:
            self._values += 1
            sheet.put(row, column, self._replaced(cell, after))

    def _with(self, found: re.Match[str]) -> str:
        if not self._by_regex:
            return str(self._replacement)
        return re.sub(r"\$(\d)", lambda group: found.group(int(group[1])) or "", self._replacement)

    def _replaced(self, cell: Cell, after: str) -> Cell:
        """Text stays text; a number is read again, as if typed."""
        if isinstance(entered(cell), str):
            return with_value(cell, after or None)
        return typed(self._draft, cell, after)


def text_to_columns(draft: Draft, asked: dict[str, Any]) -> None:
    """Split the texts of one column into the columns to its right."""
    sheet, box = writable(draft, asked.get("source", {}))
    if box.width != 1:
        raise invalid("source must be exactly one column.")
    kind = asked.get("delimiterType", "AUTODETECT")
    for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
        value = entered(sheet.cell(row, box.left))
        if not isinstance(value, str):
            continue
        mark = asked.get("delimiter", "") if kind == "CUSTOM" else _DELIMITERS.get(kind, "")
        mark = mark or next((one for one in ",;|\t " if one in value), "")
        parts = value.split(mark) if mark else [value]
        missing = box.left + len(parts) - sheet.column_count
        if missing > 0:
            sheet.resize(sheet.row_count, sheet.column_count + missing)
        for place, piece in enumerate(parts, box.left):
            sheet.put(row, place, typed(draft, sheet.cell(row, place), piece.strip()))


def trim_whitespace(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Take blanks off the ends of texts and double ones out of them; answer with how many."""
    sheet, box = writable(draft, asked.get("range", {}))
    changed = 0
    for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
        for column, cell in enumerate(sheet.row(row)[box.left : box.right], box.left):
            value = entered(cell)
            if isinstance(value, str):
                trimmed = _BLANKS.sub(" ", value).strip()
                if trimmed != value:
                    changed += 1
                    sheet.put(row, column, with_value(cell, trimmed or None))
    return {"cellsChangedCount": changed} if changed else {}


REQUESTS: dict[str, Handler] = {
    "findReplace": find_replace,
    "textToColumns": text_to_columns,
    "trimWhitespace": trim_whitespace,
}
