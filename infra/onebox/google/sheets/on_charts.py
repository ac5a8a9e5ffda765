"""Requests about charts and other objects that float over a sheet."""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filling import new_sheet
from onebox.google.sheets.masks import assign
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.on_filters import found
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet

_WIDTH, _HEIGHT = 600, 371


def add_chart(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Put a chart over a sheet, or onto a new one, and answer with it."""
    given = asked.get("chart", {})
    if not given.get("spec"):
        raise invalid("chart.spec is required.")
    sheet, position = _position(draft, given.get("position", {}))
    number = given.get("chartId") or new_id()
    if any(item["chartId"] == number for one in draft.book.sheets for item in one.items("charts")):
        raise invalid(f"A chart with id {number} already exists.")
    item = {"chartId": number, "spec": given["spec"], "position": position}
    if "border" in given:
        item["border"] = given["border"]
    sheet.items("charts").append(item)
    return {"chart": item}


def _position(draft: Draft, asked: dict[str, Any]) -> tuple[Sheet, dict[str, Any]]:
    if asked.get("newSheet"):
        sheet = new_sheet(draft, {})
        return sheet, {"sheetId": sheet.id}
    if "sheetId" in asked:
        return draft.book.sheet(asked["sheetId"]), {"sheetId": asked["sheetId"]}
    overlay = asked.get("overlayPosition", {})
    anchor = overlay.get("anchorCell", {})
    size = {"widthPixels": _WIDTH, "heightPixels": _HEIGHT}
    full = {**overlay, "anchorCell": anchor}
    full |= {name: pixels for name, pixels in size.items() if name not in overlay}
    return draft.book.sheet(anchor.get("sheetId", 0)), {"overlayPosition": full}


def update_chart_spec(draft: Draft, asked: dict[str, Any]) -> None:
    """Replace the spec of a chart."""
    item, _ = found(draft, "charts", "chartId", asked.get("chartId", 0))
    if not asked.get("spec"):
        raise invalid("spec is required.")
    item["spec"] = asked["spec"]


def update_position(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Move or resize a chart and answer with where it is now."""
    item, sheet = found(draft, "charts", "chartId", asked.get("objectId", 0))
    fresh = asked.get("newPosition", {})
    if fresh.get("newSheet") or "sheetId" in fresh:
        target, position = _position(draft, fresh)
    else:
        mask = change_mask(asked.get("fields", ""), "OverlayPosition")
        old = item["position"].get("overlayPosition", {})
        after = assign(old, fresh.get("overlayPosition", {}), mask)
        target, position = _position(draft, {"overlayPosition": after})
    sheet.items("charts").remove(item)
    item["position"] = position
    target.items("charts").append(item)
    return {"position": position}


def update_border(draft: Draft, asked: dict[str, Any]) -> None:
    """Change the border of a chart."""
    mask = change_mask(asked.get("fields", ""), "EmbeddedObjectBorder")
    item, _ = found(draft, "charts", "chartId", asked.get("objectId", 0))
    item["border"] = assign(item.get("border", {}), asked.get("border", {}), mask)


def delete_embedded_object(draft: Draft, asked: dict[str, Any]) -> None:
    """Remove a chart or a slicer."""
    number = asked.get("objectId", 0)
    for sheet in draft.book.sheets:
        for name, key in (("charts", "chartId"), ("slicers", "slicerId")):
            for item in sheet.items(name):
                if item[key] == number:
                    sheet.items(name).remove(item)
                    return
    raise invalid(f"No object with id: {number}")


REQUESTS: dict[str, Handler] = {
    "addChart": add_chart,
    "deleteEmbeddedObject": delete_embedded_object,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectBorder": update_border,
    "updateEmbeddedObjectPosition": update_position,
}
