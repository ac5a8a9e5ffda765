"""Series as the corner of a selection continues them when it is dragged.

Numbers follow their line, dates go day by day, names of months and days go round, a text that ends
with a number counts on; everything else is repeated.
"""

import re
from collections.abc import Sequence
from typing import cast

from onebox.google.sheets.cells import Value
from onebox.google.sheets.locales import Locale

_COUNTED = re.compile(r"(.*?)(\d{1,15})", re.DOTALL)
_EXACT = 1e15
_SHORT = 3


def continued(
    values: Sequence[Value | None],
    position: int,
    locale: Locale,
    *,
    dated: bool = False,
    alternate: bool = False,
) -> Value | None:
    """Return what a series has at a position outside of it.

    Args:
        values: the source, at positions from 0; None for an empty cell.
        position: negative before the source, its length or more after it.
        locale: whose names of months and days are known.
        dated: numbers are dates, so that even one of them is a series.
        alternate: repeat what would be continued, and count on from a lone number.
    """
    repeated = values[position % len(values)]
    if all(_is_number(value) for value in values):
        numbers = cast("list[float]", list(values))
        if len(numbers) == 1:
            return repeated if dated == alternate else _simple(numbers[0] + position)
        return repeated if alternate else _simple(_on_the_line(numbers, position))
    if alternate or not all(isinstance(value, str) for value in values):
        return repeated
    texts = cast("list[str]", list(values))
    return _named(texts, position, locale) or _counted(texts, position) or repeated


def _is_number(value: Value | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _simple(number: float) -> Value:
    return int(number) if number == int(number) and abs(number) < _EXACT else number


def _on_the_line(numbers: list[float], position: int) -> float:
    """Return the value of the line of least squares; exact for two numbers."""
    count = len(numbers)
    middle = (count - 1) / 2
    mean = sum(numbers) / count
    spread = sum((index - middle) ** 2 for index in range(count))
    slope = sum((index - middle) * (one - mean) for index, one in enumerate(numbers)) / spread
    return round(mean + slope * (position - middle), 10)


def _named(texts: list[str], position: int, locale: Locale) -> str:
    """Return the month or day of a series of such names, or an empty text."""
    for names in (locale.months(), locale.days()):
        for circle in (names, [name[:_SHORT] for name in names]):
            folded = [name.casefold() for name in circle]
            places = [folded.index(text.casefold()) for text in texts if text.casefold() in folded]
            if len(places) == len(texts):
                step = places[1] - places[0] if len(places) > 1 else 1
                found = circle[(places[0] + step * position) % len(circle)]
                return found.capitalize() if texts[0][:1].isupper() else found
    return ""


def _counted(texts: list[str], position: int) -> str:
    """Return «Item 7» of a series of texts that end with numbers, or an empty text."""
    found = [one for one in map(_COUNTED.fullmatch, texts) if one]
    if len(found) != len(texts) or len({one[1] for one in found}) > 1:
        return ""
    first = int(found[0][2])
    step = int(found[1][2]) - first if len(found) > 1 else 1
    number = abs(first + step * position)
    digits = found[0][2]
    return found[0][1] + (str(number).zfill(len(digits)) if digits.startswith("0") else str(number))
