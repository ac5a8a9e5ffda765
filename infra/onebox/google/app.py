"""The stand-in as a web application: `build_google` gives everything the one box needs of it.

Mounted at `/google` it answers `/google/v4/spreadsheets…`, `/google/drive/v3/files…`,
`/google/v1/people…`, `/google/v1/contactGroups…`, `/google/gmail/v1/users…`,
`/google/calendar/v3/calendars…`, `/google/batch…`, `/google/token`, `/google/oauth2/v3/certs` and,
while tokens are open, `/google/_faults`.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from onebox.google.auth import Auth
from onebox.google.calendar.service import CalendarService
from onebox.google.calls import Calls
from onebox.google.drive.service import DriveService
from onebox.google.drive.upload import Media
from onebox.google.faults import Faults
from onebox.google.front import Content, Desk, Front
from onebox.google.gmail.service import GmailService
from onebox.google.methods import Call, Json
from onebox.google.people.service import PeopleService
from onebox.google.quota import Quota
from onebox.google.sheets import routes as sheets_routes
from onebox.google.sheets.exporting import Page
from onebox.google.sheets.service import SheetsService
from onebox.google.storage import Vault
from onebox.google.wire import Answer, Request, page

MAX_BODY = 50 * 1024 * 1024
Listener: TypeAlias = Callable[[str, str], None]

_log = logging.getLogger(__name__)
_THREADS = 16
_HOLD_S = 3600.0
_CUT_LENGTH = b"1048576"


@dataclass(frozen=True)
class GoogleOptions:
    """How strict the stand-in is.

    Attributes:
        open_tokens: accept `Bearer stand-in:<e-mail>` and orders for faults over HTTP. Meant for
            trying things out on one's own machine; switch it off where strangers can connect.
        quotas: refuse with 429 beyond Google's per-minute limits, in real time.
        quota_scale: multiplies every limit.
        people_delay_s: office seconds until incremental contact sync sees a change.
        phone_region: region of phone numbers written without a country code.
        project_number: the Google Cloud project that refusals name.
        timer: seconds for quotas.
        around: entered around the making of each answer.
    """

    open_tokens: bool = True
    quotas: bool = True
    quota_scale: float = 1.0
    people_delay_s: float = 0
    phone_region: str = "RU"
    project_number: str = "100000000000"
    timer: Callable[[], float] = time.monotonic
    around: Callable[[], AbstractContextManager[object]] = nullcontext


class Google:
    """The services of the stand-in and the web application in front of them.

    Attributes:
        asgi: the application to mount.
        sheets, drive, people, gmail, calendar: the services, for the one box's own pages.
        auth: issues tokens.
        calls: counters by method since the start.
        faults: orders for things to go wrong.
        listeners: called with (kind, id), in one thread of their own, soon after any change is
            on disk; kind is `spreadsheet`, `file`, `contacts`, `mail` or `calendar`, id that
            of the file or calendar, or the e-mail of the account.
    """

    def __init__(
        self, vault_path: Path, now: Callable[[], datetime], options: GoogleOptions
    ) -> None:
        self.vault = Vault(vault_path)
        self.listeners: list[Listener] = []
        self.calls = Calls()
        self.faults = Faults()
        self.auth = Auth(self.vault, options.open_tokens)
        self._acting = threading.local()
        self._around = options.around
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="google")
        self._announcer = ThreadPoolExecutor(1, thread_name_prefix="google-news")
        self.drive = DriveService(self.vault, now, _Cells(self), self._file_changed)
        self.sheets = SheetsService(
            self.vault,
            now,
            self._cells_changed,
            can=self.drive.can,
            created=self.drive.registered,
            renamed=lambda name, title: self.drive.touched(name, title=title),
            editors=self.drive.editors,
        )
        self.people = PeopleService(
            self.vault,
            now,
            self._contacts_changed,
            delay_s=options.people_delay_s,
            phone_region=options.phone_region,
        )
        self.gmail = GmailService(self.vault, now, lambda email: self._tell("mail", email))
        self.calendar = CalendarService(self.vault, now, self._calendar_changed)
        self.front = Front(self._desk(options), self._services())
        self.asgi = Starlette(routes=[Mount("/", app=self._serve)])

    def close(self) -> None:
        """Stop the threads and close the vault."""
        self._pool.shutdown()
        self._announcer.shutdown()
        self.vault.close()

    def _desk(self, options: GoogleOptions) -> Desk:
        quota = Quota(options.quota_scale, options.project_number, options.timer)
        return Desk(
            auth=self.auth,
            calls=self.calls,
            faults=self.faults,
            quota=quota if options.quotas else None,
            open_faults=options.open_tokens,
        )

    def _services(self) -> dict[str, Callable[[Call, Request, Media | None], Content]]:
        return {
            "sheets": self._ask_sheets,
            "drive": self._ask_drive,
            "people": lambda call, _request, _media: self.people.handle(call),
            "gmail": lambda call, _request, _media: self.gmail.handle(call),
            "calendar": lambda call, request, _: self.calendar.handle(call, request.headers),
        }

    def _ask_sheets(self, call: Call, request: Request, _: Media | None) -> Content:
        self._acting.email = call.user
        answer: Json = sheets_routes.handle(
            self.sheets,
            request.http,
            f"/{request.path}",
            query=request.query,
            body=call.body,
            user=call.user,
        )
        return answer

    def _ask_drive(self, call: Call, _: Request, media: Media | None) -> Content:
        self._acting.email = call.user
        return self.drive.handle(call, media)

    def _cells_changed(self, spreadsheet_id: str) -> None:
        user = getattr(self._acting, "email", "")
        self.drive.touched(spreadsheet_id, user)
        self._tell("spreadsheet", spreadsheet_id)

    def _file_changed(self, file_id: str) -> None:
        self._tell("file", file_id)

    def _contacts_changed(self, email: str) -> None:
        self._tell("contacts", email)

    def _calendar_changed(self, calendar_id: str) -> None:
        self._tell("calendar", calendar_id)

    def _tell(self, kind: str, name: str) -> None:
        for listener in tuple(self.listeners):
            told = self._announcer.submit(self._announce, listener, kind, name)
            told.add_done_callback(_report)

    def _announce(self, listener: Listener, kind: str, name: str) -> None:
        self.vault.get("barrier", "")  # waits for the transaction that made the change
        listener(kind, name)

    def _answered(self, request: Request) -> Answer:
        with self._around():
            return self.front.answer(request)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read(scope, receive)
        if request is None:
            text = "Your client issued a request that was too large."
            answer = page(413, "Request Entity Too Large", text)
        else:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._pool, self._answered, request)
        await _send(answer, receive, send)


def build_google(
    vault_path: Path, now: Callable[[], datetime], options: GoogleOptions | None = None
) -> Google:
    """Return the stand-in.

    Args:
        vault_path: its SQLite file, made when it is not there.
        now: the office clock; quotas and tokens go by real time instead.
        options: how strict it is.
    """
    return Google(vault_path, now, options or GoogleOptions())


class _Cells:
    """The Sheets service as Drive wants it."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def create(self, spreadsheet_id: str, title: str, user: str) -> None:
        self._google.sheets.create_empty(spreadsheet_id, title, user)

    def copy(self, source_id: str, spreadsheet_id: str, title: str) -> None:
        self._google.sheets.copy(source_id, spreadsheet_id, title)

    def rename(self, spreadsheet_id: str, title: str) -> None:
        self._google.sheets.retitle(spreadsheet_id, title)

    def shown(self, spreadsheet_id: str) -> list[list[str]]:
        return self._google.sheets.shown_rows(spreadsheet_id)

    def pages(self, spreadsheet_id: str) -> list[Page]:
        return self._google.sheets.pages(spreadsheet_id)

    def fill(self, spreadsheet_id: str, title: str, rows: list[list[str]]) -> None:
        self._google.sheets.import_rows(spreadsheet_id, title, rows)

    def delete(self, spreadsheet_id: str) -> None:
        self._google.sheets.remove(spreadsheet_id)


def _report(told: Future[None]) -> None:
    error = told.exception()
    if error is not None:
        _log.error("a listener of the stand-in failed: %s", type(error).__name__)


async def _read(scope: Scope, receive: Receive) -> Request | None:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw_path.decode("latin-1").partition("?")[0]
    headers = {key.decode("latin-1"): item.decode("latin-1") for key, item in scope["headers"]}
    return Request(
        http=scope["method"],
        path=path.removeprefix(scope.get("root_path", "")).lstrip("/"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        headers=headers,
        body=bytes(body),
    )


async def _send(answer: Answer, receive: Receive, send: Send) -> None:
    if answer.fate == "hold":
        await _until_gone(receive)
    length = _CUT_LENGTH if answer.fate != "send" else str(len(answer.body)).encode()
    headers = [(key.encode(), item.encode("latin-1")) for key, item in answer.headers.items()]
    headers.append((b"content-length", length))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.fate == "send":
        await send({"type": "http.response.body", "body": answer.body})


async def _until_gone(receive: Receive) -> None:
    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), _HOLD_S)
    except TimeoutError:
        return
