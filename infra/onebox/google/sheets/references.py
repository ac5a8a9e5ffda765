"""References inside formulas, rewritten when cells move or the formula is copied elsewhere."""

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from onebox.google.sheets.a1 import Box, column_index, column_name, quoted

_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?<![\w.])(?P<title>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
    r"(?P<first>\$?[A-Za-z]{1,3}\$?[1-9]\d*|\$?[A-Za-z]{1,3}(?=:\$?[A-Za-z])|\$?[1-9]\d*(?=:\$?\d))"
    r"(?::(?P<second>\$?[A-Za-z]{1,3}(?:\$?[1-9]\d*)?|\$?[1-9]\d*))?(?![\w(!.])",
)
_SIDE = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")
_LOST = "#REF!"

# One side of a reference: dollar, column, dollar, row; None where it has none.
_Side: TypeAlias = tuple[str, int | None, str, int | None]


def adjust(
    text: str,
    home: str,
    moved: str,
    move: Callable[[int, int | None], tuple[int, int | None] | None],
    *,
    axis: str,
) -> str:
    """Return a formula after rows or columns of a sheet were opened, closed or moved.

    Args:
        text: the formula.
        home: title of the sheet where the formula stands.
        moved: title of the sheet that changed.
        move: from an old span to the new one, or None when it is gone.
        axis: ROWS or COLUMNS.
    """

    def change(found: re.Match[str]) -> str:
        if found["first"] is None or _title(found) not in (
            {moved} if home != moved else {moved, ""}
        ):
            return found[0]
        one, two = _read(found["first"]), _read(found["second"] or found["first"])
        low, high = (one[3], two[3]) if axis == "ROWS" else (one[1], two[1])
        if low is None or high is None:
            return found[0]
        new = move(low, high + 1)
        if new is None or new[1] is None:
            return (found["title"] or "") + _LOST
        return (found["title"] or "") + _written(
            found, one, two, span=(new[0], new[1] - 1), axis=axis
        )

    return _REFERENCE.sub(change, text) if _may_refer(text) else text


def _may_refer(text: str) -> bool:
    return any(letter.isdigit() or letter == ":" for letter in text)


def _title(found: re.Match[str]) -> str:
    title = (found["title"] or "")[:-1]
    return title[1:-1].replace("''", "'") if title.startswith("'") else title


def _read(side: str) -> _Side:
    found = _SIDE.fullmatch(side)
    if not found:
        return "", None, "", None
    mark, letters, mark2, digits = found.groups()
    if not letters:
        return "", None, mark or mark2, int(digits) - 1
    return mark, column_index(letters), mark2, int(digits) - 1 if digits else None


def _written(
    found: re.Match[str],
    one: _Side,
    two: _Side,
    *,
    span: tuple[int, int],
    axis: str,
) -> str:
    first, second = (
        _side((s[0], index, s[2], s[3]) if axis == "COLUMNS" else (s[0], s[1], s[2], index))
        for s, index in zip((one, two), span, strict=True)
    )
    return f"{first}:{second}" if found["second"] else first


def _side(side: _Side) -> str:
    mark, column, mark2, row = side
    letters = "" if column is None else mark + column_name(column)
    return letters + ("" if row is None else f"{mark2}{row + 1}")


def shifted(text: str, rows: int, columns: int) -> str:
    """Return a formula copied by so many rows and columns: relative references move along."""

    def change(found: re.Match[str]) -> str:
        if found["first"] is None:
            return found[0]
        sides = [
            _moved(_read(side), rows, columns) for side in found.group("first", "second") if side
        ]
        if None in sides:
            return (found["title"] or "") + _LOST
        return (found["title"] or "") + ":".join(side for side in sides if side)

    return _REFERENCE.sub(change, text) if rows or columns else text


def _moved(side: _Side, rows: int, columns: int) -> str | None:
    mark, column, mark2, row = side
    if column is not None and not mark:
        column += columns
    if row is not None and not mark2:
        row += rows
    if (column is not None and column < 0) or (row is not None and row < 0):
        return None
    return _side((mark, column, mark2, row))


def retitled(text: str, old: str, new: str) -> str:
    """Return a formula after a sheet was renamed."""

    def change(found: re.Match[str]) -> str:
        if found["first"] is None or _title(found) != old:
            return found[0]
        return f"{quoted(new)}!{found[0][len(found['title']) :]}"

    return _REFERENCE.sub(change, text)


def canonical(text: str, titles: Iterable[str]) -> str:
    """Return a formula with its references as Sheets keeps them.

    Columns become capital, corners are put in order, a range of one cell becomes the cell, and
    titles are spelled as the sheets are called. Functions and blanks stay as they were written.

    Args:
        text: the formula.
        titles: of the sheets of the workbook; a reference to another sheet stays as it is.
    """
    if not _may_refer(text):
        return text
    known = {title.casefold(): title for title in titles}

    def change(found: re.Match[str]) -> str:
        if found["first"] is None:
            return found[0]
        prefix = ""
        if found["title"]:
            title = known.get(_title(found).casefold())
            if title is None:
                return found[0]
            prefix = f"{quoted(title)}!"
        return prefix + _ordered(_read(found["first"]), found["second"])

    return _REFERENCE.sub(change, text)


def _ordered(one: _Side, second: str | None) -> str:
    if second is None:
        return _side(one)
    two = _read(second)
    (mark, column), (mark_, column_) = _sorted((one[0], one[1]), (two[0], two[1]))
    (dollar, row), (dollar_, row_) = _sorted((one[2], one[3]), (two[2], two[3]))
    first, last = _side((mark, column, dollar, row)), _side((mark_, column_, dollar_, row_))
    single = first == last and column is not None and row is not None
    return first if single else f"{first}:{last}"


def _sorted(
    one: tuple[str, int | None], two: tuple[str, int | None]
) -> tuple[tuple[str, int | None], tuple[str, int | None]]:
    backwards = one[1] is not None and two[1] is not None and two[1] < one[1]
    return (two, one) if backwards else (one, two)


def carried(text: str, home: str, source: tuple[str, Box], target: tuple[str, int, int]) -> str:
    """Return a formula after a block was cut and pasted: references into the block follow it.

    Args:
        text: the formula.
        home: title of the sheet where the formula stands.
        source: title of the sheet and the block that was cut.
        target: title of the sheet, row and column where the block's corner is now.
    """
    title, block = source

    def change(found: re.Match[str]) -> str:
        if found["first"] is None or (_title(found) or home) != title:
            return found[0]
        sides = [_read(side) for side in found.group("first", "second") if side]
        if not all(_inside(side, block) for side in sides):
            return found[0]
        rows, columns = target[1] - block.top, target[2] - block.left
        moved = [_pushed(side, rows, columns) for side in sides]
        prefix = "" if target[0] == home and not found["title"] else f"{quoted(target[0])}!"
        return prefix + ":".join(map(_side, moved))

    return _REFERENCE.sub(change, text) if _may_refer(text) else text


def _inside(side: _Side, block: Box) -> bool:
    _, column, _, row = side
    if row is None or column is None:
        return False
    return block.covers(Box(row, column, row + 1, column + 1))


def _pushed(side: _Side, rows: int, columns: int) -> _Side:
    mark, column, dollar, row = side
    return mark, (column or 0) + columns, dollar, (row or 0) + rows
