"""Requests about groups of rows and columns.

Every row and column has a depth; a group is a longest run of them that are at least so deep. Adding
a group makes its range one deeper, deleting one makes it one less deep. Source: the examples of
AddDimensionGroupRequest and DeleteDimensionGroupRequest in the reference.
"""

import copy
from collections.abc import Iterator
from typing import Any, TypeAlias

from onebox.google.errors import invalid
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.masks import wants
from onebox.google.sheets.on_dimensions import span
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet

Group: TypeAlias = dict[str, Any]

_DEEPEST = 8


def _list(sheet: Sheet, axis: str) -> list[Group]:
    return sheet.items("columnGroups" if axis == "COLUMNS" else "rowGroups")


def _ends(group: Group) -> tuple[int, int]:
    return int(group["range"]["startIndex"]), int(group["range"]["endIndex"])


def add_group(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Group rows or columns and answer with all groups of the axis."""
    sheet, axis, start, end = span(draft, asked.get("range", {}))
    if start == end:
        raise invalid("A group must have at least one row or column.")
    groups = _changed(sheet, axis, (start, end), 1)
    if any(one["depth"] > _DEEPEST for one in groups):
        raise invalid(f"Groups cannot be deeper than {_DEEPEST}.")
    _list(sheet, axis)[:] = groups
    control = "columnGroupControlAfter" if axis == "COLUMNS" else "rowGroupControlAfter"
    sheet.grid[control] = True
    return {"dimensionGroups": copy.deepcopy(groups)}


def delete_group(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Take one level of grouping off a range and answer with the groups that are left."""
    sheet, axis, start, end = span(draft, asked.get("range", {}))
    if not any(_meets(one, (start, end)) for one in _list(sheet, axis)):
        raise invalid("The given range does not have a group.")
    groups = _changed(sheet, axis, (start, end), -1)
    _list(sheet, axis)[:] = groups
    return {"dimensionGroups": copy.deepcopy(groups)} if groups else {}


def _meets(group: Group, ends: tuple[int, int]) -> bool:
    first, last = _ends(group)
    return first < ends[1] and ends[0] < last


def _changed(sheet: Sheet, axis: str, ends: tuple[int, int], step: int) -> list[Group]:
    """Return the groups after the depth of a range changed by a step."""
    old = _list(sheet, axis)
    size = max([ends[1], *(_ends(one)[1] for one in old)])
    depths = [0] * size
    for one in old:
        for index in range(*_ends(one)):
            depths[index] += 1
    for index in range(*ends):
        depths[index] = max(depths[index] + step, 0)
    home = {"sheetId": sheet.id} if sheet.id else {}
    groups = []
    for depth in range(1, max(depths) + 1):
        for first, last in _runs(depths, depth):
            place = {"dimension": axis, "startIndex": first, "endIndex": last}
            group: Group = {"range": home | place, "depth": depth}
            if any(one.get("collapsed") for one in old if _ends(one) == (first, last)):
                group["collapsed"] = True
            groups.append(group)
    return sorted(groups, key=lambda one: (_ends(one)[0], one["depth"]))


def _runs(depths: list[int], least: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the longest runs that are at least so deep."""
    start = None
    for index, depth in enumerate([*depths, 0]):
        if depth >= least and start is None:
            start = index
        elif depth < least and start is not None:
            yield start, index
            start = None


def update_group(draft: Draft, asked: dict[str, Any]) -> None:
    """Collapse a group, which hides all in it, or open it, which shows all in it."""
    mask = change_mask(asked.get("fields", ""), "DimensionGroup")
    fresh = asked.get("dimensionGroup", {})
    sheet, axis, start, end = span(draft, fresh.get("range", {}))
    for one in _list(sheet, axis):
        if _ends(one) == (start, end) and one["depth"] == fresh.get("depth", 1):
            if wants(mask, "collapsed"):
                _collapse(sheet, axis, one, closed=bool(fresh.get("collapsed")))
            return
    raise invalid("The given range and depth do not have a group.")


def _collapse(sheet: Sheet, axis: str, group: Group, *, closed: bool) -> None:
    group.pop("collapsed", None)
    if closed:
        group["collapsed"] = True
    lines = sheet.meta.setdefault(axis, {})
    for index in range(*_ends(group)):
        kept = {
            name: one for name, one in lines.get(str(index), {}).items() if name != "hiddenByUser"
        }
        lines[str(index)] = {**kept, "hiddenByUser": True} if closed else kept


REQUESTS: dict[str, Handler] = {
    "addDimensionGroup": add_group,
    "deleteDimensionGroup": delete_group,
    "updateDimensionGroup": update_group,
}
