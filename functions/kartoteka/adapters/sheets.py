"""Spreadsheets of the office account, through gspread's HTTP client.

Source: Sheets API v4 (values.batchGet, values.batchUpdate, batchUpdate, get), Drive API v3
(files.create, list, get; permissions.create, delete). Values are written RAW and read UNFORMATTED
with serial dates. Nothing is repeated here: the queue does that. A workbook is made through Drive,
because only so are its mark and its sharing rule there from the first moment.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession
from gspread.client import Client
from gspread.http_client import HTTPClient
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_DRIVE_URL
from requests import RequestException, Response, Session

from kartoteka.adapters.google_account import GoogleAccount, credentials
from kartoteka.adapters.google_errors import error_of
from kartoteka.domain.errors import ConfigError, ProviderDown
from kartoteka.ports import CellValue, Doc, Patch, Rows, SheetCalls, Sheets, WorkbookInfo

_TIMEOUT_S = 60
_MIME = "application/vnd.google-apps.spreadsheet"
_MARK = "kartoteka_book"  # app property of our workbooks: which one it is
_OURS = {"kartoteka": "book"}  # app property that all of them have
_PAGE = 1000
_FIRST_TAB, _FIRST_GRID = 0, (1000, 26)  # number and size of the one tab of a new file
_RULES = "conditionalFormats(ranges.sheetId,booleanRule.condition.values.userEnteredValue)"
_TAB = "properties(sheetId,title,gridProperties(rowCount,columnCount))"
_TAB_FIELDS = f"sheets({_TAB},{_RULES})"
_INFO_FIELDS = f"spreadsheetId,spreadsheetUrl,properties.title,{_TAB_FIELDS}"


def build(account: GoogleAccount) -> Sheets:
    """Return the spreadsheets of the office account, at Google or at its stand-in."""
    return GspreadSheets(account)


class Wire(HTTPClient):
    """gspread's HTTP client with a timeout, our errors and, if need be, another address."""

    endpoint = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Response:
        """Return a good answer.

        Raises:
            RateLimited, ProviderDown, NotFound, NotAllowed, ConfigError: by who must act.
        """
        try:
            response = self._sent(method, endpoint, *args, **kwargs)
        except RefreshError as exc:
            raise ConfigError("the office's Google account must be connected again") from exc
        except (TransportError, RequestException) as exc:
            raise ProviderDown("Google does not answer") from exc
        return response

    def _sent(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Response:
        names = ("params", "data", "json", "files", "headers")
        options = _compact({**dict(zip(names, args, strict=False)), **kwargs})
        response = self.session.request(
            method, self._placed(endpoint), timeout=_TIMEOUT_S, **options
        )
        if not response.ok:
            raise error_of(response.status_code, response.content, response.headers)
        if response.content and "json" not in response.headers.get("content-type", ""):
            raise ProviderDown("Google answered with a page")
        return response

    def _placed(self, url: str) -> str:
        return self.endpoint + urlsplit(url).path if self.endpoint else url


class GspreadSheets:
    """The Sheets port over gspread; one HTTP connection per thread."""

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account
        self._local = threading.local()
        self.counted = SheetCalls()

    @property
    def _http(self) -> HTTPClient:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _connect(self._account)
        return client.http_client

    def close(self) -> None:
        """Close this thread's connections."""
        client: Client | None = self._local.__dict__.pop("client", None)
        if client is not None:
            client.http_client.session.close()

    def find(self, mark: str) -> str | None:
        """Return the id of the oldest workbook made with this mark, None when there is none."""
        wanted = f"appProperties has {{ key='{_MARK}' and value='{mark}' }} and trashed = false"
        params = {"q": wanted, "orderBy": "createdTime", "fields": "files(id)", "pageSize": 1}
        files = self._get(DRIVE_FILES_API_V3_URL, params).get("files", [])
        return str(files[0]["id"]) if files else None

    def create(self, title: str, mark: str, *, closed: bool = False) -> WorkbookInfo:
        """Return a new workbook that its editors cannot share, with the tab that new files have."""
        body = {
            "name": title,
            "mimeType": _MIME,
            "appProperties": {_MARK: mark, **_OURS},
            "writersCanShare": False,
            "copyRequiresWriterPermission": closed,
        }
        answer = self._http.request(
            "post", DRIVE_FILES_API_V3_URL, params={"fields": "id"}, json=body
        )
        workbook = str(_object(answer)["id"])
        url = f"{SPREADSHEET_DRIVE_URL % workbook}/edit"
        return WorkbookInfo(workbook, url, title, {_FIRST_TAB: ("", *_FIRST_GRID)})

    def info(self, workbook: str) -> WorkbookInfo:
        """Return title, address and tabs of a workbook."""
        self.counted.reads += 1
        found = dict(self._http.fetch_sheet_metadata(workbook, {"fields": _INFO_FIELDS}))
        tabs: dict[int, tuple[str, int, int]] = {}
        rules: dict[int, Sequence[str]] = {}
        for sheet in found.get("sheets", []):
            properties = sheet["properties"]
            grid = properties.get("gridProperties", {})
            size = (int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0)))
            number = int(properties.get("sheetId", 0))
            tabs[number] = (str(properties["title"]), *size)
            rules[number] = [*map(_formula, sheet.get("conditionalFormats", []))]
        url = found.get("spreadsheetUrl") or SPREADSHEET_DRIVE_URL % workbook
        return WorkbookInfo(workbook, str(url), str(found["properties"]["title"]), tabs, rules)

    def version(self, workbook: str) -> str:
        """Return Drive's version of the file."""
        found = self._get(f"{DRIVE_FILES_API_V3_URL}/{workbook}", {"fields": "version,trashed"})
        return "" if found.get("trashed") else str(found["version"])

    def versions(self) -> dict[str, str]:
        """Return Drive's versions of all our workbooks by id."""
        ((name, value),) = _OURS.items()
        wanted = f"appProperties has {{ key='{name}' and value='{value}' }} and trashed = false"
        params = {"q": wanted, "fields": "files(id,version)", "pageSize": _PAGE}
        files = self._get(DRIVE_FILES_API_V3_URL, params).get("files", [])
        return {str(file["id"]): str(file["version"]) for file in files}

    def read(self, workbook: str, ranges: Sequence[str]) -> list[Rows]:
        """Return unformatted values per A1 range; rows are ragged, empty cells are empty text."""
        self.counted.reads += 1
        answer = self._http.values_batch_get(
            workbook,
            list(ranges),
            {
                "valueRenderOption": "UNFORMATTED_VALUE",
                "dateTimeRenderOption": "SERIAL_NUMBER",
                "majorDimension": "ROWS",
            },
        )
        found = answer.get("valueRanges", [])
        return [[[_cell(cell) for cell in row] for row in one.get("values", [])] for one in found]

    def write(self, workbook: str, blocks: Mapping[str, Patch]) -> None:
        """Write RAW values per A1 range, all or nothing; text is never a formula."""
        data = [
            {"range": place, "majorDimension": "ROWS", "values": [list(row) for row in rows]}
            for place, rows in blocks.items()
        ]
        self.counted.writes += 1
        self._http.values_batch_update(workbook, {"valueInputOption": "RAW", "data": data})

    def structure(self, workbook: str, requests: Sequence[Doc]) -> None:
        """Apply structural requests in order, all or nothing."""
        self.counted.writes += 1
        self._http.batch_update(workbook, {"requests": list(requests)})

    def share(self, workbook: str, email: str, role: Literal["reader", "writer"]) -> str:
        """Give a person access, without a letter to them; return the name of the permission."""
        answer = self._http.request(
            "post",
            f"{DRIVE_FILES_API_V3_URL}/{workbook}/permissions",
            params={"sendNotificationEmail": "false", "fields": "id"},
            json={"type": "user", "role": role, "emailAddress": email},
        )
        return str(_object(answer)["id"])

    def unshare(self, workbook: str, permission: str) -> None:
        """Take an access back."""
        self._http.request(
            "delete", f"{DRIVE_FILES_API_V3_URL}/{workbook}/permissions/{permission}"
        )

    def _get(self, url: str, params: dict[str, Any]) -> dict[str, Any]:
        return _object(self._http.request("get", url, params=params))


def _compact(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with a body in UTF-8: escaped, Russian would be three times as long."""
    body = options.get("json")
    if body is None:
        return options
    said = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    headers = {**(options.get("headers") or {}), "Content-Type": "application/json"}
    return {**options, "json": None, "data": said.encode("utf-8", "replace"), "headers": headers}


def _connect(account: GoogleAccount) -> Client:
    signer, make = credentials(account), cast("Callable[[Any], Session]", AuthorizedSession)
    session = make(signer)
    session.trust_env = not account.google_endpoint  # no proxy stands before our own machine
    client = Client(auth=signer, session=session, http_client=Wire)
    if isinstance(client.http_client, Wire):
        client.http_client.endpoint = account.google_endpoint.rstrip("/")
    return client


def _object(response: Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError as exc:
        raise ProviderDown("Google answered nonsense") from exc
    return found if isinstance(found, dict) else {}


def _formula(rule: dict[str, Any]) -> str:
    """Return the formula of a conditional format, or what else it compares with."""
    condition = rule.get("booleanRule", {}).get("condition", {})
    return next((str(it.get("userEnteredValue", "")) for it in condition.get("values", [])), "")


def _cell(value: Any) -> CellValue:
    return value if isinstance(value, str | int | float | bool) else ""
