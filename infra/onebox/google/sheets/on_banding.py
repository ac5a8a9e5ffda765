"""Requests about alternating colours."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import box_of
from onebox.google.sheets.areas import full_range, writable
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.masks import assign, with_twins
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.on_filters import found
from onebox.google.sheets.schema import change_mask


def add_banding(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Colour a range in bands and answer with it."""
    given = asked.get("bandedRange", {})
    sheet, box = writable(draft, given.get("range", {}))
    _check_bands(given)
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


def _check_bands(given: dict[str, Any]) -> None:
    if "rowProperties" not in given and "columnProperties" not in given:
        raise invalid("At least one of rowProperties or columnProperties must be specified.")


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


REQUESTS: dict[str, Handler] = {
    "addBanding": add_banding,
    "deleteBanding": delete_banding,
    "updateBanding": update_banding,
}
