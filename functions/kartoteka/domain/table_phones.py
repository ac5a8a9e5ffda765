"""Telephone numbers and addresses in one cell, however many and however separated."""

import re
from collections.abc import Callable

from kartoteka.domain import identity

_SEVERAL = re.compile(r"\s*(?::::|[;\n\r|]|\s/\s)\s*")
_COMMAS = re.compile(r"\s*,\s*")
_SPACES = re.compile(r"\s+")
_WHOSE = re.compile(r"\([^()\d]*\)")  # (моб.), (Анна)
_EXTENSION = re.compile(r"[\s,;]*(?:доб|вн|внутр|ext)\w*[.=:]*\s*\d{1,6}\s*$", re.IGNORECASE)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_RUSSIAN = re.compile(r"(?:\+7|7|8) ?(?:\((9\d\d)\)|(9\d\d))[ -]?(\d{3})[ -]?(\d\d)[ -]?(\d\d)")


def phone(text: str, region: str) -> str | None:
    """Return the number in E.164, None for no number: what `identity.phone` returns.

    The usual spellings of a Russian mobile number are read directly: 9xx xxx-xx-xx behind +7, 7
    or 8 is always possible and never has a prefix of its own (a property test compares the two).
    """
    usual = _RUSSIAN.fullmatch(text) if region == "RU" else None
    if usual is None or not text.isascii():
        return identity.phone(text, region)
    return "+7" + "".join(part for part in usual.groups() if part)


def phones(cell: str, region: str) -> tuple[tuple[str, ...], str]:
    """Return the numbers of a cell, and the first piece that is none, empty when all are.

    Extensions and words in brackets behind a number are dropped: nobody is found by them.
    """

    def read(text: str) -> str | None:
        return phone(text, region) or phone(_EXTENSION.sub("", _WHOSE.sub("", text)), region)

    pieces = _SEVERAL.split(_EXTENSION.sub("", cell))
    return _all(pieces, (_COMMAS,), read)


def emails(cell: str) -> tuple[tuple[str, ...], str]:
    """Return the addresses of a cell, and the first piece that is none, empty when all are."""
    return _all(_SEVERAL.split(cell), (_COMMAS, _SPACES), identity.email)


def is_rounded(text: str) -> bool:
    """Return whether a spreadsheet rounded the number: 7,91612E+10."""
    return _ROUNDED.fullmatch(text) is not None


def _all(
    pieces: list[str], marks: tuple[re.Pattern[str], ...], read: Callable[[str], str | None]
) -> tuple[tuple[str, ...], str]:
    """Read each piece as one value; one that is none is split at the first of the marks."""
    found: list[str] = []
    for piece in filter(None, map(str.strip, pieces)):
        value = read(piece)
        parts = marks[0].split(piece) if value is None and marks else []
        if value is None and len(parts) <= 1 and not marks[1:]:
            return (), piece
        more, wrong = ((value,), "") if value else _all(parts, marks[1:], read)
        if wrong:
            return (), wrong
        found.extend(more)
    return tuple(dict.fromkeys(found)), ""
