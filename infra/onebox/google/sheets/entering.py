"""Text typed into a cell, as Sheets understands it: formula, number, date, truth or just text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from onebox.google.sheets.cells import Value
from onebox.google.sheets.locales import Locale
from onebox.google.sheets.serials import to_serial

MAX_CHARACTERS = 50_000
_TRUTH = {"true": True, "false": False, "истина": True, "ложь": False}
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?(?:\s*([AaPp])\.?[Mm]\.?)?")
_NAMED = re.compile(r"(?P<day>\d{1,2})[\s-]+(?P<word>[^\W\d_]{3,})\.?(?:[\s,-]+(?P<year>\d{4}))?")
_NAMED_FIRST = re.compile(r"(?P<word>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:,?\s+(?P<year>\d{4}))?")
_URL = re.compile(r"https?://[^\s]+\.[^\s]+")
_NOON, _CENTURY, _PIVOT, _SHORT_YEAR = 12, 100, 30, 2
_SIXTY = 60
_EXACT = 1e15


@dataclass(frozen=True)
class Entered:
    """What came of a text: a value or a formula, and the number format it suggests."""

    value: Value | None
    formula: str | None = None
    number_format: dict[str, str] | None = None
    link: str | None = None


def enter(text: str, locale: Locale, now: datetime, *, as_text: bool = False) -> Entered:
    """Return what Sheets makes of a text typed into a cell.

    Args:
        text: as typed; an empty text empties the cell.
        locale: of the spreadsheet.
        now: gives the year of a date typed without one.
        as_text: the cell is formatted as text, nothing is recognised.
    """
    if text == "":
        return Entered(None)
    if as_text:
        return Entered(text)
    if text.startswith("'"):
        return Entered(text[1:])
    if text.startswith("=") and len(text) > 1:
        return Entered(None, text)
    trimmed = text.strip()
    readers: tuple[Callable[[str, Locale, datetime], Entered | None], ...]
    readers = (_truth, _number, _moment, _signed_formula, _url)
    for reader in readers:
        found = reader(trimmed, locale, now)
        if found:
            return found
    return Entered(text)


def _truth(text: str, _locale: Locale, _now: datetime) -> Entered | None:
    truth = _TRUTH.get(text.casefold())
    return None if truth is None else Entered(truth)


def _signed_formula(text: str, _locale: Locale, _now: datetime) -> Entered | None:
    """A plus opens a formula even when nothing sensible follows: the fate of phone numbers."""
    return Entered(None, f"={text}") if text.startswith("+") and len(text) > 1 else None


def _url(text: str, _locale: Locale, _now: datetime) -> Entered | None:
    return Entered(text, link=text) if _URL.fullmatch(text) else None


def _number(text: str, locale: Locale, _now: datetime) -> Entered | None:
    bare, style = _strip_units(text, locale)
    digits = _plain_digits(bare, locale)
    if digits is None:
        return None
    number = float(digits)
    if style == "PERCENT":
        number /= _CENTURY
    pattern = _pattern(bare, style, locale)
    return Entered(_simplest(number), number_format=pattern)


def _simplest(number: float) -> Value:
    return int(number) if abs(number) < _EXACT and number == int(number) else number


def _strip_units(text: str, locale: Locale) -> tuple[str, str]:
    if text.endswith("%"):
        return text[:-1].rstrip(), "PERCENT"
    symbols = re.findall(r'"([^"]+)"', locale.currency)
    sign = "-" if text.startswith("-") else ""
    body = text.removeprefix("-").strip()
    for symbol in [*symbols, "р.", "руб."]:
        if body.startswith(symbol):
            return sign + body.removeprefix(symbol).strip(), "CURRENCY"
        if body.endswith(symbol):
            return sign + body.removesuffix(symbol).strip(), "CURRENCY"
    return text, ""


def _plain_digits(text: str, locale: Locale) -> str | None:
    group = "[ \xa0\u202f]" if locale.group.isspace() else re.escape(locale.group)
    whole = rf"(\d{{1,3}}(?:{group}\d{{3}})+|\d*)"
    shape = rf"[+-]?{whole}(?:{re.escape(locale.decimal)}(\d*))?(?:[eE][+-]?\d{{1,3}})?"
    found = re.fullmatch(shape, text, re.ASCII)
    if not found or not (found[1] or found[2]):
        return None
    return re.sub(group, "", text).replace(locale.decimal, ".")


def _pattern(bare: str, style: str, locale: Locale) -> dict[str, str] | None:
    fraction = bare.partition(locale.decimal)[2]
    if style == "PERCENT":
        return {"type": "PERCENT", "pattern": "0.00%" if fraction else "0%"}
    if style == "CURRENCY":
        pattern = locale.currency if fraction else locale.currency.replace(".00", "")
        return {"type": "CURRENCY", "pattern": pattern}
    if "e" in bare.lower():
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    grouped = re.search(r"\d[\s,.\xa0\u202f]\d{3}", bare.partition(locale.decimal)[0])
    if grouped:
        return {"type": "NUMBER", "pattern": "#,##0.00" if fraction else "#,##0"}
    return None


def _moment(text: str, locale: Locale, now: datetime) -> Entered | None:
    clock = _clock(text)
    if clock is not None:
        return Entered(clock, number_format={"type": "TIME", "pattern": _time_pattern(text)})
    head, _, tail = text.partition(" ")
    whole = _date(text, locale, now)
    if whole:
        day, pattern = whole
        return Entered(to_serial(day), number_format={"type": "DATE", "pattern": pattern})
    dated, timed = _date(head, locale, now), _clock(tail.strip())
    if dated is None or timed is None:
        return None
    serial = to_serial(dated[0]) + timed
    style = {"type": "DATE_TIME", "pattern": f"{dated[1]} {_time_pattern(tail)}"}
    return Entered(serial, number_format=style)


def _time_pattern(text: str) -> str:
    seconds = ":ss" if text.count(":") > 1 else ""
    return f"h:mm{seconds}" + (" am/pm" if re.search("[AaPp]", text) else "")


def _clock(text: str) -> float | None:
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes = int(found[1]), int(found[2])
    seconds = float((found[3] or "0").replace(",", "."))
    if found[4]:
        if not 1 <= hours <= _NOON:
            return None
        hours = hours % _NOON + (_NOON if found[4] in "Pp" else 0)
    if minutes >= _SIXTY or seconds >= _SIXTY:
        return None
    return (hours * 3600 + minutes * 60 + seconds) / 86400


def _date(text: str, locale: Locale, now: datetime) -> tuple[datetime, str] | None:
    iso = _ISO.fullmatch(text)
    if iso:
        parts = ("yyyy", "m" * len(iso[3]), "d" * len(iso[4]))
        return _built((int(iso[1]), int(iso[3]), int(iso[4])), iso[2].join(parts))
    mark = re.escape(locale.date_mark)
    local = re.fullmatch(rf"(\d{{1,2}})({mark}|[-/])(\d{{1,2}})(?:\2(\d{{4}}|\d{{2}}))?", text)
    if local:
        one, two = int(local[1]), int(local[3])
        day, month = (one, two) if locale.day_first else (two, one)
        usual = local[4] or local[2] == locale.date_mark
        letters = "dm" if locale.day_first else "md"
        typed = local[2].join((letters[0] * len(local[1]), letters[1] * len(local[3])))
        return _built((_year(local[4], now), month, day), locale.date if usual else typed)
    return _worded(text, locale, now)


def _worded(text: str, locale: Locale, now: datetime) -> tuple[datetime, str] | None:
    found = _NAMED.fullmatch(text) or _NAMED_FIRST.fullmatch(text)
    if not found:
        return None
    word, day, year = found["word"], found["day"], found["year"]
    for names in (locale.months(), locale.months_of_day()):
        for number, name in enumerate(names, 1):
            if word.casefold() in {name.casefold(), name.casefold()[:3]}:
                letters = "mmmm" if word.casefold() == name.casefold() else "mmm"
                return _built((_year(year, now), number, int(day)), _as_typed(found, letters))
    return None


def _as_typed(found: re.Match[str], month: str) -> str:
    """Return the pattern that shows a date as it was typed, with the letters of its month."""
    letters = {"word": month, "day": "dd" if found["day"].startswith("0") else "d", "year": "yyyy"}
    pattern = found[0]
    for name in sorted(letters, key=found.start, reverse=True):
        if found[name]:
            pattern = pattern[: found.start(name)] + letters[name] + pattern[found.end(name) :]
    return pattern


def _year(text: str | None, now: datetime) -> int:
    if not text:
        return now.year
    year = int(text)
    if len(text) > _SHORT_YEAR:
        return year
    return year + (2000 if year < _PIVOT else 1900)


def _built(date: tuple[int, int, int], pattern: str) -> tuple[datetime, str] | None:
    try:
        return datetime(*date, tzinfo=UTC), pattern
    except ValueError:
        return None


def kept_format(style: dict[str, Any], fresh: dict[str, str] | None) -> dict[str, Any]:
    """Return the cell's format after entering: a suggested number format fills an empty place."""
    if not fresh or "numberFormat" in style:
        return style
    return {**style, "numberFormat": fresh}
