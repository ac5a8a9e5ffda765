"""The Sheets service: one method for each REST method, in plain dicts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias

from onebox.google.errors import forbidden, invalid, not_found
from onebox.google.sheets import metadata, values
from onebox.google.sheets.a1 import Box
from onebox.google.sheets.batch import apply_requests
from onebox.google.sheets.book import Book, Library, new_book_id
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.copying import copy_book, copy_sheet_to
from onebox.google.sheets.creating import create_sheets
from onebox.google.sheets.draft import Draft
from onebox.google.sheets.exporting import Page, pages
from onebox.google.sheets.headers import follow_headers
from onebox.google.sheets.imports import import_rows, shown_rows
from onebox.google.sheets.reading import Rendering
from onebox.google.sheets.resource import Picture, Wanted, file_properties
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.snapshot import snapshot
from onebox.google.storage import Vault

Json: TypeAlias = dict[str, Any]
Areas: TypeAlias = list[tuple[Sheet, Box]]

_UNTITLED = "Untitled spreadsheet"


class SheetsService:
    """Spreadsheets of all users of the stand-in.

    Bodies and query parameters are taken as `routes` checked them; every answer is JSON that the
    discovery document describes. A change is on disk when its method returns.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Callable[[], datetime],
        on_change: Callable[[str], None],
        *,
        can: Callable[[str, str, str], bool] = lambda _user, _id, _role: True,
        created: Callable[[str, str, str], None] = lambda _id, _title, _user: None,
        renamed: Callable[[str, str], None] = lambda _id, _title: None,
        editors: Callable[[str], list[str]] = lambda _id: [],
    ) -> None:
        """Connect the service to its surroundings.

        Args:
            vault: keeps the workbooks.
            clock: aware moment now.
            on_change: called with the id after each change, inside its transaction.
            can: (user, spreadsheet id, "reader" or "writer") → may they; Drive owns the answer.
            created: called with (id, title, user) when a spreadsheet is made through this API.
            renamed: called with (id, title) when a spreadsheet gets another title here.
            editors: e-mails of all who may edit a file, for protections that name nobody.
        """
        self.vault = vault
        self.clock = clock
        self.library = Library(vault)
        self._on_change, self._can = on_change, can
        self._created, self._renamed, self._editors = created, renamed, editors

    # What Drive asks for.

    def create_empty(self, spreadsheet_id: str, title: str, user: str) -> None:
        """Make a spreadsheet of one empty sheet for a file that Drive registered."""
        self._make(spreadsheet_id, user, {"properties": {"title": title}})

    def copy(self, source_id: str, spreadsheet_id: str, title: str, user: str = "") -> None:
        """Make a spreadsheet with everything of another one; sheet ids stay."""
        with self.vault.transaction():
            self.library.save(copy_book(self.library.get(source_id), spreadsheet_id, title, user))

    def retitle(self, spreadsheet_id: str, title: str) -> None:
        """Change the title, as Drive's rename does."""
        with self.library.change(spreadsheet_id) as book:
            book.properties["title"] = title

    def shown_rows(self, spreadsheet_id: str) -> list[list[str]]:
        """Return the first sheet as it is shown, for Drive's export."""
        return shown_rows(Calculator(self.library.get(spreadsheet_id), self.clock()))

    def pages(self, spreadsheet_id: str) -> list[Page]:
        """Return every grid with its values, for Drive's export of the whole workbook."""
        return pages(Calculator(self.library.get(spreadsheet_id), self.clock()))

    def import_rows(self, spreadsheet_id: str, title: str, rows: list[list[str]]) -> None:
        """Replace all sheets by one of these rows, as Drive's import of a CSV does."""
        with self.vault.transaction():
            with self.library.change(spreadsheet_id) as book:
                import_rows(Draft(book, str(book.meta["owner"]), self.clock()), title, rows)
            self._on_change(spreadsheet_id)

    def remove(self, spreadsheet_id: str) -> None:
        """Forget a spreadsheet for good."""
        self.library.remove(spreadsheet_id)

    # spreadsheets.*

    def create(self, user: str, body: Json) -> Json:
        """spreadsheets.create."""
        book_id = new_book_id()
        with self.vault.transaction():
            book = self._make(book_id, user, body)
            self._created(book_id, str(book.properties["title"]), user)
        return self._draw(book, user)

    def _make(self, book_id: str, user: str, body: Json) -> Book:
        asked = body.get("properties", {})
        properties = file_properties(asked.get("title") or _UNTITLED, asked)
        meta: Json = {"properties": properties, "owner": user, "version": 1}
        book = Book(book_id, meta, [])
        draft = Draft(book, user, self.clock())
        create_sheets(draft, body)
        book.number_sheets()
        book.check_size()
        with self.vault.transaction():
            self.library.save(book)
        return book

    def get(
        self,
        user: str,
        spreadsheet_id: str,
        *,
        ranges: list[str] | None = None,
        wanted: Wanted | None = None,
    ) -> Json:
        """spreadsheets.get."""
        book = self.readable(user, spreadsheet_id)
        areas = [book.find(text) for text in ranges] if ranges else None
        return self._draw(book, user, areas, wanted)

    def get_by_data_filter(
        self, user: str, spreadsheet_id: str, body: Json, wanted: Wanted | None = None
    ) -> Json:
        """spreadsheets.getByDataFilter."""
        book = self.readable(user, spreadsheet_id)
        filters = body.get("dataFilters", [])
        areas = [area for one in filters for area in metadata.areas(book, one)]
        return self._draw(book, user, areas if filters else None, wanted)

    def _draw(
        self, book: Book, user: str, areas: Areas | None = None, wanted: Wanted | None = None
    ) -> Json:
        picture = Picture(Calculator(book, self.clock()), user, wanted or Wanted())
        return picture.spreadsheet(areas)

    def batch_update(
        self, user: str, spreadsheet_id: str, body: Json, wanted: Wanted | None = None
    ) -> Json:
        """spreadsheets.batchUpdate: all requests or none."""
        requests = body.get("requests", [])
        if not requests:
            raise invalid("Must specify at least one request.")
        with self.changing(user, spreadsheet_id) as draft:
            title = draft.book.properties["title"]
            replies = apply_requests(draft, requests)
            if draft.book.properties["title"] != title:
                self._renamed(spreadsheet_id, str(draft.book.properties["title"]))
        answer: Json = {"spreadsheetId": spreadsheet_id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            areas = [draft.book.find(text) for text in body.get("responseRanges", [])] or None
            answer["updatedSpreadsheet"] = self._draw(draft.book, user, areas, wanted)
        return answer

    def copy_to(self, user: str, spreadsheet_id: str, sheet_id: int, body: Json) -> Json:
        """spreadsheets.sheets.copyTo."""
        source = self.readable(user, spreadsheet_id)
        target = body.get("destinationSpreadsheetId", "")
        with self.changing(user, target) as draft:
            sheet = copy_sheet_to(source, source.sheet(sheet_id, "sheet"), draft.book)
            draft.book.check_size()
        return sheet.properties

    def metadata_get(self, user: str, spreadsheet_id: str, metadata_id: int) -> Json:
        """spreadsheets.developerMetadata.get."""
        for item, _ in metadata.all_metadata(self.readable(user, spreadsheet_id)):
            if item["metadataId"] == metadata_id:
                return item
        raise not_found(f"No developer metadata with id: {metadata_id}")

    def metadata_search(self, user: str, spreadsheet_id: str, body: Json) -> Json:
        """spreadsheets.developerMetadata.search."""
        book = self.readable(user, spreadsheet_id)
        matched = []
        for item in metadata.matching(book, body.get("dataFilters", [])):
            filters = [one for one in body["dataFilters"] if item in metadata.matching(book, [one])]
            matched.append({"developerMetadata": item, "dataFilters": filters})
        return {"matchedDeveloperMetadata": matched} if matched else {}

    # spreadsheets.values.*

    def values_get(self, user: str, spreadsheet_id: str, text: str, query: Json) -> Json:
        """spreadsheets.values.get."""
        return values.get(self._looking(user, spreadsheet_id), text, Rendering.of(query))

    def values_batch_get(self, user: str, spreadsheet_id: str, query: Json) -> Json:
        """spreadsheets.values.batchGet."""
        looking = self._looking(user, spreadsheet_id)
        return values.batch_get(looking, query.get("ranges", []), Rendering.of(query))

    def values_batch_get_by_data_filter(self, user: str, spreadsheet_id: str, body: Json) -> Json:
        """spreadsheets.values.batchGetByDataFilter."""
        looking = self._looking(user, spreadsheet_id)
        filters = body.get("dataFilters", [])
        areas = _areas(looking.book)
        return values.get_by_filters(looking, filters, areas, Rendering.of(body))

    def values_update(
        self, user: str, spreadsheet_id: str, text: str, *, query: Json, body: Json
    ) -> Json:
        """spreadsheets.values.update."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.update(draft, text, query, body)

    def values_append(
        self, user: str, spreadsheet_id: str, text: str, *, query: Json, body: Json
    ) -> Json:
        """spreadsheets.values.append."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.append(draft, text, query, body)

    def values_clear(self, user: str, spreadsheet_id: str, text: str) -> Json:
        """spreadsheets.values.clear."""
        with self.changing(user, spreadsheet_id) as draft:
            return {"spreadsheetId": spreadsheet_id, "clearedRange": values.clear(draft, text)}

    def values_batch_update(self, user: str, spreadsheet_id: str, body: Json) -> Json:
        """spreadsheets.values.batchUpdate."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.batch_update(draft, body)

    def values_batch_update_by_data_filter(
        self, user: str, spreadsheet_id: str, body: Json
    ) -> Json:
        """spreadsheets.values.batchUpdateByDataFilter."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.update_by_filters(draft, body, _areas(draft.book))

    def values_batch_clear(self, user: str, spreadsheet_id: str, body: Json) -> Json:
        """spreadsheets.values.batchClear."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.batch_clear(draft, body.get("ranges", []))

    def values_batch_clear_by_data_filter(self, user: str, spreadsheet_id: str, body: Json) -> Json:
        """spreadsheets.values.batchClearByDataFilter."""
        with self.changing(user, spreadsheet_id) as draft:
            return values.clear_by_filters(draft, body.get("dataFilters", []), _areas(draft.book))

    # Access and change.

    def snapshot(self, spreadsheet_id: str, user: str = "", sheet_id: int | None = None) -> Json:
        """Return the current version as a page draws it; see `snapshot.snapshot`."""
        looking = Calculator(self.library.get(spreadsheet_id), self.clock())
        return snapshot(looking, user, sheet_id)

    def version(self, spreadsheet_id: str) -> int:
        """Return the number of the current version; it grows with each change."""
        return self.library.get(spreadsheet_id).version

    def readable(self, user: str, spreadsheet_id: str) -> Book:
        """Return the current version of a spreadsheet that the user may read.

        Raises:
            GoogleError: NOT_FOUND when there is none, PERMISSION_DENIED when it is not theirs.
        """
        book = self.library.get(spreadsheet_id)
        if not self._can(user, spreadsheet_id, "reader"):
            raise forbidden()
        return book

    @contextmanager
    def changing(self, user: str, spreadsheet_id: str) -> Iterator[Draft]:
        """Give a draft to a user who may write; afterwards it is saved and announced."""
        with self.vault.transaction():
            self.readable(user, spreadsheet_id)
            if not self._can(user, spreadsheet_id, "writer"):
                raise forbidden()
            with self.library.change(spreadsheet_id) as book:
                draft = Draft(book, user, self.clock(), tuple(self._editors(spreadsheet_id)))
                yield draft
                follow_headers(draft)
            self._on_change(spreadsheet_id)

    def _looking(self, user: str, spreadsheet_id: str) -> Calculator:
        return Calculator(self.readable(user, spreadsheet_id), self.clock())


def _areas(book: Book) -> values.Areas:
    return lambda one: metadata.areas(book, one)
