"""Whole sheets of a new spreadsheet, made of the Sheet resources of spreadsheets.create."""

from typing import Any

from onebox.google.sheets.batch import apply_one
from onebox.google.sheets.draft import Draft, named
from onebox.google.sheets.filling import fill_sheet

# Lists of the Sheet resource, the request that adds one of their things, and its field.
_ADDED = {
    "merges": ("mergeCells", "range"),
    "tables": ("addTable", "table"),
    "conditionalFormats": ("addConditionalFormatRule", "rule"),
    "filterViews": ("addFilterView", "filter"),
    "protectedRanges": ("addProtectedRange", "protectedRange"),
    "charts": ("addChart", "chart"),
    "bandedRanges": ("addBanding", "bandedRange"),
    "slicers": ("addSlicer", "slicer"),
    "developerMetadata": ("createDeveloperMetadata", "developerMetadata"),
}
_OF_THE_WHOLE = {
    "namedRanges": ("addNamedRange", "namedRange"),
    "developerMetadata": ("createDeveloperMetadata", "developerMetadata"),
}
_GROUPS = ("rowGroups", "columnGroups")


def create_sheets(draft: Draft, asked: dict[str, Any]) -> None:
    """Make the sheets of a Spreadsheet, then what hangs on them, by the same rules as requests do.

    Raises:
        GoogleError: the first thing that cannot be made, named by its place.
    """
    sheets = asked.get("sheets") or [{}]
    for number, sheet in enumerate(sheets):
        fill_sheet(draft, sheet, number)
    for number, sheet in enumerate(sheets):
        _hang(draft, sheet, f"sheets[{number}]")
    for name, (kind, field) in _OF_THE_WHOLE.items():
        for place, item in enumerate(asked.get(name, [])):
            with named(f"{name}[{place}]"):
                apply_one(draft, kind, {field: item})


def _hang(draft: Draft, given: dict[str, Any], at: str) -> None:
    for name, (kind, field) in _ADDED.items():
        for place, item in enumerate(given.get(name, [])):
            request = {field: item}
            if name == "conditionalFormats":
                request["index"] = place
            with named(f"{at}.{name}[{place}]"):
                apply_one(draft, kind, request)
    if "basicFilter" in given:
        with named(f"{at}.basicFilter"):
            apply_one(draft, "setBasicFilter", {"filter": given["basicFilter"]})
    for name in _GROUPS:
        with named(f"{at}.{name}"):
            _group(draft, given.get(name, []))


def _group(draft: Draft, groups: list[dict[str, Any]]) -> None:
    for group in sorted(groups, key=lambda one: int(one.get("depth", 1))):
        apply_one(draft, "addDimensionGroup", {"range": group.get("range", {})})
        change = {"dimensionGroup": group, "fields": "collapsed"}
        apply_one(draft, "updateDimensionGroup", change)
