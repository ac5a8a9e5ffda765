"""Requests about tables."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.areas import area, full_range
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.headers import columns_of_new, columns_of_update
from onebox.google.sheets.masks import assign, wants
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.on_filters import found
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet


def add_table(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Make a range a table and answer with it."""
    given = asked.get("table", {})
    sheet, box = area(draft, given.get("range", {}))
    draft.check(sheet, box)
    number = given.get("tableId") or str(new_id())
    name = given.get("name") or _free_name(draft)
    _check(draft, sheet, {"tableId": number, "name": name, "range": box.range(sheet.id)})
    item = {"tableId": number, "name": name, "range": box.range(sheet.id)}
    item |= {key: value for key, value in given.items() if key not in item}
    item["columnProperties"] = columns_of_new(draft, sheet, item)
    sheet.items("tables").append(item)
    return {"table": item}


def _free_name(draft: Draft) -> str:
    taken = {one["name"] for sheet in draft.book.sheets for one in sheet.items("tables")}
    number = 1
    while f"Table{number}" in taken:
        number += 1
    return f"Table{number}"


def _check(draft: Draft, sheet: Sheet, item: dict[str, Any]) -> None:
    """Refuse a name that another table has, and a range over another table's."""
    for one in draft.book.sheets:
        for table in one.items("tables"):
            if table["tableId"] == item["tableId"]:
                continue
            if table["name"].casefold() == item["name"].casefold():
                raise invalid(f"A table with the name '{item['name']}' already exists.")
            if one is sheet and box_of(table["range"]).meets(box_of(item["range"])):
                raise invalid("Tables cannot overlap other tables.")


def update_table(draft: Draft, asked: dict[str, Any]) -> None:
    """Change a table by mask; columns are replaced as a whole."""
    mask = change_mask(asked.get("fields", ""), "Table")
    given = asked.get("table", {})
    item, sheet = found(draft, "tables", "tableId", given.get("tableId", ""))
    draft.check(sheet, box_of(item["range"]))
    after = {**assign(item, given, mask), "tableId": item["tableId"]}
    after["name"] = after.get("name") or item["name"]
    after["range"] = full_range(sheet, after.get("range") or item["range"])
    _check(draft, sheet, after)
    if wants(mask, "columnProperties"):
        after["columnProperties"] = columns_of_update(draft, sheet, after)
    item.clear()
    item.update(after)


def delete_table(draft: Draft, asked: dict[str, Any]) -> None:
    """Make a table a plain range again, without values and conditional formats, as Sheets does."""
    item, sheet = found(draft, "tables", "tableId", asked.get("tableId", ""))
    box = box_of(item["range"])
    draft.check(sheet, box)
    for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
        sheet.put_row(row, box.left, [None] * box.width)
    rules = sheet.items("conditionalFormats")
    rules[:] = [rule for rule in rules if not _over(rule, box)]
    sheet.items("tables").remove(item)


def _over(rule: dict[str, Any], box: Box) -> bool:
    return any(box.meets(box_of(one)) for one in rule.get("ranges", []))


REQUESTS: dict[str, Handler] = {
    "addTable": add_table,
    "deleteTable": delete_table,
    "updateTable": update_table,
}
