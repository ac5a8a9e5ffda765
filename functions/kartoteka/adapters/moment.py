"""A store as it was at one moment, read whole, whichever store it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kartoteka.ports import Doc

CHECKPOINTS = "checkpoints"
RESTORATION = "restorations"  # there while a restoring goes on; no part of the office
_DIGITS = 20


def numbered(number: int) -> str:
    """Return the position of the entry with this number in a log, counted from 1."""
    return f"{number:0{_DIGITS}}"


@dataclass(frozen=True, slots=True)
class Kept:
    """One record; `position` is the 20-digit number of a log entry, None outside logs."""

    id: str
    doc: Doc
    position: str | None = None


class Moment(Protocol):
    """Every record of a store at one moment."""

    @property
    def kind(self) -> str:
        """Return which store it is: sqlite, firestore."""

    def collections(self) -> list[str]:
        """Return the names of all collections and logs there are, sorted."""

    def records(self, collection: str) -> Iterator[Kept]:
        """Stream the records by id, the entries of a log in the order of their commits."""
