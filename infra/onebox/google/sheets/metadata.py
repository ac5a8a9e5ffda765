"""Developer metadata, and the data filters that find ranges by it.

Source: Sheets API v4, DeveloperMetadataLookup and DataFilter.
"""

import secrets
from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.a1 import WHOLE, Box, box_of
from onebox.google.sheets.book import Book
from onebox.google.sheets.sheet import Sheet

_INTERSECTING = "INTERSECTING_LOCATION"


def new_id() -> int:
    """Return a random id of the size that Google gives to sheets, ranges and metadata."""
    return secrets.randbelow(2**31 - 2) + 1


def all_metadata(book: Book) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return every metadata of a workbook with the list that holds it."""
    homes = [book.meta.setdefault("developerMetadata", [])]
    homes += [sheet.items("developerMetadata") for sheet in book.sheets]
    return [(item, home) for home in homes for item in home]


def locate(book: Book, location: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the full location of new metadata and the list where it belongs."""
    span = location.get("dimensionRange")
    if span is not None:
        axis = span.get("dimension", "ROWS")
        kind = "ROW" if axis == "ROWS" else "COLUMN"
        if "startIndex" not in span or "endIndex" not in span:
            raise invalid("DimensionRange must specify both a startIndex and an endIndex")
        if span.get("endIndex", 0) - span.get("startIndex", 0) != 1:
            raise invalid("DimensionRange must represent a single row or column.")
        home = book.sheet(span.get("sheetId", 0)).items("developerMetadata")
        return {"locationType": kind, "dimensionRange": span}, home
    if "sheetId" in location:
        home = book.sheet(location["sheetId"]).items("developerMetadata")
        return {"locationType": "SHEET", "sheetId": location["sheetId"]}, home
    top: list[dict[str, Any]] = book.meta.setdefault("developerMetadata", [])
    return {"locationType": "SPREADSHEET", "spreadsheet": True}, top


def create(book: Book, asked: dict[str, Any]) -> dict[str, Any]:
    """Keep new metadata and return it.

    Raises:
        GoogleError: INVALID_ARGUMENT for a missing key, visibility or location, or a taken id.
    """
    seen = asked.get("visibility", "UNSPECIFIED")
    for given, text in (
        (asked.get("metadataKey"), "a key"),
        (not seen.endswith("UNSPECIFIED"), "visibility"),
        (asked.get("location"), "a location"),
    ):
        if not given:
            raise invalid(f"Developer metadata must always have {text} specified.")
    number = asked.get("metadataId") or new_id()
    if any(item["metadataId"] == number for item, _ in all_metadata(book)):
        raise invalid(
            f"Cannot add developer metadata with ID [{number}]"
            " because developer metadata with that ID already exists."
        )
    location, home = locate(book, asked["location"])
    item = {"metadataId": number, "metadataKey": asked["metadataKey"]}
    if "metadataValue" in asked:
        item["metadataValue"] = asked["metadataValue"]
    item |= {"location": location, "visibility": asked["visibility"]}
    home.append(item)
    return item


def matching(book: Book, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the metadata that any of the data filters finds, in the order kept.

    Raises:
        GoogleError: INVALID_ARGUMENT for a look at the whole spreadsheet and what it meets.
    """
    for one in filters:
        _check_lookup(one.get("developerMetadataLookup", {}))
    found = []
    for item, _ in all_metadata(book):
        if any(_fits(book, item, one) for one in filters):
            found.append(item)
    return found


def _check_lookup(lookup: dict[str, Any]) -> None:
    whole = lookup.get("metadataLocation", {}).get("spreadsheet")
    if whole and lookup.get("locationMatchingStrategy") == _INTERSECTING:
        raise invalid(
            "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was"
            " specified as INTERSECTING"
        )


def _fits(book: Book, item: dict[str, Any], one: dict[str, Any]) -> bool:
    lookup = one.get("developerMetadataLookup")
    if lookup is not None:
        return _fits_lookup(book, item, lookup)
    sheet, box = _given(book, one)
    place = place_of(book, item)
    return place is not None and place[0] is sheet and box.meets(place[1])


def _fits_lookup(book: Book, item: dict[str, Any], lookup: dict[str, Any]) -> bool:
    same = all(
        name not in lookup or item.get(name) == lookup[name]
        for name in ("metadataId", "metadataKey", "metadataValue", "visibility")
    )
    kind = lookup.get("locationType")
    if kind and item["location"]["locationType"] != kind:
        return False
    return same and _fits_place(book, item, lookup)


def _fits_place(book: Book, item: dict[str, Any], lookup: dict[str, Any]) -> bool:
    wanted = lookup.get("metadataLocation")
    if not wanted:
        return True
    location = item["location"]
    if lookup.get("locationMatchingStrategy") != _INTERSECTING:
        return all(location.get(name) == wanted[name] for name in wanted if name != "locationType")
    there = place_of(book, {"location": wanted})
    here = place_of(book, item)
    if there is None or here is None:
        return there is None
    return here[0] is there[0] and here[1].meets(there[1])


def place_of(book: Book, item: dict[str, Any]) -> tuple[Sheet, Box] | None:
    """Return the sheet and the cells that metadata belongs to; None for the whole spreadsheet."""
    location = item["location"]
    span = location.get("dimensionRange")
    if span:
        start, end = span.get("startIndex", 0), span.get("endIndex")
        rows = span.get("dimension", "ROWS") == "ROWS"
        box = Box(start, 0, end, None) if rows else Box(0, start, None, end)
        return book.sheet(span.get("sheetId", 0)), box
    if "sheetId" in location:
        return book.sheet(location["sheetId"]), WHOLE
    return None


def areas(book: Book, one: dict[str, Any]) -> list[tuple[Sheet, Box]]:
    """Return the sheets and rectangles that a data filter names."""
    if "developerMetadataLookup" not in one:
        return [_given(book, one)]
    places = [place_of(book, item) for item in matching(book, [one])]
    return [place for place in places if place]


def _given(book: Book, one: dict[str, Any]) -> tuple[Sheet, Box]:
    if "a1Range" in one:
        return book.find(one["a1Range"])
    area = one.get("gridRange", {})
    return book.sheet(area.get("sheetId", 0)), box_of(area)
