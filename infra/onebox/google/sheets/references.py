"""References inside formulas, rewritten when cells move or the formula is copied elsewhere."""

import re
from collections.abc import Callable

from onebox.google.sheets.a1 import column_index, column_name, quoted

_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?P<title>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
    r"(?P<first>\$?[A-Za-z]{1,3}\$?[1-9]\d*|\$?[A-Za-z]{1,3}(?=:\$?[A-Za-z])|\$?[1-9]\d*(?=:\$?\d))"
    r"(?::(?P<second>\$?[A-Za-z]{1,3}(?:\$?[1-9]\d*)?|\$?[1-9]\d*))?(?![\w(!.])",
)
_SIDE = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")
_LOST = "#REF!"


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


def _read(side: str) -> tuple[str, int | None, str, int | None]:
    found = _SIDE.fullmatch(side)
    if not found:
        return "", None, "", None
    mark, letters, mark2, digits = found.groups()
    if not letters:
        return "", None, mark or mark2, int(digits) - 1
    return mark, column_index(letters), mark2, int(digits) - 1 if digits else None


def _written(
    found: re.Match[str],
    one: tuple[str, int | None, str, int | None],
    two: tuple[str, int | None, str, int | None],
    *,
    span: tuple[int, int],
    axis: str,
) -> str:
    first, second = (
        _side((s[0], index, s[2], s[3]) if axis == "COLUMNS" else (s[0], s[1], s[2], index))
        for s, index in zip((one, two), span, strict=True)
    )
    return f"{first}:{second}" if found["second"] else first


def _side(side: tuple[str, int | None, str, int | None]) -> str:
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


def _moved(side: tuple[str, int | None, str, int | None], rows: int, columns: int) -> str | None:
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
