"""Requests about named and protected ranges."""

import re
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import WHOLE, box_of
from onebox.google.sheets.areas import area
from onebox.google.sheets.draft import Draft, Handler, same_person
from onebox.google.sheets.masks import assign
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet

_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*")
_NAME = re.compile(r"[^\W\d][\w.]{0,249}")


def _check_name(draft: Draft, name: str, but: str = "") -> None:
    like_a_cell = _LIKE_A_CELL.fullmatch(name) or name.casefold() in {"true", "false"}
    if like_a_cell or not _NAME.fullmatch(name):
        raise invalid("The name given to this range is invalid")
    for item in draft.book.named_ranges:
        if item["name"].casefold() == name.casefold() and item["namedRangeId"] != but:
            raise invalid(
                f"Cannot add named range with name {name},"
                " a named range with that name already exists."
            )


def add_named_range(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Name a range and answer with it."""
    given = asked.get("namedRange", {})
    _check_name(draft, given.get("name", ""))
    number = given.get("namedRangeId") or str(new_id())
    if any(item["namedRangeId"] == number for item in draft.book.named_ranges):
        raise invalid(f"A named range with id {number} already exists.")
    area(draft, given.get("range", {}))
    item = {"namedRangeId": number, "name": given["name"], "range": given.get("range", {})}
    draft.book.named_ranges.append(item)
    return {"namedRange": item}


def update_named_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Rename or move a named range."""
    mask = change_mask(asked.get("fields", ""), "NamedRange")
    given = asked.get("namedRange", {})
    item = _named(draft, given.get("namedRangeId", ""))
    after = {**assign(item, given, mask), "namedRangeId": item["namedRangeId"]}
    _check_name(draft, after.get("name", ""), item["namedRangeId"])
    area(draft, after.get("range", {}))
    item.clear()
    item.update(after)


def delete_named_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Forget a named range."""
    draft.book.named_ranges.remove(_named(draft, asked.get("namedRangeId", "")))


def _named(draft: Draft, number: str) -> dict[str, Any]:
    for item in draft.book.named_ranges:
        if item["namedRangeId"] == number:
            return item
    raise invalid(f"No named range with id: {number}")


def add_protected_range(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Protect a range and answer with it; without editors, all who may edit the file stay.

    The reply names the editors that were asked for, none for a warning: who asks and the owner
    are added afterwards.
    """
    given = asked.get("protectedRange", {})
    sheet = _home(draft, given)
    number = given.get("protectedRangeId") or new_id()
    if any(item["protectedRangeId"] == number for item in sheet.items("protectedRanges")):
        raise invalid(f"A protected range with id {number} already exists.")
    _check_protection(sheet, given)
    item = {"protectedRangeId": number, **given, "editors": _with_user(draft, _editors(given))}
    item.pop("requestingUserCanEdit", None)
    sheet.items("protectedRanges").append(item)
    told = {name: value for name, value in item.items() if name != "editors"}
    asked_for = {} if given.get("warningOnly") else given.get("editors", item["editors"])
    return {"protectedRange": {**told, "requestingUserCanEdit": True, "editors": asked_for}}


def _editors(item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the Editors named, or None where all of the file stay: a warning names nobody."""
    return None if item.get("warningOnly") else item.get("editors")


def _check_protection(sheet: Sheet, given: dict[str, Any]) -> None:
    editors = given.get("editors", {})
    if given.get("warningOnly") and any(editors.values()):
        raise invalid("ProtectedRange is warningOnly. Editors cannot be set on it.")
    if _is_whole(given) and any(_is_whole(one) for one in sheet.items("protectedRanges")):
        raise invalid(f'Sheet "{sheet.title}" already has sheet protection')


def _is_whole(item: dict[str, Any]) -> bool:
    """Tell whether a protection is of a sheet as a whole."""
    return "range" in item and box_of(item["range"]) == WHOLE


def _home(draft: Draft, given: dict[str, Any]) -> Sheet:
    if given.get("namedRangeId"):
        place = _named(draft, given["namedRangeId"]).get("range", {})
        return draft.book.sheet(place.get("sheetId", 0))
    for sheet in draft.book.sheets if given.get("tableId") else ():
        if any(table["tableId"] == given["tableId"] for table in sheet.items("tables")):
            return sheet
    sheet, _ = area(draft, given.get("range", {}))
    return sheet


def _with_user(draft: Draft, editors: dict[str, Any] | None) -> dict[str, Any]:
    """Return Editors with who asks and the owner, who always may."""
    given = {"users": list(draft.editors)} if editors is None else editors
    users = list(given.get("users", []))
    for one in (draft.user, str(draft.book.meta.get("owner", ""))):
        if one and not any(same_person(one, user) for user in users):
            users.append(one)
    return {**given, "users": users}


def update_protected_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Change where a protection is, who may edit, or what it says."""
    mask = change_mask(asked.get("fields", ""), "ProtectedRange")
    given = asked.get("protectedRange", {})
    item, sheet = _protection(draft, given.get("protectedRangeId", 0))
    draft.check_protection(item)
    after = {**assign(item, given, mask), "protectedRangeId": item["protectedRangeId"]}
    after.pop("requestingUserCanEdit", None)
    after["editors"] = _with_user(draft, _editors(after))
    home = _home(draft, after)
    sheet.items("protectedRanges").remove(item)
    home.items("protectedRanges").append(after)


def delete_protected_range(draft: Draft, asked: dict[str, Any]) -> None:
    """Take a protection off."""
    item, sheet = _protection(draft, asked.get("protectedRangeId", 0))
    draft.check_protection(item)
    sheet.items("protectedRanges").remove(item)


def _protection(draft: Draft, number: int) -> tuple[dict[str, Any], Sheet]:
    for sheet in draft.book.sheets:
        for item in sheet.items("protectedRanges"):
            if item["protectedRangeId"] == number:
                return item, sheet
    raise invalid(f"No protected range with id: {number}")


REQUESTS: dict[str, Handler] = {
    "addNamedRange": add_named_range,
    "addProtectedRange": add_protected_range,
    "deleteNamedRange": delete_named_range,
    "deleteProtectedRange": delete_protected_range,
    "updateNamedRange": update_named_range,
    "updateProtectedRange": update_protected_range,
}
