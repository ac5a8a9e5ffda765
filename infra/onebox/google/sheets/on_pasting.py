"""Requests that copy and move blocks of cells, or paste text from elsewhere."""

from typing import Any, TypeAlias

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.areas import area, corner, writable
from onebox.google.sheets.cells import Cell, Row, entered, formula, part, with_part, with_value
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.on_sorting import rows_of
from onebox.google.sheets.pages import rows_of_page
from onebox.google.sheets.references import carried, shifted
from onebox.google.sheets.riders import Area, copy_merges, copy_rules, moved_box
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import formulas_of
from onebox.google.sheets.writing import write_rows

Place: TypeAlias = tuple[int, int]

_WITH_MERGES = {"PASTE_NORMAL", "PASTE_NO_BORDERS"}
_WITH_RULES = {"PASTE_NORMAL", "PASTE_NO_BORDERS", "PASTE_FORMAT", "PASTE_CONDITIONAL_FORMATTING"}
# Delimited text has neither formats nor rules of its own to paste.
_PASTES_TEXT = {"PASTE_NORMAL", "PASTE_VALUES", "PASTE_NO_BORDERS", "PASTE_FORMULA"}


def copy_paste(draft: Draft, asked: dict[str, Any]) -> None:
    """Copy a range; a larger destination is filled with repeats."""
    source_sheet, source = area(draft, asked.get("source", {}))
    sheet, wanted = area(draft, asked.get("destination", {}))
    kind = asked.get("pasteType", "PASTE_NORMAL")
    block = _block(draft, source_sheet, source, values=kind == "PASTE_VALUES")
    if asked.get("pasteOrientation") == "TRANSPOSE":
        block = [list(column) for column in zip(*block, strict=True)]
    box = _destination(sheet, wanted, block)
    draft.check(sheet, box)
    for row in range(box.top, box.bottom or 0):
        for column in range(box.left, box.right or 0):
            at = ((row - box.top) % len(block), (column - box.left) % len(block[0]))
            offset = (row - source.top - at[0], column - source.left - at[1])
            before = sheet.cell(row, column)
            fresh = block[at[0]][at[1]]
            sheet.put(row, column, pasted(draft, before, fresh, kind, offset=offset))
    turned = asked.get("pasteOrientation") == "TRANSPOSE"
    if kind in _WITH_MERGES and not turned:
        copy_merges((source_sheet, source), (sheet, box))
    if kind in _WITH_RULES:
        copy_rules((source_sheet, source), (sheet, box))


def _block(draft: Draft, sheet: Sheet, box: Box, *, values: bool) -> list[Row]:
    """Return the cells of a box; with `values`, formulas are replaced by what they come to."""
    rows = rows_of(sheet, box)
    if values:
        look = draft.look()
        for offset, row in enumerate(rows):
            for place, cell in enumerate(row):
                if formula(cell) is not None:
                    found = look.at(sheet, box.top + offset, box.left + place)
                    row[place] = with_value(cell, _plain(found))
    return rows


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else None


def _destination(sheet: Sheet, wanted: Box, block: list[Row]) -> Box:
    """Return what is written: repeats along a side that is a multiple of the block's, else one."""
    if not block or not block[0]:
        raise invalid("source must not be empty.")
    height, width = _side(wanted.height, len(block)), _side(wanted.width, len(block[0]))
    return sheet.clip(Box(wanted.top, wanted.left, wanted.top + height, wanted.left + width))


def _side(wanted: int, source: int) -> int:
    return wanted if wanted and wanted % source == 0 else source


def pasted(draft: Draft, before: Cell, fresh: Cell, kind: str, *, offset: Place) -> Cell:
    """Return a cell after pasting another onto it in the way that the paste type says."""
    moved = _shifted(fresh, offset)
    if kind == "PASTE_NORMAL":
        return moved
    if kind == "PASTE_NO_BORDERS":
        formats = draft.book.formats
        style = {k: v for k, v in formats.item(part(moved, "s")).items() if k != "borders"}
        return with_part(moved, "s", formats.number(style))
    if kind in {"PASTE_VALUES", "PASTE_FORMULA"}:
        return with_value(before, entered(moved), formula(moved))
    if kind == "PASTE_FORMAT":
        return with_part(before, "s", part(fresh, "s"))
    if kind == "PASTE_DATA_VALIDATION":
        return with_part(before, "d", part(fresh, "d"))
    return before


def _shifted(cell: Cell, offset: Place) -> Cell:
    text = formula(cell)
    return cell if text is None else with_value(cell, None, shifted(text, *offset))


def cut_paste(draft: Draft, asked: dict[str, Any]) -> None:
    """Move a range to a corner; the source is left empty."""
    source_sheet, source = writable(draft, asked.get("source", {}))
    sheet, top, left = corner(draft, asked.get("destination", {}))
    block = rows_of(source_sheet, source)
    box = sheet.clip(Box(top, left, top + source.height, left + source.width))
    draft.check(sheet, box)
    kind = asked.get("pasteType", "PASTE_NORMAL")
    for row in range(source.top, source.bottom or 0):
        source_sheet.put_row(row, source.left, [None] * source.width)
    if kind in _WITH_MERGES:
        _follow(draft, (source_sheet, source), (sheet, box))
    for row, cells in enumerate(block[: box.height], top):
        for column, cell in enumerate(cells[: box.width], left):
            fresh = pasted(draft, sheet.cell(row, column), cell, kind, offset=(0, 0))
            sheet.put(row, column, fresh)


def paste_data(draft: Draft, asked: dict[str, Any]) -> None:
    """Paste delimited text or the tables of a page, read as if typed."""
    sheet, top, left = corner(draft, asked.get("coordinate", {}))
    if asked.get("html"):
        rows = rows_of_page(asked.get("data", ""))
    else:
        mark = asked.get("delimiter") or "\t"
        rows = [line.split(mark) for line in asked.get("data", "").splitlines()]
    width = max((len(row) for row in rows), default=0)
    box = Box(top, left, top + len(rows), left + width)
    size = (max(sheet.row_count, box.bottom or 0), max(sheet.column_count, box.right or 0))
    if size != (sheet.row_count, sheet.column_count):
        sheet.resize(*size)
        draft.book.check_size()
    draft.check(sheet, box)
    if asked.get("type", "PASTE_NORMAL") in _PASTES_TEXT:
        write_rows(draft, sheet, box, rows, raw=False)


def _follow(draft: Draft, source: Area, target: Area) -> None:
    """Let merges, names and formulas that mean the cut cells mean them where they are now."""
    (here, block), (there, box) = source, target
    copy_merges(source, target)
    own = here is there
    here.meta["merges"] = [
        one
        for one in here.items("merges")
        if not block.covers(box_of(one)) or (own and box.covers(box_of(one)))
    ]
    for item in draft.book.named_ranges:
        place = item.get("range", {})
        if place.get("sheetId", 0) == here.id and block.covers(box_of(place)):
            item["range"] = moved_box(box_of(place), block, (box.top, box.left)).range(there.id)
    for sheet in draft.book.sheets:
        for row, column, text in formulas_of(sheet):
            corner_now = (there.title, box.top, box.left)
            fresh = carried(text, sheet.title, (here.title, block), corner_now)
            if fresh != text:
                sheet.put(row, column, with_value(sheet.cell(row, column), None, fresh))


REQUESTS: dict[str, Handler] = {
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "pasteData": paste_data,
}
