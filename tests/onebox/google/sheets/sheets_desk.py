"""A stand-in of Sheets for tests: raw calls and the real gspread, without a network."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import gspread
import requests
from gspread.http_client import HTTPClient
from tests.onebox.google.discovery_check import problems

from onebox.google.errors import GoogleError
from onebox.google.sheets.routes import _routes, handle
from onebox.google.sheets.service import SheetsService
from onebox.google.storage import Vault

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANNA, BORIS = "anna@office.ru", "boris@office.ru"


class Desk:
    """One vault with a service; every answer and body is checked against the discovery document."""

    def __init__(self, path: Path, **doors: Callable[..., Any]) -> None:
        self.path = path
        self.changes: list[str] = []
        self.now = NOON
        self.doors = doors
        self.open()

    def open(self) -> None:
        """Start the service afresh over the same file, as after a restart."""
        self.vault = Vault(self.path)
        self.service = SheetsService(
            self.vault, lambda: self.now, self.changes.append, **self.doors
        )

    def call(
        self,
        verb: str,
        path: str,
        query: list[tuple[str, str]] | None = None,
        body: dict[str, Any] | None = None,
        *,
        user: str = ANNA,
    ) -> dict[str, Any]:
        """Call a path below /v4/spreadsheets and check what went in and out."""
        full = f"/v4/spreadsheets{path}"
        route = next(one for one in _routes() if one.verb == verb and one.pattern.fullmatch(full))
        answer = handle(
            self.service,
            verb,
            full,
            query or [],
            body=json.loads(json.dumps(body or {})),
            user=user,
        )
        wire: dict[str, Any] = json.loads(json.dumps(answer))
        assert problems(wire, route.answers) == []
        if body:
            assert problems(body, route.takes) == []
        return wire

    def service_call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post a body that need not be what the discovery document says."""
        full = f"/v4/spreadsheets{path}"
        return handle(self.service, "POST", full, [], body=body, user=ANNA)

    def refusal(self, *args: Any, **kwargs: Any) -> GoogleError:
        """Return the error of a call that must fail."""
        try:
            answer = self.call(*args, **kwargs)
        except GoogleError as error:
            return error
        raise AssertionError(f"not refused: {answer}")


class Workbook:
    """One spreadsheet on a desk."""

    def __init__(self, desk: Desk, **properties: Any) -> None:
        self.desk = desk
        made = desk.call("POST", "", body={"properties": {"title": "Книга", **properties}})
        self.id = made["spreadsheetId"]

    def put(self, range_name: str, values: list[list[Any]], option: str = "RAW") -> dict[str, Any]:
        path = f"/{self.id}/values/{quote(range_name, safe='')}"
        return self.desk.call("PUT", path, [("valueInputOption", option)], {"values": values})

    def get(
        self, range_name: str, render: str = "UNFORMATTED_VALUE", **more: str
    ) -> list[list[Any]]:
        answer = self.value_range(range_name, render, **more)
        return answer.get("values", [])

    def value_range(
        self, range_name: str, render: str = "UNFORMATTED_VALUE", **more: str
    ) -> dict[str, Any]:
        path = f"/{self.id}/values/{quote(range_name, safe='')}"
        return self.desk.call("GET", path, [("valueRenderOption", render), *more.items()])

    def append(
        self, range_name: str, values: list[list[Any]], insert: str = "OVERWRITE"
    ) -> dict[str, Any]:
        path = f"/{self.id}/values/{quote(range_name, safe='')}:append"
        query = [("valueInputOption", "RAW"), ("insertDataOption", insert)]
        return self.desk.call("POST", path, query, {"values": values})

    def batch(self, *sent: dict[str, Any], user: str = ANNA) -> list[dict[str, Any]]:
        body = {"requests": list(sent)}
        answer = self.desk.call("POST", f"/{self.id}:batchUpdate", body=body, user=user)
        replies: list[dict[str, Any]] = answer["replies"]
        assert len(replies) == len(sent)
        return replies

    def refused(self, *sent: dict[str, Any], user: str = ANNA) -> str:
        body = {"requests": list(sent)}
        error = self.desk.refusal("POST", f"/{self.id}:batchUpdate", body=body, user=user)
        return error.message

    def resource(self, fields: str = "", **query: str) -> dict[str, Any]:
        pairs = [*query.items(), *([("fields", fields)] if fields else [])]
        return self.desk.call("GET", f"/{self.id}", pairs)

    def sheet(self, number: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.resource()["sheets"][number]
        return found

    def cell(self, range_name: str) -> dict[str, Any]:
        data = self.resource("sheets.data.rowData.values", ranges=range_name)
        rows = data["sheets"][0]["data"][0].get("rowData", [{}])
        values = rows[0].get("values", [{}])
        found: dict[str, Any] = values[0]
        return found


class _Answer(requests.Response):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__()
        self.status_code = status
        self._content = json.dumps(body).encode()
        self.headers["Content-Type"] = "application/json; charset=UTF-8"


def gspread_client(desk: Desk, user: str = ANNA) -> gspread.Client:
    """Return a real gspread client whose requests end at the desk."""

    class InProcess(HTTPClient):
        def request(self, method: str, endpoint: str, **sent: Any) -> requests.Response:
            prepared = requests.Request(
                method.upper(), endpoint, params=sent.get("params"), json=sent.get("json")
            ).prepare()
            address = urlsplit(prepared.url)
            body = json.loads(prepared.body) if prepared.body else {}
            query = parse_qsl(address.query, keep_blank_values=True)
            try:
                answer = handle(
                    desk.service, prepared.method, address.path, query, body=body, user=user
                )
            except GoogleError as error:
                raise gspread.exceptions.APIError(_Answer(error.status, error.body())) from error
            return _Answer(200, answer)

    return gspread.Client(auth=None, session=requests.Session(), http_client=InProcess)
