"""Cells: how a value looks in a sheet, how two are compared, and the base of a row; D7.

The base of a row is what we last wrote into it: a compact JSON text in its last, hidden column
with one short hash per column, so that nothing is stored twice and no value leaks.
"""

import hashlib
import json
import math
import re
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kartoteka.ports import CellValue

MOST_CHARACTERS = 50_000  # of one cell, in UTF-16 units, as Google counts
_ZERO_DAY = date(1899, 12, 30)
_DAY_MINUTES = 24 * 60
_LAST_DAY = 2_958_466  # the first day of the year 10000
_DIGITS = 6  # of a serial number: a tenth of a second
_DROPPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all controls but \n and \t
_MOST_UNITS = 2  # UTF-16 units of one character
_CUT = "…"
_SHORT = 200  # characters of a text whose hash is remembered
_SHORT_BASE = 1_000  # characters of a base that is remembered; one of forty columns has 900
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def serial(moment: datetime, zone: str) -> float:
    """Return the serial number of an instant in the office's zone, to the minute.

    Source: Sheets counts days since 30 December 1899 and knows no time zone inside a cell.
    """
    local = moment.astimezone(ZoneInfo(zone))
    minutes = local.hour * 60 + local.minute
    return (local.date() - _ZERO_DAY).days + minutes / _DAY_MINUTES


def moment_of(cell: CellValue, zone: str) -> datetime | None:
    """Return the instant behind a serial number in the office's zone, None for anything else."""
    if isinstance(cell, str | bool) or not 0 < cell < _LAST_DAY:
        return None
    local = datetime.combine(_ZERO_DAY, time(), ZoneInfo(zone))
    return local + timedelta(minutes=round(cell * _DAY_MINUTES))


def shown(text: str) -> str:
    """Return the text as a cell can hold it: whole, unless it is over Google's limit.

    Control characters that Google drops or refuses are left out, so that what is read back
    equals what was written.
    """
    if not text.isprintable():
        clean = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
        text = _DROPPED.sub("", clean)
    return _cut(text) if is_cut(text) else text


def is_cut(text: str) -> bool:
    """Return whether a text is too long for a cell."""
    if len(text) * _MOST_UNITS <= MOST_CHARACTERS:
        return False
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 > MOST_CHARACTERS


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - 1)]
    return units.decode("utf-16-le", "ignore") + _CUT


def normal(cell: CellValue) -> str:
    """Return the text by which cells are compared: 5, 5.0 and "5" are the same."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if not math.isfinite(cell):
        return str(cell)
    return f"{cell:.{_DIGITS}f}".rstrip("0").rstrip(".")


def same(one: CellValue, other: CellValue) -> bool:
    """Return whether two cells are compared as equal."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return normal(one) == normal(other)


def digest(cell: CellValue) -> str:
    """Return the short hash of a cell: 48 bits in 8 characters."""
    text = cell if isinstance(cell, str) else normal(cell)
    return _remembered(text) if len(text) <= _SHORT else _hashed(text)


def _hashed(text: str) -> str:
    raw = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).digest()
    return b2a_base64(raw, newline=False).translate(_URL_SAFE).decode()


# A flush meets the cells of the one before: almost all of a book are as they were.
_remembered = lru_cache(maxsize=1 << 15)(_hashed)


@dataclass(frozen=True, slots=True)
class Base:
    """What we last wrote into a row.

    Attributes:
        id: the record it was written for; a base that travelled to another row shows by it.
        hashes: by column key, the digest of the cell we wrote.
        noted: columns that carry a note of ours.
        mark: why a row that is no record's was left alone: copy, unknown or new; else empty.
        turn: token of the row's next action; another one after each, so none is done twice.
    """

    id: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    mark: str = ""
    turn: str = ""

    def encode(self) -> str:
        """Return the text of the hidden cell."""
        content: dict[str, object] = {"id": self.id}
        if self.hashes:
            content["h"] = dict(self.hashes)
        if self.noted:
            content["n"] = list(self.noted)
        if self.mark:
            content["m"] = self.mark
        if self.turn:
            content["t"] = self.turn
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def read_base(cell: CellValue) -> Base | None:
    """Return the base behind a hidden cell, None when it is empty or was damaged by hand."""
    if not isinstance(cell, str) or not cell.startswith("{"):
        return None
    return _known(cell) if len(cell) <= _SHORT_BASE else _understood(cell)


def _understood(cell: str) -> Base | None:
    try:
        content = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    hashes, noted = content.get("h", {}), content.get("n", [])
    if not isinstance(hashes, dict) or not isinstance(noted, list):
        return None
    return Base(
        id=str(content.get("id", "")),
        hashes={str(key): str(value) for key, value in hashes.items()},
        noted=tuple(str(key) for key in noted),
        mark=str(content.get("m", "")),
        turn=str(content.get("t", "")),
    )


# What somebody typed into the hidden column may be as long as a cell: that is read, not kept.
_known = lru_cache(maxsize=1 << 12)(_understood)
