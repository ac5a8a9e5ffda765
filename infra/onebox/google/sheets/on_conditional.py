"""Requests about conditional formats."""

import copy
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.areas import writable
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.rules import check_rule
from onebox.google.sheets.sheet import Sheet


def add_rule(draft: Draft, asked: dict[str, Any]) -> None:
    """Put a rule among the sheet's rules; those after it move on by one."""
    rule = check_rule(asked.get("rule", {}), draft.locale)
    rules = _home(draft, rule).items("conditionalFormats")
    index = asked.get("index", 0)
    _check_index(index, len(rules))
    rules.insert(index, rule)


def _check_index(index: int, last: int) -> None:
    if not 0 <= index <= last:
        raise invalid(f"Invalid conditional format index {index}: it must be from 0 to {last}.")


def _home(draft: Draft, rule: dict[str, Any]) -> Sheet:
    ranges = rule.get("ranges", [])
    if not ranges:
        raise invalid("A conditional format rule must have at least one range.")
    sheets = {id(sheet): sheet for sheet, _ in (writable(draft, one) for one in ranges)}
    if len(sheets) > 1:
        raise invalid("All ranges of a conditional format rule must be on the same sheet.")
    return next(iter(sheets.values()))


def update_rule(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Replace a rule and answer with the old and the new, or move one and say from where to."""
    if "rule" not in asked:
        return _move(draft, asked)
    rule = check_rule(asked["rule"], draft.locale)
    rules, index = _place(draft, _home(draft, rule).id, asked)
    old, rules[index] = rules[index], rule
    return _counted({"newRule": rule, "newIndex": index, "oldRule": old})


def _move(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    rules, index = _place(draft, asked.get("sheetId", 0), asked)
    target = asked.get("newIndex", 0)
    _check_index(target, len(rules) - 1)
    rule = rules.pop(index)
    rules.insert(target, rule)
    return _counted({"newRule": copy.deepcopy(rule), "newIndex": target, "oldIndex": index})


def _counted(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the indexes that are zero, as proto3 JSON has none."""
    return {name: item for name, item in answer.items() if item != 0}


def delete_rule(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Take a rule out and answer with it."""
    rules, index = _place(draft, asked.get("sheetId", 0), asked)
    return {"rule": rules.pop(index)}


def _place(draft: Draft, sheet_id: int, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    rules = draft.book.sheet(sheet_id).items("conditionalFormats")
    index = asked.get("index", 0)
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet_id} at index: {index}")
    return rules, index


REQUESTS: dict[str, Handler] = {
    "addConditionalFormatRule": add_rule,
    "deleteConditionalFormatRule": delete_rule,
    "updateConditionalFormatRule": update_rule,
}
