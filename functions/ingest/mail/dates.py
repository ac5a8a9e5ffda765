"""The moment that a letter names, in whatever form a program writes it.

Source: RFC 5322 sections 3.3 and 4.3, ISO 8601, and what programs make of them: Russian names of
months, offsets with a colon or behind GMT, twelve hours, dates of figures.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 200
_YEARS = range(1990, 2100)
_FURTHEST = 14  # hours between a zone and Greenwich
_MONTHS = (
    *(("янв", "Jan"), ("фев", "Feb"), ("мар", "Mar"), ("апр", "Apr"), ("ма[йя]", "May")),
    *(("июн", "Jun"), ("июл", "Jul"), ("авг", "Aug"), ("сен", "Sep"), ("окт", "Oct")),
    *(("ноя", "Nov"), ("дек", "Dec")),
)
_MONTH = re.compile("|".join(f"({word})[а-яё]*\\.?" for word, _ in _MONTHS), re.IGNORECASE)
_WEEKDAY = re.compile(r"^\s*(?:date:\s*)?[а-яё]{2,11}\.?,?\s+(?=\d)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,200}\)?")
_OFFSET = re.compile(r"(?:\b(?:GMT|UTC?)\s?)?([+-])(\d{1,2}):?(\d{2})?\s*$")
_ZONES = re.compile(r"\b(MSK|MSD|EET|EEST|CET|CEST)\b")
_HOURS = {"MSK": "+0300", "MSD": "+0400", "EET": "+0200", "EEST": "+0300"} | {
    "CET": "+0100",
    "CEST": "+0200",
}
_HALF_DAY = re.compile(r"\b(\d{1,2})(:\d{2}(?::\d{2})?)\s*([ap])\.?m\b\.?", re.IGNORECASE)
_LEAP = re.compile(r"(:\d{2}):60\b")
_FIGURES = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([+-]\d{4}))?"
)


def moment(said: str) -> datetime | None:
    """Return the instant in UTC, None when the text names none; without a zone it is UTC."""
    text = _plain(said[:_LONGEST])
    for read in (_of_mail, datetime.fromisoformat, _of_figures):
        found = _tried(read, text)
        if found is not None:
            return found
    return None


def _plain(said: str) -> str:
    """Return the text as RFC 5322 would have it."""
    text = _COMMENT.sub(" ", said).strip(" \t\"'")
    text = _WEEKDAY.sub("", text.removeprefix("Date:"))
    text = _MONTH.sub(_month, text).replace(" г.", "")
    text = _HALF_DAY.sub(_hour, _LEAP.sub(r"\1:59", text))
    text = _ZONES.sub(lambda match: _HOURS[match[1]], text)
    text = _OFFSET.sub(_offset, text) if ":" in text else text
    return " ".join(text.split())


def _tried(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        found = read(text)
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        moved = aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moved if moved.year in _YEARS else None


def _of_mail(text: str) -> datetime:
    return parsedate_to_datetime(text)


def _of_figures(text: str) -> datetime:
    """Return the moment of day, month and year with dots between them.

    Raises:
        ValueError: these are no such figures.
    """
    match = _FIGURES.match(text)
    if match is None:
        raise ValueError
    day, month, year, hour, minute, second = (int(match[number] or 0) for number in range(1, 7))
    at = datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)
    return datetime.strptime(f"{at.isoformat()}{match[7] or '+0000'}", "%Y-%m-%dT%H:%M:%S%z")


def _month(match: re.Match[str]) -> str:
    return _MONTHS[(match.lastindex or 1) - 1][1]


def _hour(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[3] in "pP" else 0)
    return f"{hour:02}{match[2]}"


def _offset(match: re.Match[str]) -> str:
    """Return an offset as four figures; a year behind a hyphen is none."""
    if match[3] is None and len(match[2]) > 1 and int(match[2]) > _FURTHEST:
        return match[0]
    return f" {match[1]}{int(match[2]):02}{match[3] or '00'}"
