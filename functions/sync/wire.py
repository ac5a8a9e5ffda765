"""Words of the Sheets protocol: requests, ranges, colours and cell values, as plain documents.

Source: Sheets API v4 reference, `Request`, `GridRange`, `ExtendedValue`.
"""

from kartoteka.ports import CellValue, Doc, Json
from sync.columns import Column, Tab


def request(kind: str, **content: Json) -> Doc:
    """Return a request of this kind."""
    return {kind: content}


def cell_value(cell: CellValue) -> dict[str, Json]:
    """Return a cell with this value; text is never a formula."""
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell}} if cell else {}
    return {"userEnteredValue": {"numberValue": cell}}


def column_range(tab: Tab, column: Column, first: int) -> dict[str, Json]:
    """Return a column from a row (0 is the header) to the end of the grid."""
    return column_place(tab, tab.keys.index(column.key), first)


def column_place(tab: Tab, index: int, first: int) -> dict[str, Json]:
    """Return the column at an index from a row to the end of the grid."""
    return {
        "sheetId": tab.sheet_id,
        "startRowIndex": first,
        "startColumnIndex": index,
        "endColumnIndex": index + 1,
    }


def colour(code: str) -> dict[str, Json]:
    """Return a colour given as #rrggbb."""
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return {"red": red, "green": green, "blue": blue}


def letter_of(index: int) -> str:
    """Return the letters of a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
