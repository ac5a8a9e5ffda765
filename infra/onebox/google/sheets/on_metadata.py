"""Requests about developer metadata."""

from typing import Any

from onebox.google.sheets import metadata
from onebox.google.sheets.draft import Draft, Handler
from onebox.google.sheets.masks import assign
from onebox.google.sheets.schema import change_mask


def create(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Keep new metadata and answer with it."""
    return {"developerMetadata": metadata.create(draft.book, asked.get("developerMetadata", {}))}


def update(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Change all metadata that the filters find."""
    mask = change_mask(asked.get("fields", ""), "DeveloperMetadata")
    fresh = asked.get("developerMetadata", {})
    found = metadata.matching(draft.book, asked.get("dataFilters", []))
    homes = {id(item): home for item, home in metadata.all_metadata(draft.book)}
    for item in found:
        after = assign(item, fresh, mask) | {"metadataId": item["metadataId"]}
        home = homes[id(item)]
        location, new_home = metadata.locate(draft.book, after.get("location", item["location"]))
        after["location"] = location
        home.remove(item)
        new_home.append(after)
    numbers = {item["metadataId"] for item in found}
    kept = [one for one, _ in metadata.all_metadata(draft.book) if one["metadataId"] in numbers]
    return {"developerMetadata": kept} if kept else {}


def delete(draft: Draft, asked: dict[str, Any]) -> dict[str, Any]:
    """Remove all metadata that the filter finds and answer with it."""
    found = metadata.matching(draft.book, [asked.get("dataFilter", {})])
    homes = {id(item): home for item, home in metadata.all_metadata(draft.book)}
    for item in found:
        homes[id(item)].remove(item)
    return {"deletedDeveloperMetadata": found} if found else {}


REQUESTS: dict[str, Handler] = {
    "createDeveloperMetadata": create,
    "deleteDeveloperMetadata": delete,
    "updateDeveloperMetadata": update,
}
