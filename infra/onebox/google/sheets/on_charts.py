"""Requests about charts and slicers: objects that float over a sheet or have one of their own."""

from typing import Any

from onebox.google.errors import canonical, invalid
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.filling import chart_sheet
from onebox.google.sheets.masks import assign, with_twins
from onebox.google.sheets.metadata import new_id
from onebox.google.sheets.on_filters import found
from onebox.google.sheets.schema import change_mask
from onebox.google.sheets.sheet import Sheet

_WIDTH, _HEIGHT = 600, 371
# Lists of objects with the names of their ids; one number names only one object of a spreadsheet.
_OBJECTS = (("charts", "chartId"), ("slicers", "slicerId"))
_KINDS = (
    "basicChart",
    "bubbleChart",
    "candlestickChart",
    "histogramChart",
    "orgChart",
    "pieChart",
    "scorecardChart",
    "treemapChart",
    "waterfallChart",
)
# Google's own spelling of "candlestick".
_NO_KIND = (
    "One of basicChart, pieChart, bubbleChart, candelstickChart, histogramChart, or orgChart"
    " must be set on chartSpec."
)
_NO_POSITION = (
    "One of EmbeddedObjectPosition.overlayPosition or EmbeddedObjectPosition.sheetId must be set"
)


def add_chart(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Put a chart over a sheet, or onto a new one, and answer with it."""
    given = asked.get("chart", {})
    if "spec" not in given:
        raise invalid("no chart spec")
    _check_spec(given["spec"])
    number = _free_id(draft, given.get("chartId"), "chart")
    sheet, position = _position(draft, given.get("position", {}))
    item = {"chartId": number, "spec": given["spec"], "position": position}
    if "border" in given:
        item["border"] = given["border"]
    sheet.items("charts").append(item)
    return {"chart": item}


def _check_spec(spec: dict[str, Any]) -> None:
    if not any(kind in spec for kind in _KINDS):
        raise invalid(_NO_KIND)
    basic = spec.get("basicChart")
    if basic is not None and not basic.get("domains") and not basic.get("series"):
        raise canonical("INTERNAL", "Internal error encountered.")


def _free_id(draft: Draft, asked: int | None, word: str) -> int:
    taken = {
        item[key]
        for sheet in draft.book.sheets
        for name, key in _OBJECTS
        for item in sheet.items(name)
    }
    if asked in taken:
        raise invalid(f"A {word} with id {asked} already exists.")
    return asked or new_id()


def _position(draft: Draft, asked: dict[str, Any]) -> tuple[Sheet, dict[str, Any]]:
    if asked.get("newSheet") or "sheetId" in asked:
        sheet = chart_sheet(draft.book, asked.get("sheetId"))
        return sheet, {"sheetId": sheet.id}
    overlay = asked.get("overlayPosition")
    if overlay is None:
        raise invalid(_NO_POSITION)
    anchor = overlay.get("anchorCell", {})
    size = {"widthPixels": _WIDTH, "heightPixels": _HEIGHT}
    full = {**overlay, "anchorCell": anchor}
    full |= {name: pixels for name, pixels in size.items() if name not in overlay}
    return draft.book.sheet(anchor.get("sheetId", 0)), {"overlayPosition": full}


def update_chart_spec(draft: Draft, asked: dict[str, Any]) -> None:
    """Replace the spec of a chart."""
    item, _ = found(draft, "charts", "chartId", asked.get("chartId", 0))
    _check_spec(asked.get("spec", {}))
    item["spec"] = asked["spec"]


def _object(draft: Draft, number: int) -> tuple[dict[str, Any], Sheet, str]:
    """Return a chart or a slicer, its sheet and the name of the list it is in."""
    for sheet in draft.book.sheets:
        for name, key in _OBJECTS:
            for item in sheet.items(name):
                if item[key] == number:
                    return item, sheet, name
    raise invalid(f"No embedded object with id: {number}")


def update_position(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Move or resize an object and answer with where it is now."""
    fresh = asked.get("newPosition", {})
    own_sheet = fresh.get("newSheet") or "sheetId" in fresh
    mask = {} if own_sheet else change_mask(asked.get("fields", ""), "OverlayPosition")
    item, sheet, name = _object(draft, asked.get("objectId", 0))
    if own_sheet and name == "slicers":
        raise invalid("A slicer can be positioned only on an existing sheet.")
    if not own_sheet:
        old = item["position"].get("overlayPosition", {})
        fresh = {"overlayPosition": assign(old, fresh.get("overlayPosition", {}), mask)}
    target, position = _position(draft, fresh)
    _take_off(draft, sheet, name, item)
    item["position"] = position
    target.items(name).append(item)
    return {"position": position}


def _take_off(draft: Draft, sheet: Sheet, name: str, item: dict[str, Any]) -> None:
    """Take an object off its sheet; a sheet that was there for it alone goes too."""
    sheet.items(name).remove(item)
    if not sheet.has_grid:
        draft.book.sheets.remove(sheet)
        draft.book.number_sheets()


def update_border(draft: Draft, asked: dict[str, Any]) -> None:
    """Change the border of a chart."""
    mask = change_mask(asked.get("fields", ""), "EmbeddedObjectBorder")
    item, _, _ = _object(draft, asked.get("objectId", 0))
    before = item.get("border", {})
    item["border"] = assign(before, asked.get("border", {}), with_twins(mask))


def delete_embedded_object(draft: Draft, asked: dict[str, Any]) -> None:
    """Remove a chart or a slicer."""
    item, sheet, name = _object(draft, asked.get("objectId", 0))
    _take_off(draft, sheet, name, item)


def add_slicer(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Put a slicer onto a sheet and answer with it."""
    given = asked.get("slicer", {})
    if "dataRange" not in given.get("spec", {}):
        raise invalid("no data range")
    number = _free_id(draft, given.get("slicerId"), "slicer")
    place = given.get("position", {})
    if "overlayPosition" not in place:
        raise invalid(_NO_POSITION)
    sheet, position = _position(draft, place)
    item = {"slicerId": number, "spec": given["spec"], "position": position}
    sheet.items("slicers").append(item)
    return {"slicer": item}


def update_slicer_spec(draft: Draft, asked: dict[str, Any]) -> None:
    """Change a slicer by mask."""
    mask = change_mask(asked.get("fields", ""), "SlicerSpec")
    item, _ = found(draft, "slicers", "slicerId", asked.get("slicerId", 0))
    item["spec"] = assign(item.get("spec", {}), asked.get("spec", {}), with_twins(mask))


REQUESTS: dict[str, Handler] = {
    "addChart": add_chart,
    "addSlicer": add_slicer,
    "deleteEmbeddedObject": delete_embedded_object,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectBorder": update_border,
    "updateEmbeddedObjectPosition": update_position,
    "updateSlicerSpec": update_slicer_spec,
}
