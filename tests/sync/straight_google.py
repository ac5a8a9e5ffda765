"""The stand-in without a socket: the real gspread, and every request answered in this process."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from requests import ConnectionError as Cut
from requests import PreparedRequest, ReadTimeout, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from kartoteka.adapters.sheets import GspreadSheets
from onebox.google.app import Google
from onebox.google.wire import Request

OFFICE = "office@office.example"
Spy = Callable[[PreparedRequest], None]  # may raise what a broken connection raises


class StraightGoogle(BaseAdapter):
    """Carries requests to the stand-in; `before` and `after` see each of them.

    What `before` raises happens instead of the request, what `after` raises instead of its answer.
    """

    def __init__(self, google: Google) -> None:
        super().__init__()
        self.google = google
        self.before: Spy = lambda _: None
        self.after: Spy = lambda _: None
        self.calls = 0

    def send(self, request: PreparedRequest, *_args: object, **_options: object) -> Response:  # type: ignore[override]  # nothing of the transport matters here
        self.calls += 1
        self.before(request)
        url = urlsplit(request.url or "")
        body = request.body or b""
        asked = Request(
            http=request.method or "GET",
            path=str(url.path).removeprefix("/google").lstrip("/"),
            query=parse_qsl(str(url.query), keep_blank_values=True),
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else body,
        )
        answer = self.google.front.answer(asked)
        self.after(request)
        if answer.fate != "send":
            raise ReadTimeout if answer.fate == "hold" else Cut
        response = Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """There is nothing to close."""


def connected(sheets: GspreadSheets, carrier: StraightGoogle) -> GspreadSheets:
    """Return the port with this thread's requests going straight to the stand-in."""
    sheets._http.session.mount("http://", carrier)
    return sheets
