"""A change in the making: the next version of a workbook, who makes it and when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from onebox.google.errors import GoogleError, invalid
from onebox.google.sheets.a1 import WHOLE, Box, box_of
from onebox.google.sheets.book import Book
from onebox.google.sheets.calc import Calculator
from onebox.google.sheets.locales import Locale, locale_of
from onebox.google.sheets.sheet import Sheet

_PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


@dataclass
class Draft:
    """The version being made.

    Attributes:
        book: a fork that only this change sees.
        user: e-mail of who changes.
        now: moment of the change.
        editors: e-mails of all who may edit the file, for a protection that names nobody.
    """

    book: Book
    user: str
    now: datetime
    editors: tuple[str, ...] = ()

    @property
    def locale(self) -> Locale:
        return locale_of(self.book.locale)

    @property
    def owns(self) -> bool:
        """Whether the user owns the file and so may edit everything."""
        return same_person(self.user, str(self.book.meta.get("owner", "")))

    def look(self) -> Calculator:
        """Return a calculator over the draft as it is now."""
        self.book.memo = {}
        return Calculator(self.book, self.now)

    def check(self, sheet: Sheet, box: Box) -> None:
        """Refuse a change of protected cells by somebody who may not edit them.

        Raises:
            GoogleError: INVALID_ARGUMENT.
        """
        if not self.owns and not may_edit(self.book, sheet, box, self.user):
            raise invalid(_PROTECTED)

    def check_sheet(self, sheet: Sheet) -> None:
        """Refuse a change of a sheet as a whole that is protected as a whole from the user."""
        whole = [
            item
            for item in sheet.items("protectedRanges")
            if protection_area(self.book, sheet, item) == WHOLE
        ]
        if not self.owns and not all(_is_editor(item, self.user) for item in whole):
            raise invalid(_PROTECTED)

    def check_protection(self, item: dict[str, Any]) -> None:
        """Refuse a change of a protection itself by somebody outside it."""
        if not self.owns and not _is_editor(item, self.user):
            raise invalid(_PROTECTED)


# What applies one request of a batch: its reply, or None when none is due.
Handler: TypeAlias = Callable[[Draft, dict[str, Any]], dict[str, Any] | None]


def same_person(one: str, two: str) -> bool:
    """Tell whether two e-mails are of one account."""
    return one.casefold() == two.casefold()


def _is_editor(item: dict[str, Any], user: str) -> bool:
    if item.get("warningOnly"):
        return True
    return any(same_person(user, one) for one in item.get("editors", {}).get("users", []))


def protection_area(book: Book, sheet: Sheet, item: dict[str, Any]) -> Box:
    """Return the cells of a ProtectedRange, given by range, by named range or by table."""
    if item.get("namedRangeId"):
        for named in book.named_ranges:
            if named["namedRangeId"] == item["namedRangeId"]:
                return box_of(named.get("range", {}))
    if item.get("tableId"):
        for table in sheet.items("tables"):
            if table["tableId"] == item["tableId"]:
                return box_of(table.get("range", {}))
    return box_of(item.get("range", {}))


def may_edit(book: Book, sheet: Sheet, box: Box, user: str) -> bool:
    """Tell whether protections let somebody who does not own the file edit these cells."""
    for item in sheet.items("protectedRanges"):
        if _is_editor(item, user) or not protection_area(book, sheet, item).meets(box):
            continue
        holes = [box_of(hole) for hole in item.get("unprotectedRanges", [])]
        if not any(hole.covers(box) for hole in holes):
            return False
    return True


@contextmanager
def named(place: str) -> Iterator[None]:
    """Put the place into the refusal of a request: `Invalid data[0]: …`."""
    try:
        yield
    except GoogleError as error:
        if error.reason != "INVALID_ARGUMENT" or error.message.startswith("Invalid JSON"):
            raise
        raise invalid(f"Invalid {place}: {error.message}", error.details) from error
