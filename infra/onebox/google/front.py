"""The front door of the stand-in: recognises a request, checks the caller, asks the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import parse_qsl

from onebox.google.auth import Auth, OAuthError, require_scope
from onebox.google.batch import answer_batch
from onebox.google.calls import Calls
from onebox.google.drive.older import OLDER_FILE
from onebox.google.drive.upload import Media, checked, read_multipart
from onebox.google.errors import GoogleError, canonical, invalid
from onebox.google.faults import Fault, Faults
from onebox.google.methods import Call, Json, Method, resolve
from onebox.google.quota import Quota, exhausted
from onebox.google.wire import (
    Answer,
    Request,
    json_answer,
    json_body,
    page,
    refusal,
    unfolded,
    unknown_path,
)

Content: TypeAlias = Json | Media | None
Service: TypeAlias = Callable[[Call, Request, Media | None], Content]

_BARE_DRIVE = ("about", "changes", "drives", "files")
_BARE_CALENDAR = ("calendars", "users")  # of Gmail only the long path is known
_AFTER_WORK = {"timeout-after-apply": "hold", "drop-after-apply": "cut"}
_OLDER = "drive/v2/files/"
_OLDER_ERRORS = ("drive/", "upload/", "calendar/")
_UPLOADS = ("drive.files.create", "drive.files.update")
_BAD_GATEWAY = "The server encountered a temporary error and could not complete your request."


@dataclass(frozen=True)
class Desk:
    """What stands between a request and the services."""

    auth: Auth
    calls: Calls
    faults: Faults
    quota: Quota | None
    open_faults: bool


class Front:
    """Answers requests, whoever carries them.

    Args:
        desk: identity, counters, faults and quotas.
        services: by name, what answers a recognised call.
        root: path at which the stand-in is mounted, such as `/google`; batches repeat it.
    """

    def __init__(self, desk: Desk, services: Mapping[str, Service], root: str = "/google") -> None:
        self._desk = desk
        self._services = services
        self._root = root

    def answer(self, request: Request) -> Answer:
        """Return the answer to any request; errors are answers too."""
        request = unfolded(request)
        request = replace(request, path=_service_path(request.path))
        try:
            own = self._own(request)
            return own if own is not None else self._service_answer(request)
        except GoogleError as error:
            return refusal(error, request.query, legacy=_legacy(request))

    def _own(self, request: Request) -> Answer | None:
        first = request.path.partition("/")[0]
        if first == "_faults" and self._desk.open_faults:
            return self._faults(request)
        if (request.http, request.path) == ("POST", "token"):
            return self._token(request)
        if (request.http, request.path) == ("GET", "oauth2/v3/certs"):
            return json_answer(self._desk.auth.certs(), request.query)
        if request.http == "POST" and first == "batch":
            return answer_batch(request, self._root, self.answer)
        return None

    def _service_answer(self, request: Request) -> Answer:
        upload = request.path.startswith("upload/")
        found = _uploaded(request) if upload else _recognised(request)
        if found is None:
            return unknown_path(request.path)
        method, params = found
        self._desk.calls.add(method.id)
        fault = self._desk.faults.take(method.id)
        if fault is not None and fault.action not in _AFTER_WORK:
            return _faulty(fault, request)
        answer = self._allowed(method, params, request, upload=upload)
        return answer if fault is None else replace(answer, fate=_AFTER_WORK[fault.action])

    def _allowed(
        self, method: Method, params: dict[str, str], request: Request, *, upload: bool
    ) -> Answer:
        caller = self._desk.auth.caller(request.headers.get("authorization", ""))
        require_scope(caller, method)
        if self._desk.quota is not None:
            self._desk.quota.charge(method, caller.email)
        body, media = _upload(request) if upload else (json_body(request.body), None)
        call = Call(method, params, request.query, caller.email, body)
        content = self._services[method.service](call, request, media)
        if content is None:
            return Answer(204, headers={"content-type": "text/html"})
        if isinstance(content, Media):
            return Answer(200, content.content, {"content-type": content.mime_type})
        return json_answer(content, request.query)

    def _faults(self, request: Request) -> Answer:
        if request.http == "POST":
            self._desk.faults.order(json_body(request.body))
        elif request.http == "DELETE":
            self._desk.faults.clear()
        elif request.http != "GET":
            return unknown_path(request.path)
        waiting = [vars(fault) for fault in self._desk.faults.waiting()]
        return json_answer({"faults": waiting}, request.query)

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode("latin-1")))
        try:
            return json_answer(self._desk.auth.refresh(form), request.query)
        except OAuthError as error:
            return json_answer(error.body, request.query, 400)


def _service_path(path: str) -> str:
    """Return the path as Google spells it, whatever base address the client was given.

    `build("drive", "v3", client_options={"api_endpoint": ".../google"})` asks for `files`, because
    an endpoint replaces the service path too.
    """
    upload = "upload/" if path.startswith("upload/") else ""
    rest = path.removeprefix("upload/")
    first = rest.partition("/")[0]
    if first in _BARE_CALENDAR:
        return f"calendar/v3/{rest}"
    return f"{upload}drive/v3/{rest}" if first in _BARE_DRIVE else path


def _recognised(request: Request) -> tuple[Method, dict[str, str]] | None:
    if (request.http, request.path) != ("POST", _OLDER.rstrip("/")):
        return resolve(request.http, request.path)
    found = resolve("POST", "drive/v3/files")
    return found and (replace(found[0], response=OLDER_FILE), found[1])


def _uploaded(request: Request) -> tuple[Method, dict[str, str]] | None:
    http, path, older = request.http, request.path.removeprefix("upload/"), False
    if http == "PUT" and path.startswith(_OLDER):
        http, path, older = "PATCH", "drive/v3/" + path.removeprefix("drive/v2/"), True
    found = resolve(http, path)
    if found is None or found[0].id not in _UPLOADS:
        return None
    return (replace(found[0], response=OLDER_FILE), found[1]) if older else found


def _upload(request: Request) -> tuple[Json, Media | None]:
    kind = dict(request.query).get("uploadType", "media")
    content_type = request.headers.get("content-type", "application/octet-stream")
    if kind == "multipart":
        return read_multipart(request.body, content_type)
    if kind == "media":
        return {}, checked(Media(request.body, content_type.partition(";")[0]))
    raise invalid("The stand-in takes uploadType media or multipart, not resumable.")


def _legacy(request: Request) -> bool:
    return request.path.startswith(_OLDER_ERRORS) or ("alt", "json") in request.query


def _faulty(fault: Fault, request: Request) -> Answer:
    if fault.action == "drop":
        return Answer(503, fate="cut")
    if fault.action == "502":
        answer = page(502, "Server Error", _BAD_GATEWAY)
    else:
        answer = refusal(_ordered_error(fault), request.query, legacy=_legacy(request))
    if fault.retry_after is None:
        return answer
    return replace(answer, headers={**answer.headers, "retry-after": str(fault.retry_after)})


def _ordered_error(fault: Fault) -> GoogleError:
    if fault.action == "429":
        return exhausted("Resource has been exhausted (e.g. check quota).", {})
    if fault.action == "500":
        return canonical("INTERNAL", "Internal error encountered.")
    return canonical("UNAVAILABLE", "The service is currently unavailable.")
