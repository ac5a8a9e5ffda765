"""What rides along when a block of cells is copied: merges and conditional formats."""

import copy
from collections.abc import Iterator
from typing import Any, TypeAlias

from onebox.google.sheets.a1 import Box, box_of
from onebox.google.sheets.sheet import Sheet

Area: TypeAlias = tuple[Sheet, Box]


def copy_merges(source: Area, target: Area) -> None:
    """Repeat the merges inside a block over everything it was pasted onto.

    Args:
        source: sheet and block that was copied.
        target: sheet and box that was written, whole repeats of the block.
    """
    sheet, box = target
    fresh = [
        moved_box(box_of(one), source[1], place).range(sheet.id)
        for one in source[0].items("merges")
        if source[1].covers(box_of(one))
        for place in _repeats(source[1], box)
    ]
    kept = [one for one in sheet.items("merges") if not box_of(one).meets(box)]
    sheet.meta["merges"] = kept + fresh


def _repeats(block: Box, box: Box) -> Iterator[tuple[int, int]]:
    for top in range(box.top, box.bottom or 0, block.height or 1):
        for left in range(box.left, box.right or 0, block.width or 1):
            yield top, left


def moved_box(box: Box, block: Box, place: tuple[int, int]) -> Box:
    """Return where a box inside a block is when the block's corner is at another place."""
    rows, columns = place[0] - block.top, place[1] - block.left
    return Box(
        box.top + rows, box.left + columns, (box.bottom or 0) + rows, (box.right or 0) + columns
    )


def copy_rules(source: Area, target: Area) -> None:
    """Let the conditional formats that lie over a whole copied block lie over its copy too."""
    here, block = source
    there, box = target
    for rule in list(here.items("conditionalFormats")):
        if any(box_of(one).covers(block) for one in rule.get("ranges", [])):
            _extend(rule, here, there, box)


def _extend(rule: dict[str, Any], here: Sheet, there: Sheet, box: Box) -> None:
    if here is not there:
        twin = copy.deepcopy(rule)
        twin["ranges"] = [box.range(there.id)]
        there.items("conditionalFormats").append(twin)
    elif not any(box_of(one).covers(box) for one in rule["ranges"]):
        rule["ranges"] = [*rule["ranges"], box.range(there.id)]
