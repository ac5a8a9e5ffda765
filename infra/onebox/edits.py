"""Edits by hand: what a person types into the stand-in's spreadsheet, and the trigger after it."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kartoteka.domain.errors import Invalid, NotFound
from kartoteka.log import log
from onebox.google.app import Google
from onebox.google.errors import GoogleError
from onebox.google.sheets.sheet import Sheet
from onebox.google.sheets.ui import EditRefused, Hands
from onebox.internal import Internal

_TRIGGER = "/sync/edits"
_LONGEST_S = 60.0  # that a trigger is waited for


class Edit(BaseModel):
    """One cell typed by a person; the tab is named by its title or by its sheet id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workbook: str
    tab: str | None = None
    sheet_id: int | None = None
    row: int = Field(ge=1, description="1-based, the header is row 1")
    column: int = Field(ge=1, description="1-based, hidden columns count")
    value: str
    user: str = Field(description="e-mail of the person")

    @classmethod
    def read(cls, body: object) -> "Edit":
        """Return the edit that a request asks for; `Invalid` names what is wrong."""
        try:
            edit = cls.model_validate(body)
        except ValidationError as exc:
            first = exc.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the body"
            raise Invalid(
                f"{place}: {first['msg']}; send workbook, tab or sheet_id, row, column, value, user"
            ) from exc
        if (edit.tab is None) == (edit.sheet_id is None):
            raise Invalid("name the tab either by `tab` (its title) or by `sheet_id`")
        return edit


class Editor:
    """Types as a person would, then calls the add-on's hook as Google calls its trigger."""

    def __init__(self, google: Google, internal: Internal, now: Callable[[], datetime]) -> None:
        self._google = google
        self._hands = Hands(google.sheets)
        self._internal = internal
        self._now = now
        self._called: list[threading.Thread] = []
        self._guard = threading.Lock()

    def type(self, edit: Edit) -> dict[str, object]:
        """Put a value into a cell and return the event; the trigger follows in the background.

        Raises:
            Invalid: the cell refuses the value or is protected. NotFound: no such workbook or tab.
        """
        sheet = self._sheet(edit)
        try:
            event = self._hands.edit(
                edit.workbook,
                sheet.id,
                edit.row - 1,
                edit.column - 1,
                text=edit.value,
                user=edit.user,
            )
        except EditRefused as exc:
            raise Invalid(str(exc), code="refused") from exc
        hook = self._hook(edit, sheet, event)
        thread = threading.Thread(target=self._trigger, args=(hook,), name="trigger", daemon=True)
        with self._guard:
            self._called = [it for it in self._called if it.is_alive()]
            thread.start()
            self._called.append(thread)
        return {"ok": True, "event": event}

    def settle(self) -> None:
        """Wait until the trigger of every edit so far was called."""
        with self._guard:
            called = [*self._called]
        for thread in called:
            thread.join(_LONGEST_S)

    def _sheet(self, edit: Edit) -> Sheet:
        try:
            sheets = self._google.sheets.readable(edit.user, edit.workbook).sheets
        except GoogleError as exc:
            raise NotFound(
                f"{edit.user} has no workbook {edit.workbook!r}: {exc.message}", code="book_unknown"
            ) from exc
        for sheet in sheets:
            if edit.tab == sheet.title or edit.sheet_id == sheet.id:
                return sheet
        known = ", ".join(f"{sheet.title!r} ({sheet.id})" for sheet in sheets)
        raise NotFound(f"the workbook has no such tab; it has: {known}", code="tab_unknown")

    def _hook(self, edit: Edit, sheet: Sheet, event: dict[str, Any]) -> dict[str, Any]:
        """Return what the add-on would send for this event."""
        return {
            "workbook": edit.workbook,
            "sheet_id": sheet.id,
            "user": edit.user,
            "rows": [edit.row, edit.row],
            "columns": [edit.column, edit.column],
            "ids": [self._record_id(edit, sheet)],
            "headers": [self._cell(edit, sheet, f"R1C{edit.column}")],
            "value": event.get("value"),
            "old_value": event.get("oldValue"),
            "at": self._now().isoformat(),
        }

    def _record_id(self, edit: Edit, sheet: Sheet) -> str:
        """Return what column A of the edited row holds; headings have no record."""
        if edit.row <= sheet.grid.get("frozenRowCount", 0):
            return ""
        return self._cell(edit, sheet, f"A{edit.row}")

    def _cell(self, edit: Edit, sheet: Sheet, place: str) -> str:
        title = sheet.title.replace("'", "''")
        found = self._google.sheets.values_get(edit.user, edit.workbook, f"'{title}'!{place}", {})
        return str(found.get("values", [[""]])[0][0])

    def _trigger(self, hook: dict[str, Any]) -> None:
        """Call the hook; the reconcile pass finds what a failed call leaves."""
        try:
            status = self._internal.post(_TRIGGER, hook).status_code
        except httpx.HTTPError as exc:
            log("warning", event="trigger", error=type(exc).__name__)
        else:
            log("info", event="trigger", status=status, workbook=str(hook["workbook"]))
