"""Which of the things on a sheet a request's ranges reach."""

from typing import Any

from onebox.google.sheets.a1 import Box, box_of

_EDGES = {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}


def reached(items: list[dict[str, Any]], boxes: list[Box]) -> list[dict[str, Any]]:
    """Return the things that meet any of the boxes; one without a place of its own is kept.

    Args:
        items: merges, or things with `range` or `ranges`.
        boxes: rectangles of the same sheet.
    """
    return [item for item in items if _meets(item, boxes)]


def _meets(item: dict[str, Any], boxes: list[Box]) -> bool:
    if _EDGES & set(item):
        own = [item]
    else:
        own = item.get("ranges") or ([item["range"]] if "range" in item else [])
    if not own or any("dimension" in one for one in own):
        return True
    return any(box_of(one).meets(box) for one in own for box in boxes)
