"""Requests about filters and filter views."""

import copy
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.areas import full_range
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filtering import both_spellings
from onebox.google.sheets.masks import assign
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.schema import change_mask, snake
from onebox.google.sheets.sheet import Sheet


def set_basic_filter(draft: Draft, asked: dict[str, Any]) -> None:
    """Put the sheet's one filter onto a range."""
    given = both_spellings(asked.get("filter", {}))
    sheet, place = _place(draft, given)
    draft.check_sheet(sheet)
    sheet.meta["basicFilter"] = {"range": full_range(sheet, place)} | {
        name: item for name, item in given.items() if name != "range"
    }


def clear_basic_filter(draft: Draft, asked: dict[str, Any]) -> None:
    """Take the sheet's filter off."""
    sheet = draft.book.sheet(asked.get("sheetId", 0))
    draft.check_sheet(sheet)
    sheet.meta.pop("basicFilter", None)


def add_filter_view(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Keep a filter view and answer with it."""
    given = both_spellings(asked.get("filter", {}))
    sheet, place = _place(draft, given)
    number = given.get("filterViewId") or new_id()
    _check_free(sheet, number)
    title = given.get("title") or f"Filter {len(sheet.items('filterViews')) + 1}"
    item = {"filterViewId": number, "title": title, "range": full_range(sheet, place)}
    item |= {name: value for name, value in given.items() if name not in item}
    sheet.items("filterViews").append(item)
    return {"filter": item}


def _place(draft: Draft, given: dict[str, Any]) -> tuple[Sheet, dict[str, Any]]:
    """Return the sheet and the GridRange of a filter, given as such, by name or by table."""
    if "tableId" in given:
        table, sheet = found(draft, "tables", "tableId", given["tableId"])
        return sheet, table["range"]
    place = given.get("range", {})
    for item in draft.book.named_ranges:
        if item["namedRangeId"] == given.get("namedRangeId"):
            place = item["range"]
    return draft.book.sheet(place.get("sheetId", 0)), place


def _check_free(sheet: Sheet, number: int) -> None:
    if any(item["filterViewId"] == number for item in sheet.items("filterViews")):
        raise invalid(f"A filter view with id {number} already exists.")


def _view(draft: Draft, number: int) -> tuple[dict[str, Any], Sheet]:
    return found(draft, "filterViews", "filterViewId", number)


def found(draft: Draft, name: str, key: str, number: Any) -> tuple[dict[str, Any], Sheet]:
    """Return the thing of an id and its sheet.

    Args:
        draft: change in the making.
        name: list of the sheet that holds such things.
        key: name of the id.
        number: the id.
    """
    for sheet in draft.book.sheets:
        for item in sheet.items(name):
            if item.get(key) == number:
                return item, sheet
    word = snake(key.removesuffix("Id")).replace("_", " ")
    raise invalid(f"No {word} with id: {number}")


def update_filter_view(draft: Draft, asked: dict[str, Any]) -> None:
    """Change a filter view by mask."""
    mask = change_mask(asked.get("fields", ""), "FilterView")
    given = asked.get("filter", {})
    item, sheet = _view(draft, given.get("filterViewId", 0))
    twins = {"criteria", "filterSpecs"}
    gone = twins if twins & set(mask) else set()
    before = {name: one for name, one in item.items() if name not in gone}
    after = both_spellings({**assign(before, given, mask), "filterViewId": item["filterViewId"]})
    after["range"] = full_range(sheet, after.get("range", {}))
    item.clear()
    item.update(after)


def delete_filter_view(draft: Draft, asked: dict[str, Any]) -> None:
    """Forget a filter view."""
    item, sheet = _view(draft, asked.get("filterId", 0))
    sheet.items("filterViews").remove(item)


def duplicate_filter_view(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Copy a filter view and answer with the copy."""
    item, sheet = _view(draft, asked.get("filterId", 0))
    twin = copy.deepcopy(item)
    twin |= {"filterViewId": new_id(), "title": f"Copy of {item['title']}"}
    sheet.items("filterViews").append(twin)
    return {"filter": twin}


REQUESTS: dict[str, Handler] = {
    "addFilterView": add_filter_view,
    "clearBasicFilter": clear_basic_filter,
    "deleteFilterView": delete_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "setBasicFilter": set_basic_filter,
    "updateFilterView": update_filter_view,
}
