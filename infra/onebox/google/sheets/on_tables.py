"""Requests about tables, banding and conditional formats."""

import copy
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import box_of
from onebox.google.sheets.areas import area, full_range
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.masks import assign, with_twins
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.on_filters import found
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet


def add_table(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Make a range a table and answer with it; unnamed columns are named by the header row."""
    given = asked.get("table", {})
    sheet, box = area(draft, given.get("range", {}))
    number = given.get("tableId") or str(new_id())
    name = given.get("name") or f"Table{1 + sum(len(s.items('tables')) for s in draft.book.sheets)}"
    _check_table(draft, sheet, given, name)
    item = {"tableId": number, "name": name, "range": box.range(sheet.id)}
    item |= {key: value for key, value in given.items() if key not in item}
    item["columnProperties"] = _columns(draft, sheet, item)
    sheet.items("tables").append(item)
    return {"table": item}


def _check_table(draft: Draft, sheet: Sheet, given: dict[str, Any], name: str) -> None:
    box = box_of(given.get("range", {}))
    for one in draft.book.sheets:
        for table in one.items("tables"):
            if table["name"].casefold() == name.casefold():
                raise invalid(f"A table with the name '{name}' already exists.")
            if one is sheet and box_of(table["range"]).meets(box):
                raise invalid("Tables cannot overlap other tables.")


def _columns(draft: Draft, sheet: Sheet, item: dict[str, Any]) -> list[dict[str, Any]]:
    box = box_of(item["range"])
    given = {one.get("columnIndex", 0): one for one in item.get("columnProperties", [])}
    look = draft.look()
    columns = []
    for index in range(box.width):
        header = look.at(sheet, box.top, box.left + index)
        name = str(header) if isinstance(header, str | int | float) else f"Column {index + 1}"
        columns.append({"columnIndex": index, "columnName": name, **given.get(index, {})})
        if not index:
            del columns[-1]["columnIndex"]
    return columns


def update_table(draft: Draft, asked: dict[str, Any]) -> None:
    """Change a table by mask."""
    mask = change_mask(asked.get("fields", ""), "Table")
    given = asked.get("table", {})
    item, sheet = found(draft, "tables", "tableId", given.get("tableId", ""))
    after = {**assign(item, given, mask), "tableId": item["tableId"]}
    after["range"] = full_range(sheet, after.get("range", {}))
    item.clear()
    item.update(after)


def delete_table(draft: Draft, asked: dict[str, Any]) -> None:
    """Make a table a plain range again, and empty it, as Sheets does."""
    item, sheet = found(draft, "tables", "tableId", asked.get("tableId", ""))
    box = box_of(item["range"])
    draft.check(sheet, box)
    for row in range(box.top, min(box.bottom or 0, len(sheet.rows))):
        sheet.put_row(row, box.left, [None] * box.width)
    sheet.items("tables").remove(item)


def add_banding(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Colour a range in bands and answer with it."""
    given = asked.get("bandedRange", {})
    sheet, box = area(draft, given.get("range", {}))
    for one in sheet.items("bandedRanges"):
        if box_of(one["range"]).meets(box):
            raise invalid(
                "You cannot add alternating background colors to a range that already has"
                " alternating background colors."
            )
    item = {"bandedRangeId": given.get("bandedRangeId") or new_id(), "range": box.range(sheet.id)}
    item |= {key: value for key, value in given.items() if key not in item}
    sheet.items("bandedRanges").append(item)
    return {"bandedRange": item}


def update_banding(draft: Draft, asked: dict[str, Any]) -> None:
    """Change banding by mask."""
    mask = change_mask(asked.get("fields", ""), "BandedRange")
    given = asked.get("bandedRange", {})
    item, sheet = found(draft, "bandedRanges", "bandedRangeId", given.get("bandedRangeId", 0))
    after = {**assign(item, given, with_twins(mask)), "bandedRangeId": item["bandedRangeId"]}
    after["range"] = full_range(sheet, after.get("range", {}))
    item.clear()
    item.update(after)


def delete_banding(draft: Draft, asked: dict[str, Any]) -> None:
    """Take banding off."""
    item, sheet = found(draft, "bandedRanges", "bandedRangeId", asked.get("bandedRangeId", 0))
    sheet.items("bandedRanges").remove(item)


def add_conditional_format_rule(draft: Draft, asked: dict[str, Any]) -> None:
    """Put a rule among the sheet's rules; those after it move on by one."""
    rule = asked.get("rule", {})
    sheet = _rule_sheet(draft, rule)
    rules = sheet.items("conditionalFormats")
    index = asked.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"index[{index}] is out of bounds: the sheet has {len(rules)} rules.")
    rules.insert(index, rule)


def _rule_sheet(draft: Draft, rule: dict[str, Any]) -> Sheet:
    ranges = rule.get("ranges", [])
    if not ranges:
        raise invalid("A conditional format rule must have at least one range.")
    sheets = {id(area(draft, one)[0]): area(draft, one)[0] for one in ranges}
    if len(sheets) > 1:
        raise invalid("All ranges of a conditional format rule must be on the same sheet.")
    return next(iter(sheets.values()))


def update_conditional_format_rule(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Replace or move a rule and answer with the old and the new."""
    sheet_id = asked.get("sheetId", 0)
    if "rule" in asked:
        sheet_id = _rule_sheet(draft, asked["rule"]).id
    rules, index = _rule_place(draft, {**asked, "sheetId": sheet_id})
    old = copy.deepcopy(rules[index])
    if "rule" in asked:
        rules[index] = asked["rule"]
        answer: dict[str, Any] = {"newRule": asked["rule"], "newIndex": index, "oldRule": old}
        return answer
    new_index = asked.get("newIndex", 0)
    rules.insert(min(new_index, len(rules)), rules.pop(index))
    return {"newRule": old, "newIndex": new_index, "oldRule": old, "oldIndex": index}


def delete_conditional_format_rule(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Take a rule out and answer with it."""
    rules, index = _rule_place(draft, asked)
    return {"rule": rules.pop(index)}


def _rule_place(draft: Draft, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    rules = draft.book.sheet(asked.get("sheetId", 0)).items("conditionalFormats")
    index = asked.get("index", 0)
    if not 0 <= index < len(rules):
        raise invalid(
            f"No conditional format on sheet: {asked.get('sheetId', 0)} at index: {index}"
        )
    return rules, index


REQUESTS: dict[str, Handler] = {
    "addBanding": add_banding,
    "addConditionalFormatRule": add_conditional_format_rule,
    "addTable": add_table,
    "deleteBanding": delete_banding,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "deleteTable": delete_table,
    "updateBanding": update_banding,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "updateTable": update_table,
}
