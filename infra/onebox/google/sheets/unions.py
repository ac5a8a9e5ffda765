"""Fields of which a message may carry only one, and the refusal of two.

Source: the groups that the reference marks "Union field"; the discovery document leaves them out.
"""

from collections.abc import Iterable

# All fields of this message are one group.
_ALL_ONE = "Request"
# By message: name of the group, as Google's parser spells it, and its fields.
_UNIONS: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "AutoFillRequest": (("area", frozenset({"range", "sourceAndDestination"})),),
    "ColorStyle": (("kind", frozenset({"rgbColor", "themeColor"})),),
    "ConditionValue": (("value", frozenset({"relativeDate", "userEnteredValue"})),),
    "ConditionalFormatRule": (("rule", frozenset({"booleanRule", "gradientRule"})),),
    "DataFilter": (("filter", frozenset({"developerMetadataLookup", "a1Range", "gridRange"})),),
    "DeveloperMetadataLocation": (
        ("location", frozenset({"spreadsheet", "sheetId", "dimensionRange"})),
    ),
    "EmbeddedObjectPosition": (
        ("location", frozenset({"sheetId", "overlayPosition", "newSheet"})),
    ),
    "FindReplaceRequest": (("scope", frozenset({"range", "sheetId", "allSheets"})),),
    "PasteDataRequest": (("kind", frozenset({"delimiter", "html"})),),
    "UpdateCellsRequest": (("area", frozenset({"start", "range"})),),
    "UpdateConditionalFormatRuleRequest": (("instruction", frozenset({"rule", "newIndex"})),),
}


def second_of_union(schema: str, given: Iterable[str]) -> tuple[str, str] | None:
    """Return (group, field) of the first field that comes when its group is already set.

    Args:
        schema: message of the discovery document; in `Request` all fields are one group.
        given: names of the fields that are set, in the order sent.
    """
    if schema not in _UNIONS and schema != _ALL_ONE:
        return None
    seen: set[str] = set()
    for name in given:
        group = _group(schema, name)
        if group in seen:
            return group, name
        if group:
            seen.add(group)
    return None


def _group(schema: str, name: str) -> str:
    if schema == _ALL_ONE:
        return "kind"
    return next((group for group, fields in _UNIONS.get(schema, ()) if name in fields), "")
