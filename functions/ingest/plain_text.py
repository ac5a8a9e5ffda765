"""Text from outside as every store keeps it: nothing dropped, two unstorable things replaced."""

import json
import re
from collections.abc import Mapping
from typing import Any

from kartoteka.domain.errors import Malformed
from kartoteka.http import Call

# What some exchanges send along in the open to prove themselves.
_CREDENTIAL = re.compile(
    r"""((?:crm_token|integration_key|vpbx_api_key|COOKIES)(?:=|"\s{0,9}:\s{0,9}"))[^&"]+"""
)
_TURNING = re.compile("[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """Return the text with U+0000 and lone surrogates replaced by U+FFFD, all else untouched."""
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def file_name(told: str) -> str:
    """Return a file's name that looks like what it is: no place, nothing that turns it around."""
    name = _TURNING.sub("", told.replace("\\", "/").rpartition("/")[2]).strip()
    return name if name.strip(".") else "file"


def raw_text(body: bytes) -> str:
    """Return a body as text: UTF-8, what is not UTF-8 replaced by U+FFFD."""
    return body.decode("utf-8", "replace").replace("\0", _REPLACEMENT)  # no surrogates come out


def received(call: Call) -> str:
    """Return what a call brought, as text: the body, or the query of a GET; secrets are blotted."""
    text = raw_text(call.body) if call.body else plain(call.target.partition("?")[2])
    return _CREDENTIAL.sub(r"\1***", text)


def read_json(body: bytes) -> Any:
    """Return the value of a JSON body, its texts made plain; raw line breaks in texts pass.

    Raises:
        Malformed: the body is not JSON, or nested deeper than a thousand levels.
    """
    try:
        found = json.loads(body, strict=False)
        unclean = b"\\u" in body or b"\0" in body
        return _plain_inside(found) if unclean else found
    except (ValueError, RecursionError) as exc:
        raise Malformed("the body is not JSON", code="not_json") from exc


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; `Malformed` when it is anything else."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise Malformed("the body is JSON but not an object", code="not_an_object")
    return found


def _plain_inside(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {plain(name): _plain_inside(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_inside(item) for item in value]
    return value
