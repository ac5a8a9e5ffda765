"""The box's own addresses: its clock, queued calls, counters, edits by hand, its backup."""

import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from kartoteka.domain.errors import KartotekaError, Malformed, NotAllowed, NotAuthentic, NotFound
from kartoteka.http import refusal
from kartoteka.services.backups import note_made
from kartoteka.services.health import examine
from onebox import taskpage
from onebox.backups.nightly import FOLDER as BACKUPS
from onebox.backups.nightly import keep
from onebox.backups.trying import try_newest
from onebox.edits import Edit, Editor
from onebox.effort import BACKUPS as BACKUP_EFFORT
from onebox.machine import BACKUP_PATH, CONCURRENT, TEST_PATH, Machine
from onebox.provider_keys import PATH as KEYS_PATH
from onebox.provider_keys import ProviderKeys
from onebox.travel import target, travel

_LARGEST = 1_000_000  # bytes
_JSON = "application/json"
_UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)

Work = Callable[[Any], dict[str, object]]


@dataclass(frozen=True)
class Control:
    """Answers the box's own addresses; `token` allows to move the clock."""

    machine: Machine
    editor: Editor | None
    token: str

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route(BACKUP_PATH, self._backup, methods=["POST"]),
                Route(TEST_PATH, self._backup_test, methods=["POST"]),
                Route("/onebox/clock", self._clock, methods=["GET", "POST"]),
                Route("/onebox/edit", self._edit, methods=["POST"]),
                Route(f"{KEYS_PATH}/{{address:path}}", self._provider_key, methods=["GET"]),
                Route("/onebox/stats", self._stats, methods=["GET"]),
                Route("/onebox/tasks", self._tasks, methods=["GET"]),
            ],
            exception_handlers=dict.fromkeys(_UNKNOWN, _nothing),
        )

    async def _backup(self, request: Request) -> Response:
        return await _answered(request, self._keep, self._check_internal)

    async def _backup_test(self, request: Request) -> Response:
        return await _answered(request, self._try, self._check_internal)

    async def _clock(self, request: Request) -> Response:
        if request.method == "GET":
            clock = self.machine.clock
            return JSONResponse({"now": _spelled(clock.now()), "virtual": clock.virtual})
        return await _answered(request, self._travel, self._check)

    async def _edit(self, request: Request) -> Response:
        return await _answered(request, self._type, _only_json)

    async def _provider_key(self, request: Request) -> Response:
        find = ProviderKeys(self.machine.settings.data).published
        found = await run_in_threadpool(find, request.path_params["address"])
        return Response(status_code=404) if found is None else Response(found)

    async def _stats(self, _request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.stats))

    async def _tasks(self, request: Request) -> Response:
        rows = await run_in_threadpool(self.machine.tasks.rows)
        if _JSON in request.headers.get("accept", "") or request.query_params.get("json"):
            return JSONResponse([taskpage.as_json(row) for row in rows])
        english = request.query_params.get("lang") == "en"
        now, zone = self.machine.clock.now(), self.machine.app.desk.settings().office.work.zone
        return HTMLResponse(taskpage.render(rows, now, zone, "en" if english else "ru"))

    def stats(self) -> dict[str, object]:
        """Return the counters: calls to Google and work so far, what waits, who is behind."""
        machine = self.machine
        waiting: dict[str, int] = dict.fromkeys(CONCURRENT, 0)
        failed = 0
        for row in machine.tasks.rows():
            if row.state == "failed":
                failed += 1
            else:
                waiting[row.queue] = waiting.get(row.queue, 0) + 1
        health = examine(machine.app.desk)
        google = machine.google
        return {
            "now": _spelled(machine.clock.now()),
            "google_calls": google.calls.total() if google else 0,
            "google_calls_by_method": google.calls.by_method() if google else {},
            "queues": waiting,
            "failed_tasks": failed,
            "processor_s": machine.internal.effort.seconds(),
            "lag": {name: asdict(lag) for name, lag in health.lags.items()},
            "ok": health.ok,
        }

    def _keep(self, _body: Any) -> dict[str, object]:
        settings = self.machine.settings
        passphrase = settings.backup_passphrase.get_secret_value()
        now = self.machine.clock.now()
        with self.machine.internal.effort.spent_on(BACKUP_EFFORT):
            kept = keep(settings, settings.data / BACKUPS, now, passphrase)
        note_made(self.machine.app.store, now, kept["file"])
        return kept

    def _try(self, _body: Any) -> dict[str, object]:
        machine = self.machine
        folder = machine.settings.data / BACKUPS
        passphrase = machine.settings.backup_passphrase.get_secret_value()
        return asdict(try_newest(machine.app.store, folder, machine.clock.now(), passphrase))

    def _check_internal(self, request: Request) -> None:
        """Refuse everybody but the box's own schedule."""
        self.machine.app.check_internal(_bearer(request))

    def _check(self, request: Request) -> None:
        shown = request.headers.get("x-kartoteka-token", "")
        shown = shown or _bearer(request)
        if not hmac.compare_digest(shown.encode(), self.token.encode()):
            raise NotAuthentic(
                "moving the clock needs the token of `kartoteka serve --token T` in the header"
                " X-Kartoteka-Token, or as Authorization: Bearer"
            )

    def _travel(self, body: Any) -> dict[str, object]:
        machine = self.machine
        zone = machine.app.desk.settings().office.work.zone
        moment = target(body, machine.clock.now(), zone)
        if self.editor is not None:
            self.editor.settle()  # what was typed before the journey is known on the way
        fired = travel(machine.tasks, machine.clock, moment)
        return {"now": _spelled(machine.clock.now()), "fired": fired}

    def _type(self, body: Any) -> dict[str, object]:
        if self.editor is None:
            raise NotAllowed("the office uses Google itself: edit its spreadsheet there")
        return self.editor.type(Edit.read(body))


def _bearer(request: Request) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return bearer if scheme.lower() == "bearer" else ""


async def _answered(request: Request, work: Work, check: Callable[[Request], None]) -> Response:
    """Return what `work` says to the JSON body; errors of ours become statuses."""
    try:
        check(request)
        return JSONResponse(await run_in_threadpool(work, _json(await request.body())))
    except KartotekaError as exc:
        return _refused(exc)


async def _nothing(request: Request, _exc: Exception) -> Response:
    """Answer what is asked of an address, or in a way, that there is not."""
    asked = f"{request.method} {request.url.path}"
    return _refused(NotFound(f"there is nothing at {asked}", code="not_found"))


def _refused(exc: KartotekaError) -> Response:
    """Return a refusal as every address of the office answers it."""
    reply = refusal(exc)
    return Response(reply.body, reply.status, {**reply.headers})


def _json(body: bytes) -> Any:
    try:
        return json.loads(body[:_LARGEST])
    except (ValueError, RecursionError) as exc:
        raise Malformed("the body is not JSON") from exc


def _only_json(request: Request) -> None:
    """Refuse what a foreign web page can post without asking the browser's leave."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise Malformed("send JSON with the header Content-Type: application/json")


def _spelled(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
