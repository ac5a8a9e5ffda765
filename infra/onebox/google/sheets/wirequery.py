"""Query parameters of the Sheets API, checked against the discovery document."""

from typing import Any, TypeAlias

from onebox.google.errors import bad_request
from onebox.google.sheets.schema import TYPE_NAMES, snake

Query: TypeAlias = list[tuple[str, str]]

# Parameters of every Google API.
_COMMON = {
    "$.xgafv",
    "$fields",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "upload_protocol",
    "uploadType",
}
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def last(query: Query, name: str) -> str:
    """Return the last value of a parameter, or an empty text."""
    return next((text for key, text in reversed(query) if key == name), "")


def read_query(parameters: dict[str, dict[str, Any]], query: Query) -> dict[str, Any]:
    """Return the parameters by name: texts, truths, and lists of texts for repeated ones.

    Args:
        parameters: of the method, as the discovery document describes them.
        query: decoded pairs.

    Raises:
        GoogleError: INVALID_ARGUMENT for an unknown name or a wrong value.
    """
    clean: dict[str, Any] = {}
    wrong: list[tuple[str, str]] = []
    for name, text in query:
        kind = parameters.get(name)
        if kind is None or kind.get("location") != "query":
            if name not in _COMMON:
                wrong.append(("", _unbound(name)))
        elif kind.get("repeated"):
            clean.setdefault(name, []).append(text)
        else:
            clean[name] = _value(name, text, kind, wrong)
    if wrong:
        raise bad_request(wrong)
    return clean


def _unbound(name: str) -> str:
    return (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )


def _value(name: str, text: str, kind: dict[str, Any], wrong: list[tuple[str, str]]) -> Any:
    at = snake(name)
    if kind["type"] == "boolean":
        if text.lower() not in _TRUTH:
            wrong.append((at, f"Invalid value at '{at}' (TYPE_BOOL), \"{text}\""))
        return _TRUTH.get(text.lower(), False)
    if "enum" in kind and text not in kind["enum"]:
        type_name = f"type.googleapis.com/google.apps.sheets.v4.{TYPE_NAMES.get(name, name)}"
        wrong.append((at, f"Invalid value at '{at}' ({type_name}), \"{text}\""))
    return text
