"""Serial numbers shown as dates and times by a pattern such as `dd.mm.yyyy hh:mm`."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from onebox.google.sheets.locales import Locale
from onebox.google.sheets.serials import from_serial

_TOKEN = re.compile(
    r'"[^"]*"|\\.|\[h+\]|\[m+\]|\[s+\]|\[[^\]]*\]'
    r"|a/p|am/pm|y+|m+|d+|h+|s+(?:\.0+)?|.",
    re.IGNORECASE | re.DOTALL,
)
_FULL_NAME, _SHORT_NAME, _LETTER = 4, 3, 5
_NOON = 12
_UNITS = {"h": 24, "m": 24 * 60, "s": 24 * 3600}


@lru_cache(maxsize=512)
def _tokens(pattern: str) -> tuple[str, ...]:
    """Split a pattern; an `m` that stands for minutes comes back as `M`."""
    tokens = _TOKEN.findall(pattern.replace("M", "m"))
    return tuple(
        token.upper() if token[0] == "m" and _is_minutes(tokens, place) else token
        for place, token in enumerate(tokens)
    )


def _is_minutes(tokens: list[str], place: int) -> bool:
    return _clock_letter(tokens[:place][::-1]) == "h" or _clock_letter(tokens[place + 1 :]) == "s"


def _clock_letter(tokens: list[str]) -> str:
    """Return the first date letter among tokens, lower case; brackets count by their letter."""
    for token in tokens:
        letter = token.lower().lstrip("[")[:1]
        if letter in set("ymdhs") and token[0] not in '"\\':
            return letter
    return ""


def show_moment(serial: float, pattern: str, locale: Locale) -> str:
    """Return the moment as the pattern shows it, or an empty text when it is beyond dates."""
    moment = from_serial(serial)
    if moment is None:
        return ""
    half = any(token.lower() in {"a/p", "am/pm"} for token in _tokens(pattern))
    return "".join(_parts(serial, moment, pattern, locale=locale, half=half))


def _parts(
    serial: float, moment: datetime, pattern: str, *, locale: Locale, half: bool
) -> Iterator[str]:
    days = any(re.fullmatch("d{1,2}", token, re.IGNORECASE) for token in _tokens(pattern))
    for token in _tokens(pattern):
        kind = token[0].lower()
        if token[0] == "[":
            yield _elapsed(serial, token)
        elif token[0] in '"\\':
            yield token.strip('"') if token[0] == '"' else token[1:]
        elif token.lower() in {"a/p", "am/pm"}:
            yield ("AM", "PM")[moment.hour >= _NOON][: len(token) // 2 + 1 if "/p" in token else 2]
        elif token[0] == "M":
            yield _padded(moment.minute, token)
        elif kind in "ymd":
            yield _calendar(moment, token, locale, days=days)
        elif kind in "hs":
            yield _clock(moment, token, locale, half=half)
        else:
            yield token


def _elapsed(serial: float, token: str) -> str:
    unit = _UNITS.get(token[1].lower())
    if unit is None:
        return ""
    return str(int(round(serial * 86400) // (86400 // unit))).zfill(len(token) - 2)


def _calendar(moment: datetime, token: str, locale: Locale, *, days: bool) -> str:
    kind, length = token[0].lower(), len(token)
    if kind == "y":
        return f"{moment.year:04d}" if length > _SHORT_NAME - 1 else f"{moment.year % 100:02d}"
    if length < _SHORT_NAME:
        return _padded(moment.month if kind == "m" else moment.day, token)
    if kind == "d":
        name = locale.days()[moment.weekday()]
        return name if length >= _FULL_NAME else name[:3]
    names = locale.months_of_day() if days else locale.months()
    name = names[moment.month - 1]
    if length >= _LETTER:
        return name[:1]
    return name if length == _FULL_NAME else name[:3]


def _clock(moment: datetime, token: str, locale: Locale, *, half: bool) -> str:
    if token[0].lower() == "h":
        hour = (moment.hour % _NOON or _NOON) if half else moment.hour
        return _padded(hour, token)
    seconds, _, decimals = token.partition(".")
    shown = _padded(moment.second, seconds)
    if decimals:
        shown += locale.decimal + f"{moment.microsecond:06d}"[: len(decimals)]
    return shown


def _padded(number: int, token: str) -> str:
    return str(number).zfill(min(len(token), 2))
