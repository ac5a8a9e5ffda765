"""Requests and answers between HTTP and the services: JSON, errors, pages, bytes."""

import html
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from onebox.google.errors import SCOPE_INSUFFICIENT, GoogleError, invalid
from onebox.google.methods import Json

_LEGACY_REASONS = {
    "INVALID_ARGUMENT": "badRequest",
    "FAILED_PRECONDITION": "failedPrecondition",
    "OUT_OF_RANGE": "outOfRange",
    "UNAUTHENTICATED": "authError",
    "PERMISSION_DENIED": "forbidden",
    "NOT_FOUND": "notFound",
    "ALREADY_EXISTS": "alreadyExists",
    "RESOURCE_EXHAUSTED": "rateLimitExceeded",
    "UNIMPLEMENTED": "notImplemented",
}
_OLD_SCOPE = {"message": "Insufficient Permission", "reason": "insufficientPermissions"}
_OLD_UNAUTHORIZED = {
    "message": "Invalid Credentials",
    "location": "Authorization",
    "locationType": "header",
}
_LAYOUT = ("prettyPrint", "$prettyPrint")
_FALSE = ("false", "False", "0")
_JSON_TYPE = "application/json; charset=UTF-8"
_HTML_TYPE = "text/html; charset=UTF-8"
_FORM_TYPE = "application/x-www-form-urlencoded"
_PAGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} ({title})!!1</title>\n"
    "<p><b>{status}.</b> <ins>That’s an error.</ins>\n<p>{text} <ins>That’s all we know.</ins>\n"
)


@dataclass(frozen=True)
class Request:
    """One HTTP request to the stand-in.

    Attributes:
        http: the verb.
        path: percent-encoded, relative to where the stand-in is mounted, no slash in front.
        query: decoded pairs in order.
        headers: by lower-case name.
        body: raw bytes.
    """

    http: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: HTTP status code.
        body: raw bytes.
        headers: with the content type.
        fate: `send` it; or `cut` the connection at once; or `hold` it until the caller gives up.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fate: str = "send"


def unfolded(request: Request) -> Request:
    """Return the GET that a client had to send as a POST because its address was too long.

    Source: google-api-python-client sends such requests as a form with X-HTTP-Method-Override.
    """
    override = request.headers.get("x-http-method-override")
    if not override:
        return request
    query, body = request.query, request.body
    if request.headers.get("content-type", "").startswith(_FORM_TYPE):
        query = query + parse_qsl(body.decode(), keep_blank_values=True)
        body = b""
    headers = {key: item for key, item in request.headers.items() if "override" not in key}
    return Request(override.upper(), request.path, query, headers, body)


def json_body(raw: bytes) -> Json:
    """Return the JSON object of a request; an empty body is an empty object.

    Raises:
        GoogleError: 400 in the words of Google's parser.
    """
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise invalid("Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(value, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    return value


def json_answer(value: Any, query: list[tuple[str, str]], status: int = 200) -> Answer:
    """Return a JSON answer laid out as Google's are, on one line when prettyPrint=false asks."""
    options = orjson.OPT_APPEND_NEWLINE
    if not any(name in _LAYOUT and asked in _FALSE for name, asked in query):
        options |= orjson.OPT_INDENT_2
    body = orjson.dumps(value, option=options)
    return Answer(status, body, {"content-type": _JSON_TYPE, **_common()})


def refusal(error: GoogleError, query: list[tuple[str, str]], *, legacy: bool) -> Answer:
    """Return the answer of an error.

    Args:
        error: what was refused.
        query: of the request.
        legacy: also give `errors[]`, as Drive and Calendar do, and the others with alt=json.
    """
    body = error.body()
    if legacy and "errors" not in body["error"]:
        told = body["error"]
        first = {"code": told["code"], "message": told["message"], "errors": [_old_item(error)]}
        body = {"error": {**first, **told}}
    return json_answer(body, query, error.status)


def _old_item(error: GoogleError) -> dict[str, str]:
    reason = _LEGACY_REASONS.get(error.reason, "backendError")
    item = {"message": error.message, "domain": "global", "reason": reason}
    if error.status == HTTPStatus.UNAUTHORIZED:
        return item | _OLD_UNAUTHORIZED
    if any(detail.get("reason") == SCOPE_INSUFFICIENT for detail in error.details):
        return item | _OLD_SCOPE
    return item


def page(status: int, title: str, text: str) -> Answer:
    """Return an HTML error page such as Google's front ends send."""
    shown = _PAGE.format(status=status, title=html.escape(title), text=html.escape(text))
    return Answer(status, shown.encode(), {"content-type": _HTML_TYPE})


def unknown_path(path: str) -> Answer:
    """Return the page for an address that Google does not have."""
    return page(404, "Not Found", f"The requested URL /{path} was not found on this server.")


def _common() -> dict[str, str]:
    return {"cache-control": "private", "vary": "Origin, X-Origin, Referer"}


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
