"""Who edited what: the reports of the add-on, kept until the mirror has handled them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kartoteka.domain.change import Actor
from kartoteka.domain.errors import Malformed
from kartoteka.domain.office import Settings
from kartoteka.ports import CellValue, Doc, Json, Order, Query, Store, Where
from kartoteka.services import people
from sync.cells import normal

COLLECTION = "sheet_edits"
_MOST = 400  # reports a flush; they leave in one transaction with its memory


@dataclass(frozen=True, slots=True)
class Report:
    """One edit as the add-on told it.

    Attributes:
        id: of the stored report.
        at: instant, as text that sorts by time.
        user: address of the person, empty when Google does not say who it was.
        sheet_id: the tab.
        ids: records in the edited rows.
        columns: first and last column, counted from 1.
        value: the new text, only of a single cell that was not emptied.
        rows: first and last row, counted from 1, if known.
        old: the text before, only of a single cell that was not empty.
        headers: names above those columns at that moment, if told: a column may be dragged later.
    """

    id: str
    at: str
    user: str
    sheet_id: int
    ids: tuple[str, ...]
    columns: tuple[int, int]
    value: str | None
    rows: tuple[int, int] = (0, 0)
    headers: tuple[str, ...] = ()
    old: str | None = None

    def doc(self, book: str) -> Doc:
        """Return the stored form."""
        return {
            "book": book,
            "at": self.at,
            "user": self.user,
            "sheet_id": self.sheet_id,
            "ids": list(self.ids),
            "columns": list(self.columns),
            "value": self.value,
            "rows": list(self.rows),
            "headers": list(self.headers),
            "old_value": self.old,
        }


def read_report(report_id: str, doc: Doc) -> Report:
    """Return the report behind a document, ours or the add-on's.

    Raises:
        Malformed: a field has the wrong shape; names it.
    """
    first, last = _pair(doc.get("columns"), "columns")
    rows, headers = doc.get("rows"), doc.get("headers")
    value, old = doc.get("value"), doc.get("old_value")
    return Report(
        id=report_id,
        at=str(doc.get("at", "")),
        user=str(doc.get("user") or "").strip().lower(),
        sheet_id=_whole(doc.get("sheet_id"), "sheet_id"),
        ids=tuple(str(item) for item in _list(doc.get("ids"), "ids")),
        columns=(first, last),
        value=value if isinstance(value, str) else None,
        rows=(0, 0) if rows is None else _pair(rows, "rows"),
        headers=() if headers is None else tuple(map(str, _list(headers, "headers"))),
        old=old if isinstance(old, str) else None,
    )


def _whole(value: Json, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(f"{name} must be a whole number")
    return value


def _list(value: Json, name: str) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Malformed(f"{name} must be a list")
    return value


def _pair(value: Json, name: str) -> tuple[int, int]:
    numbers = [_whole(item, name) for item in _list(value, name)]
    if len(numbers) != 2:  # noqa: PLR2004 - a pair
        raise Malformed(f"{name} must be [first, last]")
    return numbers[0], numbers[1]


def waiting(store: Store, book: str) -> list[Report]:
    """Return the reports on a book that no flush has handled yet, oldest first."""
    query = Query(COLLECTION, (Where("book", "==", book),), (Order("at"),), limit=_MOST)
    return [read_report(found.id, found.doc) for found in store.query(query)]


def waited_for(store: Store) -> set[str]:
    """Return the books on which reports wait."""
    found = store.query(Query(COLLECTION, limit=_MOST))
    return {str(hit.doc.get("book", "")) for hit in found}


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the author of one cell."""

    user: str
    value: str | None

    def says(self, cell: CellValue) -> bool:
        """Return whether a cell holds what was told; a number is told with all its digits."""
        return self.value is not None and normal(cell) in {self.value, exactly(self.value)}


def exactly(value: str) -> str:
    """Return a number as a cell with it is compared; any other text as it is."""
    try:
        return normal(float(value))
    except ValueError:
        return value


Columns = Callable[[tuple[int, int], Sequence[str]], Iterable[str]]


def by_cell(
    reports: Iterable[Report], sheet_id: int, columns: Columns
) -> dict[tuple[str, str], Told]:
    """Return who last edited each cell (record, column) of a tab; oldest report first."""
    told: dict[tuple[str, str], Told] = {}
    for report in reports:
        if report.sheet_id == sheet_id:
            for key in columns(report.columns, report.headers):
                for record in filter(None, report.ids):
                    told[record, key] = Told(report.user, report.value)
    return told


def in_new_rows(
    reports: Iterable[Report], sheet_id: int, columns: Columns
) -> list[tuple[str, Told]]:
    """Return what was typed into single cells of rows without a record: columns and values.

    What the same cell held a moment before, typed over since, is left out.
    """
    told: list[tuple[Report, Told]] = []
    for report in reports:
        if report.sheet_id == sheet_id and not any(report.ids):
            place = (report.rows, report.columns)
            told = [
                it for it in told
                if (it[0].rows, it[0].columns) != place or it[0].value != report.old
            ]  # fmt: skip
            told.append((report, Told(report.user, report.value)))
    return [
        (key, said)
        for report, said in told
        for key in columns(report.columns, report.headers)
        if said.value is not None and min(report.rows) > 1
    ]


def author_of_row(reports: Iterable[Report], sheet_id: int, number: int) -> str:
    """Return the address of who last edited this row, counted from 1; empty when nobody says."""
    found = (
        report.user
        for report in reports
        if report.sheet_id == sheet_id and report.rows[0] <= number <= report.rows[1]
    )
    return next(iter(list(found)[::-1]), "")


def actor_of(user: str, settings: Settings) -> Actor | None:
    """Return the person as an actor; None when nobody active here has this address."""
    person = settings.by_email(user)
    if person is None:
        return None
    return people.actor(person, settings)
