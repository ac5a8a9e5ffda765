"""The spreadsheets.values collection: get, update, append, clear and their batches."""

from collections.abc import Callable
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, label
from onebox.google.sheets.book import Book
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.draft import Draft, named
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.shifting import insert_rows
from onebox.google.sheets.tables import find_table
from onebox.google.sheets.writing import Written, by_rows, clear_box, write_range, write_rows

_OPTIONS = {"RAW", "USER_ENTERED"}


def get(looking: Calculator, text: str, how: Rendering) -> dict[str, Any]:
    """Return the ValueRange of a range."""
    sheet, area = looking.book.find(text)
    return Reader(looking, how).value_range(sheet, looking.book.inside(sheet, area))


def input_option(query: dict[str, Any]) -> str:
    """Return the valueInputOption of a write.

    Raises:
        GoogleError: INVALID_ARGUMENT when it is missing or unspecified.
    """
    option = query.get("valueInputOption", "")
    if option not in _OPTIONS:
        raise invalid("'valueInputOption' is required but not specified")
    return str(option)


def update(draft: Draft, text: str, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Write a range and return the UpdateValuesResponse."""
    _check_same_range(draft.book, text, body)
    written = write_range(draft, text, body, input_option(query))
    return _updated(draft, written, query, by_rows(body))


def _check_same_range(book: Book, text: str, body: dict[str, Any]) -> None:
    other = body.get("range", text)
    if other != text and book.find(other) != book.find(text):
        raise invalid(f"Request range[{text}] does not match value's range[{other}]")


def _updated(
    draft: Draft, written: Written, query: dict[str, Any], rows: list[list[Any]]
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "spreadsheetId": draft.book.id,
        "updatedRange": label(written.sheet.title, written.box),
    }
    if written.cells:
        touched = [row for row in rows if any(value is not None for value in row)]
        answer["updatedRows"] = len(touched)
        answer["updatedColumns"] = len(_columns(rows))
        answer["updatedCells"] = written.cells
    if query.get("includeValuesInResponse"):
        how = Rendering.of(query, "response")
        reader = Reader(draft.look(), how)
        answer["updatedData"] = reader.value_range(written.sheet, written.asked)
    return answer


def _columns(rows: list[list[Any]]) -> set[int]:
    return {place for row in rows for place, value in enumerate(row) if value is not None}


def batch_update(draft: Draft, body: dict[str, Any]) -> dict[str, Any]:
    """Write several ranges and return the BatchUpdateValuesResponse."""
    option = input_option(body)
    responses = []
    rows: set[tuple[int, int]] = set()
    columns: set[tuple[int, int]] = set()
    for number, data in enumerate(body.get("data", [])):
        with named(f"data[{number}]"):
            text = data.get("range", "")
            written = write_range(draft, text, data, option)
            values = by_rows(data)
            responses.append(_updated(draft, written, body, values))
            rows |= _touched_rows(written, values)
            columns |= {(written.sheet.id, written.box.left + c) for c in _columns(values)}
    return totals(draft.book.id, responses, len(rows), len(columns))


def _touched_rows(written: Written, values: list[list[Any]]) -> set[tuple[int, int]]:
    return {
        (written.sheet.id, written.box.top + offset)
        for offset, row in enumerate(values)
        if any(value is not None for value in row)
    }


def totals(
    book_id: str, responses: list[dict[str, Any]], rows: int, columns: int
) -> dict[str, Any]:
    """Return the answer of a batch of writes with its totals; totals of nothing are left out."""
    cells = sum(response.get("updatedCells", 0) for response in responses)
    titles = {response["updatedRange"].rpartition("!")[0] for response in responses}
    sums = {
        "totalUpdatedRows": rows,
        "totalUpdatedColumns": columns,
        "totalUpdatedCells": cells,
        "totalUpdatedSheets": len(titles),
    }
    answer: dict[str, Any] = {"spreadsheetId": book_id}
    answer.update({name: count for name, count in sums.items() if count})
    if responses:
        answer["responses"] = responses
    return answer


def append(draft: Draft, text: str, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Write after the table that a range points at and return the AppendValuesResponse."""
    option = input_option(query)
    sheet, area = draft.book.find(text)
    rows = by_rows(body)
    table = find_table(sheet, draft.book.inside(sheet, area))
    top, left = ((table.bottom or 0), table.left) if table else (area.top, area.left)
    width = max((len(row) for row in rows), default=0)
    box = Box(top, left, top + len(rows), left + width)
    _make_room(draft, sheet, box, inserting=query.get("insertDataOption") == "INSERT_ROWS")
    answer: dict[str, Any] = {"spreadsheetId": draft.book.id}
    if table:
        answer["tableRange"] = label(sheet.title, table)
    if any(rows):
        draft.check(sheet, box)
        count = write_rows(draft, sheet, box, rows, raw=option == "RAW")
        answer["updates"] = _updated(draft, Written(sheet, box, count, box), query, rows)
    else:
        empty = Box(top, left, top + 1, left + 1)
        answer["updates"] = _updated(draft, Written(sheet, empty, 0, empty), query, rows)
    return answer


def _make_room(draft: Draft, sheet: Sheet, box: Box, *, inserting: bool) -> None:
    if inserting and box.height:
        like = box.top - 1 if box.top else None
        insert_rows(draft.book, sheet, box.top, box.height, like=like)
    rows = max(sheet.row_count, box.bottom or 0)
    columns = max(sheet.column_count, box.right or 0)
    if (rows, columns) != (sheet.row_count, sheet.column_count):
        sheet.resize(rows, columns)
        draft.book.check_size()


def clear(draft: Draft, text: str) -> str:
    """Empty a range and return it as Google names it."""
    sheet, area = draft.book.find(text)
    box = draft.book.inside(sheet, area)
    draft.check(sheet, box)
    clear_box(sheet, box)
    return label(sheet.title, box)


def batch_clear(draft: Draft, ranges: list[str]) -> dict[str, Any]:
    """Empty several ranges and return the BatchClearValuesResponse."""
    cleared = []
    for number, text in enumerate(ranges):
        with named(f"range[{number}]"):
            cleared.append(clear(draft, text))
    answer: dict[str, Any] = {"spreadsheetId": draft.book.id}
    if cleared:
        answer["clearedRanges"] = cleared
    return answer


def batch_get(looking: Calculator, ranges: list[str], how: Rendering) -> dict[str, Any]:
    """Return the BatchGetValuesResponse of several ranges."""
    answer: dict[str, Any] = {"spreadsheetId": looking.book.id}
    found = [get(looking, text, how) for text in ranges]
    if found:
        answer["valueRanges"] = found
    return answer


Areas = Callable[[dict[str, Any]], list[tuple[Sheet, Box]]]


def get_by_filters(
    looking: Calculator, filters: list[dict[str, Any]], areas: Areas, how: Rendering
) -> dict[str, Any]:
    """Return the BatchGetValuesByDataFilterResponse; each area once, with all its filters."""
    reader = Reader(looking, how)
    found: dict[str, dict[str, Any]] = {}
    for one in filters:
        for sheet, area in areas(one):
            box = looking.book.inside(sheet, area)
            name = label(sheet.title, box)
            if name not in found:
                value_range = reader.value_range(sheet, box)
                found[name] = {"valueRange": value_range, "dataFilters": []}
            found[name]["dataFilters"].append(_echo(one))
    answer: dict[str, Any] = {"spreadsheetId": looking.book.id}
    if found:
        answer["valueRanges"] = list(found.values())
    return answer


def _echo(one: dict[str, Any]) -> dict[str, Any]:
    """Return a data filter as answers repeat it: a grid range without its zeros."""
    if "gridRange" not in one:
        return one
    return {"gridRange": {name: index for name, index in one["gridRange"].items() if index}}


def update_by_filters(draft: Draft, body: dict[str, Any], areas: Areas) -> dict[str, Any]:
    """Write to the areas of data filters; return BatchUpdateValuesByDataFilterResponse."""
    option = input_option(body)
    responses = []
    for number, data in enumerate(body.get("data", [])):
        with named(f"data[{number}]"):
            for sheet, area in areas(data.get("dataFilter", {})):
                written = write_range(draft, label(sheet.title, area), data, option)
                response = _updated(draft, written, body, by_rows(data))
                del response["spreadsheetId"]
                responses.append({**response, "dataFilter": _echo(data.get("dataFilter", {}))})
    rows = sum(response.get("updatedRows", 0) for response in responses)
    columns = max((response.get("updatedColumns", 0) for response in responses), default=0)
    return totals(draft.book.id, responses, rows, columns)


def clear_by_filters(draft: Draft, filters: list[dict[str, Any]], areas: Areas) -> dict[str, Any]:
    """Empty the areas of data filters; return BatchClearValuesByDataFilterResponse."""
    names = [label(sheet.title, area) for one in filters for sheet, area in areas(one)]
    return batch_clear(draft, names)
