"""Where in a person's own book a record stands: an address that opens the book at its row."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from kartoteka.domain.errors import KartotekaError
from kartoteka.log import log
from kartoteka.ports import Clock, Doc, Query, Sheets, Store

_BOOKS = "books"
_TEAM = "team"  # the book that everybody sees: a person's own one is better
_PER_MINUTE = 10  # rows looked for; the mirror needs Google's allowance more
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a workbook."""

    workbook: str
    url: str
    title: str


class BookLinks:
    """Makes addresses of rows; a burst of questions gets addresses of books."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._grids: dict[tuple[str, str], int] = {}
        self._asked: list[float] = []

    def address(
        self, sheets: Callable[[], Sheets], email: str, about: tuple[str, str] | None
    ) -> str:
        """Return where the person finds the record (collection, id); empty when they have no book.

        When Google does not answer, or was asked too often, the book opens where it was left.
        """
        tab = self._tab(email, about[0] if about else "")
        if tab is None:
            return ""
        if about is None or not tab.title or not self._may_ask():
            return tab.url
        try:
            return self._at_row(sheets(), tab, about[1])
        except KartotekaError as exc:
            log("warning", event="book_link", outcome=exc.code or type(exc).__name__)
            return tab.url

    def _tab(self, email: str, collection: str) -> Tab | None:
        books = {hit.id: hit.doc for hit in self._store.query(Query(_BOOKS))}
        mine = [key for key, doc in books.items() if email in _map(doc.get("shared"))]
        for key in sorted(mine, key=lambda name: (name == _TEAM, name)):
            doc = books[key]
            workbook, url = str(doc.get("spreadsheet_id", "")), str(doc.get("url", ""))
            title = str(_map(doc.get("tabs")).get(collection, ""))
            if workbook and url and (title or not collection):
                return Tab(workbook, url, title)
        return None

    def _at_row(self, sheets: Sheets, tab: Tab, record: str) -> str:
        grid = self._grid(sheets, tab)
        if grid is None:
            return tab.url
        name = tab.title.replace("'", "''")
        [rows] = sheets.read(tab.workbook, [f"'{name}'!A:A"])
        found = (number for number, row in enumerate(rows, 1) if row and row[0] == record)
        number = next(found, None)
        place = f"&range=A{number}" if number is not None else ""
        return f"{tab.url}#gid={grid}{place}"

    def _grid(self, sheets: Sheets, tab: Tab) -> int | None:
        key = (tab.workbook, tab.title)
        if key not in self._grids:
            found = sheets.info(tab.workbook).tabs
            self._grids |= {(tab.workbook, title): name for name, (title, _, _) in found.items()}
        return self._grids.get(key)

    def _may_ask(self) -> bool:
        now = self._clock.now().timestamp()
        with self._lock:
            self._asked = [moment for moment in self._asked if now - moment < _MINUTE]
            if len(self._asked) >= _PER_MINUTE:
                return False
            self._asked.append(now)
        return True


def _map(value: object) -> Doc:
    return value if isinstance(value, dict) else {}
