"""Requests checked and put in order by Google's own description of the API.

The discovery document that ships inside google-api-python-client knows every field, type and
enum. `read` refuses what Google's JSON parser refuses, in its words, and drops what proto3 JSON
never shows (zeros and falses of fields without presence, lists of nothing), so that what is stored
is what Google would answer.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from math import isfinite
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

from onebox.google.errors import bad_request, invalid
from onebox.google.sheets.colors import eight_bits
from onebox.google.sheets.masks import BadMask, Mask, parse_mask
from onebox.google.sheets.unions import second_of_union

_NO_FIELDS = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
_PACKAGE = "type.googleapis.com/google.apps.sheets.v4."
TYPE_NAMES = {
    "Request": "BatchUpdateSpreadsheetRequest.Request",
    "type": "ConditionType",
    "dimension": "Dimension",
    "majorDimension": "Dimension",
    "valueInputOption": "ValueInputOption",
    "valueRenderOption": "ValueRenderOption",
    "responseValueRenderOption": "ValueRenderOption",
    "dateTimeRenderOption": "DateTimeRenderOption",
    "responseDateTimeRenderOption": "DateTimeRenderOption",
    "insertDataOption": "AppendValuesRequest.InsertDataOption",
}
_ALL = frozenset({"*"})
# Messages whose fields have no presence: a zero or a false is not shown.
_IMPLICIT = {
    "BandedRange": _ALL,
    "Color": _ALL,
    "DataValidationRule": _ALL,
    "DimensionGroup": _ALL,
    "DimensionProperties": _ALL,
    "DimensionRange": frozenset({"sheetId"}),
    "Editors": _ALL,
    "GridCoordinate": _ALL,
    "GridProperties": _ALL,
    "GridRange": frozenset({"sheetId"}),
    "ProtectedRange": _ALL,
    "SheetProperties": frozenset({"hidden", "rightToLeft"}),
}
_THEME: dict[str, dict[str, Any]] = {
    "TEXT": {},
    "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}


def theme_colors() -> list[dict[str, Any]]:
    """Return the nine ThemeColorPairs of a new spreadsheet, in Google's order."""
    return [{"colorType": name, "color": {"rgbColor": rgb}} for name, rgb in _THEME.items()]


@cache
def discovery() -> dict[str, Any]:
    """Return the discovery document of Sheets v4."""
    document: dict[str, Any] = json.loads(get_static_doc("sheets", "v4"))
    return document


@cache
def properties(schema: str) -> dict[str, dict[str, Any]]:
    """Return the fields of a message by name; empty for an unknown message."""
    found: dict[str, dict[str, Any]] = discovery()["schemas"].get(schema, {}).get("properties", {})
    return found


@cache
def _snakes(schema: str) -> dict[str, str]:
    return {snake(name): name for name in properties(schema)}


def snake(name: str) -> str:
    """Return a field's name as Google's errors spell it: `addSheet` is `add_sheet`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def read(schema: str, body: dict[str, Any], at: str = "") -> dict[str, Any]:
    """Return the body of a request, checked and without what proto3 JSON does not show.

    Args:
        schema: message of the discovery document.
        body: parsed JSON.
        at: name of the request's field that the body is, as errors should spell it.

    Raises:
        GoogleError: INVALID_ARGUMENT with one violation per unknown name or wrong value.
    """
    reader = _Reader()
    value = reader.message(schema, body, at)
    if reader.wrong:
        raise bad_request(reader.wrong)
    return value


class _Reader:
    """One reading of a body; `wrong` gathers what Google would refuse."""

    def __init__(self) -> None:
        self.wrong: list[tuple[str, str]] = []

    def message(self, schema: str, value: Any, at: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._refuse_message(schema, value, at)
            return {}
        fields, spelled = properties(schema), _snakes(schema)
        clean: dict[str, Any] = {}
        for sent, item in value.items():
            name = sent if sent in fields else spelled.get(sent)
            if name is None:
                self._unknown(sent, at)
            elif item is not None:
                path = f"{at}.{snake(name)}" if at else snake(name)
                kept = self.field(fields[name], item, path, name)
                if kept != [] and not _hidden_default(schema, name, kept):
                    clean[name] = kept
        self._check_union(schema, value, at)
        return _color_twins(fields, clean)

    def _check_union(self, schema: str, value: dict[str, Any], at: str) -> None:
        spelled = _snakes(schema)
        given = (spelled.get(name, name) for name, item in value.items() if item is not None)
        second = second_of_union(schema, given)
        if second:
            group, name = second
            text = f"Invalid value at '{at}' (oneof), oneof field '{group}' is already set."
            self.wrong.append((at, f"{text} Cannot set '{name}'"))

    def field(self, kind: dict[str, Any], value: Any, at: str, name: str) -> Any:
        if "$ref" in kind:
            told = self.message(kind["$ref"], value, at)
            return eight_bits(told) if kind["$ref"] == "Color" else told
        if kind["type"] == "array":
            return self._array(kind["items"], value, at, name)
        if kind["type"] in {"any", "object"}:
            return self._map(kind, value, at, name)
        if "enum" in kind:
            return self._enum(kind["enum"], value, at, name)
        reader, type_name = _SCALARS[kind.get("format", kind["type"])]
        try:
            return reader(value)
        except (ValueError, TypeError, OverflowError):
            self._invalid(at, type_name, value)
            return None

    def _map(self, kind: dict[str, Any], value: Any, at: str, name: str) -> Any:
        inner = kind.get("additionalProperties")
        if inner is None:
            return value
        if not isinstance(value, dict):
            self._invalid(at, "Map", value)
            return None
        return {key: self.field(inner, one, f"{at}[{key}]", name) for key, one in value.items()}

    def _array(self, items: dict[str, Any], value: Any, at: str, name: str) -> list[Any]:
        rows: list[Any] = value if isinstance(value, list) else [value]
        if items.get("type") == "array" and items["items"].get("type") == "any":
            return self._lists(value, at)
        return [
            self.field(items, item, f"{at}[{number}]", name) for number, item in enumerate(rows)
        ]

    def _lists(self, value: Any, at: str) -> list[Any]:
        """Read `values`; a lone value that is no list is named by the field, without an index."""
        list_value = "type.googleapis.com/google.protobuf.ListValue"
        if not isinstance(value, list):
            self._invalid(at, list_value, value)
            return []
        for number, row in enumerate(value):
            if not isinstance(row, list):
                self._invalid(f"{at}[{number}]", list_value, row)
        return value

    def _enum(self, names: list[str], value: Any, at: str, name: str) -> Any:
        if isinstance(value, str) and value in names:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            return names[value]
        type_name = TYPE_NAMES.get(name, name[:1].upper() + name[1:])
        self._invalid(at, _PACKAGE + type_name, value)
        return None

    def _refuse_message(self, schema: str, value: Any, at: str) -> None:
        if isinstance(value, list):
            parent, _, last = at.rpartition(".")
            where = f" at '{parent}'" if parent else ""
            text = "Proto field is not repeating, cannot start list."
            sentence = f'Invalid JSON payload received. Unknown name "{last}"{where}: {text}'
            self.wrong.append((parent, sentence))
        else:
            self._invalid(at, _PACKAGE + TYPE_NAMES.get(schema, schema), value)

    def _invalid(self, at: str, type_name: str, value: Any) -> None:
        shown = json.dumps(value, ensure_ascii=False)
        self.wrong.append((at, f"Invalid value at '{at}' ({type_name}), {shown}"))

    def _unknown(self, name: str, at: str) -> None:
        where = f" at '{at}'" if at else ""
        text = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
        self.wrong.append((at, text))


def _hidden_default(schema: str, name: str, value: Any) -> bool:
    implicit = _IMPLICIT.get(schema)
    if implicit is None or not (implicit is _ALL or name in implicit):
        return False
    return value is False or value == "" or (type(value) in (int, float) and value == 0)


def _color_twins(fields: dict[str, dict[str, Any]], clean: dict[str, Any]) -> dict[str, Any]:
    """Let every colour that has both spellings be told in both; the style wins."""
    for name in list(clean):
        plain = name.removesuffix("Style")
        if plain == name or plain not in fields:
            continue
        if clean[name]:
            clean[plain] = resolve(clean[name])
        else:
            del clean[name]  # a style of neither kind is no colour
    for name, item in list(clean.items()):
        if fields[name].get("$ref") == "Color" and f"{name}Style" in fields:
            clean.setdefault(f"{name}Style", {"rgbColor": item})
    return clean


def resolve(style: dict[str, Any]) -> dict[str, Any]:
    """Return the RGB of a ColorStyle, whether it names a theme colour or an RGB itself."""
    if "themeColor" in style:
        return dict(_THEME.get(style["themeColor"], {}))
    rgb: dict[str, Any] = style.get("rgbColor", {})
    return rgb


def _whole(value: Any) -> int:
    number = float(value)
    if isinstance(value, bool) or number != int(number):
        raise ValueError(value)
    return int(value) if isinstance(value, str | int) else int(number)


def _double(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    number = float(value)
    if not isfinite(number):
        raise ValueError(value)
    return int(number) if isinstance(value, int) else number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_SCALARS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "int32": (_whole, "TYPE_INT32"),
    "int64": (_whole, "TYPE_INT64"),
    "integer": (_whole, "TYPE_INT32"),
    "double": (_double, "TYPE_DOUBLE"),
    "float": (_double, "TYPE_FLOAT"),
    "number": (_double, "TYPE_DOUBLE"),
    "boolean": (_flag, "TYPE_BOOL"),
    "string": (_string, "TYPE_STRING"),
    "google-fieldmask": (_string, "TYPE_STRING"),
    "google-datetime": (_string, "TYPE_STRING"),
}


def answer_mask(text: str, schema: str) -> Mask:
    """Return the tree of a `fields` parameter, checked against the message that is answered.

    Raises:
        GoogleError: INVALID_ARGUMENT; as Google does, the reason stands only in the details.
    """
    try:
        mask = parse_mask(text)
    except BadMask as error:
        raise _bad_fields(error.path) from error
    bad = _stray(mask, schema)
    if bad:
        raise _bad_fields(bad)
    return mask


def _bad_fields(path: str) -> Exception:
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": path, "description": text}],
    }
    return invalid("Request contains an invalid argument.", [detail])


def _stray(mask: Mask, schema: str) -> str:
    """Return the first path that the message does not have, or an empty text."""
    fields = properties(schema)
    for name, below in mask.items():
        if name == "*":
            continue
        if name not in fields:
            return name
        kind = fields[name].get("items", fields[name])
        if below and "$ref" in kind:
            deeper = _stray(below, kind["$ref"])
            if deeper:
                return f"{name}.{deeper}"
    return ""


def change_mask(text: str, schema: str) -> Mask:
    """Return the tree of a request's `fields`, checked against the message it changes.

    Raises:
        GoogleError: INVALID_ARGUMENT without the name of the request, which the caller adds.
    """
    if not text.strip():
        raise invalid(
            "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    try:
        mask = parse_mask(text)
    except BadMask as error:
        raise invalid(f"Invalid field mask: {text}") from error
    bad = _stray(mask, schema)
    if bad:
        raise invalid(f"Invalid field: {snake(bad)}")
    return mask
