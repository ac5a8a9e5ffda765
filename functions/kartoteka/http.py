"""Where the web stops: requests become `Call`, answers become `Reply`, errors become statuses."""

import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

import functions_framework
from flask import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from kartoteka.domain.errors import (
    ConfigError,
    KartotekaError,
    Malformed,
    NotAuthentic,
    TooLarge,
    Transient,
)
from kartoteka.i18n import LOCALES
from kartoteka.log import log, place_of

MEBIBYTE = 1024 * 1024
_SPELL = json.JSONEncoder(ensure_ascii=False, default=str).encode


@dataclass(frozen=True, slots=True)
class Call:
    """A request: `path` without the function's own name, header names in lower case."""

    method: str
    path: tuple[str, ...]
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    remote: str = field(default="", repr=False)
    base_url: str = ""
    target: str = field(default="", repr=False)  # path and query, percent-encoded

    def header(self, name: str) -> str:
        """Return the header's value, empty when it is absent."""
        return self.headers.get(name, "")

    def bearer(self) -> str:
        """Return the bearer token; `NotAuthentic` when there is none."""
        scheme, _, token = self.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthentic("a bearer token is needed")
        return token

    def param(self, name: str) -> str:
        """Return the first query parameter with this name, empty when absent."""
        return next((value for key, value in self.query if key == name), "")

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; `Malformed` when it is anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise Malformed("the body is not JSON") from exc
        if not isinstance(found, dict):
            raise Malformed("the body is not a JSON object")
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `facts` go to the log line, ids only."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | float | bool | None] = field(default_factory=dict)


def json_reply(body: Mapping[str, object], status: int = 200, **facts: str | float | None) -> Reply:
    """Return an answer with a JSON object."""
    return Reply(status, _SPELL(body).encode(), {"content-type": "application/json"}, facts)


def html_reply(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer with a page."""
    kind = {"content-type": "text/html; charset=utf-8"}
    return Reply(status, text.encode(), {**kind, **(headers or {})})


def language(call: Call, default: str) -> str:
    """Return ru or en: of the address, else of the browser, else the office's own."""
    return next((code for code in _wanted(call) if code in LOCALES), default)


def _wanted(call: Call) -> Iterator[str]:
    yield call.param("lang").lower()
    ranked = [_ranked(item) for item in call.header("accept-language").split(",")[:20]]
    for _, code in sorted(ranked, key=lambda pair: -pair[0]):
        yield code


def _ranked(item: str) -> tuple[float, str]:
    tag, _, rest = item.partition(";")
    code = tag.strip().lower().partition("-")[0]
    try:
        weight = float(rest.partition("=")[2]) if rest.strip() else 1.0
    except ValueError:
        weight = 0.0
    return weight, code


def _refuse_size(_call: Call) -> Reply:
    raise TooLarge("the body is over the limit of this address", code="too_large")


def endpoint(
    work: Callable[[Call], Reply],
    limit: int | Callable[[str], int] = 11 * MEBIBYTE,
    overfull: Callable[[Call], Reply] = _refuse_size,
) -> Callable[[Request], Response]:
    """Register a function with the platform; the only place that maps errors to statuses.

    Args:
        work: answers a call.
        limit: how many bytes a body may have, or says so for the path.
        overfull: answers a call whose body is over the limit and was left out.
    """
    name = work.__name__

    def serve(request: Request) -> Response:
        started = time.perf_counter()
        try:
            most = limit(request.path) if callable(limit) else limit
            body = _body(request, most)
            reply = (overfull if body is None else work)(_call(request, name, body or b""))
        except KartotekaError as exc:
            reply = refusal(exc)
        except Exception as exc:  # noqa: BLE001 - the last line of defence: a 500 the caller repeats
            reply = _crash(name, exc)
        _trace(name, reply, started)
        return Response(reply.body, reply.status, dict(reply.headers))

    serve.__name__ = name
    serve.__doc__ = work.__doc__
    functions_framework.http(serve)
    return serve


def _call(request: Request, name: str, body: bytes) -> Call:
    path = tuple(part for part in request.path.split("/") if part)
    return Call(
        method=request.method,
        path=path[1:] if path[:1] == (name,) else path,
        body=body,
        headers={key.lower(): value for key, value in request.headers.items()},
        query=tuple(parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)),
        remote=request.remote_addr or "",
        base_url=f"{request.scheme}://{request.host}",
        target=_target(request),
    )


def _target(request: Request) -> str:
    query = request.query_string.decode("latin-1")
    return quote(request.path) + ("?" + query if query else "")


def _body(request: Request, limit: int) -> bytes | None:
    """Return the whole body, None if it is over the limit.

    A body sent without its length is cut at the maximum without a word, hence one byte more
    than the limit. The framework reads once more after the answer, hence the empty stream.
    """
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > limit:
        request.stream = io.BytesIO()
        return None
    return body


def refusal(
    exc: KartotekaError, message: str = "", fields: Mapping[str, str] | None = None
) -> Reply:
    """Return the answer to a caller who is refused.

    Args:
        exc: what is wrong; its class decides the status.
        message: the words for a person; the programmer's own if empty.
        fields: which fields are wrong, each with the code of a text.
    """
    error: dict[str, object] = {"code": exc.code or _slug(exc), "message": message or str(exc)}
    if fields:
        error["fields"] = dict(fields)
    if isinstance(exc, ConfigError):
        log("error", event="config", detail=str(exc))
    reply = json_reply({"error": error}, exc.status, outcome=_slug(exc))
    if isinstance(exc, Transient) and exc.retry_after is not None:
        seconds = str(max(1, round(exc.retry_after.total_seconds())))
        return Reply(
            reply.status, reply.body, {**reply.headers, "retry-after": seconds}, reply.facts
        )
    return reply


def _crash(name: str, exc: Exception) -> Reply:
    where = place_of(exc)
    log("critical", event="crash", function=name, error=type(exc).__name__, where=where)
    error = {"code": "crash", "message": "an error of ours; the call may be repeated"}
    return json_reply({"error": error}, 500, outcome="crash")


def _slug(exc: Exception) -> str:
    letters = "".join("_" + c.lower() if c.isupper() else c for c in type(exc).__name__)
    return letters.lstrip("_")


def _trace(name: str, reply: Reply, started: float) -> None:
    ms = round((time.perf_counter() - started) * 1000, 1)
    log("info", event=name, status=reply.status, ms=ms, **dict(reply.facts))
