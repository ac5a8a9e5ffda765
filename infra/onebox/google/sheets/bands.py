"""Tables told among the banded ranges, as spreadsheets.get tells them unless asked not to."""

from typing import Any

from onebox.google.sheets.schema import resolve

# The colours that Sheets gives a table which names none.
_DEFAULTS = {
    "headerColorStyle": {"red": 0.20784314, "green": 0.40784314, "blue": 0.32941177},
    "firstBandColorStyle": {"red": 1, "green": 1, "blue": 1},
    "secondBandColorStyle": {"red": 0.9647059, "green": 0.972549, "blue": 0.9764706},
}


def table_band(table: dict[str, Any]) -> dict[str, Any]:
    """Return the BandedRange of a table; its id stands in `bandedRangeReference`."""
    styles = {name: {"rgbColor": color} for name, color in _DEFAULTS.items()}
    styles |= table.get("rowsProperties", {})
    rows: dict[str, Any] = {}
    for name, style in styles.items():
        rows[name.removesuffix("Style")] = resolve(style)
        rows[name] = style
    return {
        "bandedRangeReference": table["tableId"],
        "range": table["range"],
        "rowProperties": rows,
    }
