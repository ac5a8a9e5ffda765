"""The team's workbook as a colleague sees it: read through gspread, watched while things happen."""

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gspread
import requests
from google.auth.credentials import AnonymousCredentials
from gspread.http_client import HTTPClient
from gspread.utils import ValueRenderOption

from kartoteka.domain.errors import NotFound
from kartoteka.ports import Store
from onebox.reading import books

_GOOGLE = "https://sheets.googleapis.com"
_LOOK_S = 0.2
# The session says who asks.
_NOBODY = AnonymousCredentials()  # type: ignore[no-untyped-call] # google-auth is half typed
_TIMEOUT_S = 20.0
Grid = list[list[Any]]


class StandInClient(HTTPClient):
    """gspread's own HTTP client, sent to the box; counts its calls."""

    def __init__(self, endpoint: str, email: str) -> None:
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer stand-in:{email}"
        super().__init__(_NOBODY, session=session)
        self._endpoint = endpoint
        self.calls = 0
        self.set_timeout(_TIMEOUT_S)

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        self.calls += 1
        return super().request(method, endpoint.replace(_GOOGLE, self._endpoint), *args, **kwargs)


@dataclass(frozen=True)
class Place:
    """A cell, from 1, as people count."""

    tab: str
    row: int
    column: int


class Book:
    """The workbook, read in turn as each of several colleagues: Google counts reads per person."""

    def __init__(self, base_url: str, workbook: str, readers: Sequence[str]) -> None:
        self.id = workbook
        self.readers = tuple(readers)
        self._base_url = base_url
        self._own: dict[str, Book] = {}
        self._clients = [StandInClient(f"{base_url}/google", email) for email in readers]
        self._turns = itertools.cycle(self._clients)
        self._lock = threading.Lock()

    @property
    def calls(self) -> int:
        """Return how many calls to Google the reading itself has made."""
        own = sum(book.calls for book in self._own.values())
        return own + sum(client.calls for client in self._clients)

    def of(self, store: Store, email: str) -> "Book":
        """Return the book in which this person works: this one, or their own.

        Raises:
            NotFound: no book is theirs.
        """
        if email in self.readers:
            return self
        if email not in self._own:
            rows = (row for row in books(store) if email in row["people"])
            row = next(rows, None)
            if row is None:
                raise NotFound(f"{email} has no book")
            self._own[email] = Book(self._base_url, str(row["spreadsheet_id"]), [email])
        return self._own[email]

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.session.close()
        for book in self._own.values():
            book.close()

    def column(self, tab: str, letter: str) -> list[str]:
        """Return one column of a tab as text, header first."""
        answer = self._client().values_get(
            self.id, f"'{tab}'!{letter}:{letter}", params={"majorDimension": "COLUMNS"}
        )
        return [str(cell) for cell in next(iter(answer.get("values", [])), [])]

    def grid(self, tab: str) -> Grid:
        """Return every cell of a tab, unformatted; dates are serial numbers."""
        params = {"valueRenderOption": ValueRenderOption.unformatted.value}
        found: Grid = (
            self._client().values_get(self.id, f"'{tab}'", params=params).get("values", [])
        )
        return found

    def note(self, place: Place) -> str:
        """Return the note of a cell, empty when there is none."""
        cell = gspread.utils.rowcol_to_a1(place.row, place.column)
        params: dict[str, Any] = {
            "ranges": f"'{place.tab}'!{cell}",
            "fields": "sheets/data/rowData/values/note",
        }
        answer = self._client().fetch_sheet_metadata(self.id, params=params)
        rows = answer["sheets"][0].get("data", [{}])[0].get("rowData", [{}])
        return str((rows[0].get("values") or [{}])[0].get("note", "")) if rows else ""

    def find(self, tab: str, header: str, phone: str) -> Place:
        """Return the cell under a header in the last row that shows this telephone number.

        Raises:
            NotFound: no row shows it, or there is no such header.
        """
        rows = self.grid(tab)
        names = [str(cell).partition("\n")[0] for cell in rows[0]] if rows else []
        for index in range(len(rows), 1, -1):
            row = [str(cell) for cell in rows[index - 1]]
            if any(phone in cell for cell in row) and header in names:
                return Place(tab, index, names.index(header) + 1)
        raise NotFound(f"no row of {tab!r} shows {phone} under {header!r}")

    def _client(self) -> StandInClient:
        with self._lock:
            return next(self._turns)


def open_book(base_url: str, store: Store, readers: Sequence[str], wait_s: float) -> Book:
    """Return the team's workbook once the mirror has made it; without `readers`, for its people.

    Raises:
        NotFound: it was not made in time.
    """
    deadline = time.monotonic() + wait_s
    while True:
        made = [row for row in books(store) if row["spreadsheet_id"] and row["role"] == "team"]
        if made:
            people = [str(email) for email in made[0]["people"]]
            return Book(base_url, str(made[0]["spreadsheet_id"]), readers or people)
        if time.monotonic() > deadline:
            raise NotFound("the team's workbook was not made: see the log in the data folder")
        time.sleep(_LOOK_S)


class Watch:
    """Looks at the record ids in the first column and notes when each was first seen."""

    def __init__(self, book: Book, tab: str, every_s: float = _LOOK_S) -> None:
        self._book = book
        self._every_s = every_s
        self._tab = tab
        self._seen: dict[str, float] = {}
        self._looking = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    def seen(self, record_id: str) -> float | None:
        """Return when the row was first seen, in monotonic seconds."""
        return self._seen.get(record_id)

    def look(self, on: bool) -> None:
        """Begin or cease to look."""
        (self._looking.set if on else self._looking.clear)()

    def end(self) -> None:
        """Stop for good."""
        self._ended.set()
        self._looking.set()
        self._thread.join(_TIMEOUT_S)

    def _look(self) -> None:
        while not self._ended.is_set():
            self._looking.wait()
            try:
                found = self._book.column(self._tab, "A")
            except (requests.RequestException, gspread.exceptions.GSpreadException):
                found = []
            now = time.monotonic()
            for record_id in found[1:]:
                self._seen.setdefault(record_id, now)
            self._ended.wait(self._every_s)
