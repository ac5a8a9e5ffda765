"""Values as a cell shows them: number formats of Sheets applied in the spreadsheet's locale.

Source: Sheets API guide "Date and number formats"; without a format numbers are shown generally.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from math import isfinite
from typing import Any

from onebox.google.sheets.cells import Value
from onebox.google.sheets.locales import Locale
from onebox.google.sheets.moments import show_moment

_DATE_TYPES = {"DATE", "TIME", "DATE_TIME"}
# Digits enough for any double, written out in full.
_EXACT = Context(prec=1200, rounding=ROUND_HALF_UP)
_PLAIN_DIGITS = 10
_GENERAL_DIGITS = 15
_HUGE, _TINY = 1e15, 1e-9
_DATE_LETTER = re.compile(r"[yYdDhHsS]|[mM]")
_NOT_DATES = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]|e[+-]|General|am/pm", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[\$[^\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*)?|\.[#0?]+")


def show(value: Value | None, number_format: dict[str, Any], locale: Locale) -> str:
    """Return the text that the cell shows.

    Args:
        value: effective value; numbers are also dates, as serials.
        number_format: NumberFormat (type, pattern), may be empty.
        locale: of the spreadsheet.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    pattern = pattern_of(number_format, locale)
    if not pattern:
        return general(value, locale)
    return _by_pattern(value, pattern, locale)


def is_moment(number_format: dict[str, Any]) -> bool:
    """Tell whether numbers of this format are dates or times."""
    if number_format.get("type") in _DATE_TYPES:
        return True
    return _dated(number_format.get("pattern", "")) and "type" not in number_format


def pattern_of(number_format: dict[str, Any], locale: Locale) -> str:
    """Return the pattern of a number format, or the locale's own for its type; "" for none."""
    pattern: str = number_format.get("pattern", "")
    defaults = {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": locale.currency,
        "DATE": locale.date,
        "TIME": locale.time,
        "DATE_TIME": locale.date_time,
        "SCIENTIFIC": "0.00E+00",
    }
    return pattern or defaults.get(number_format.get("type", ""), "")


def general(number: float, locale: Locale) -> str:
    """Return a number without a format: up to ten decimals, no grouping."""
    size = abs(number)
    if size and (size >= _HUGE or size < _TINY):
        mantissa, _, power = f"{number:.5E}".partition("E")
        text = f"{mantissa.rstrip('0').rstrip('.')}E{power[0]}{power[1:].lstrip('0').zfill(2)}"
        return text.replace(".", locale.decimal)
    whole = len(str(int(size)))
    digits = max(0, min(_PLAIN_DIGITS, _GENERAL_DIGITS - whole))
    text = f"{number:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(".", locale.decimal)


@lru_cache(maxsize=512)
def _dated(pattern: str) -> bool:
    bare = re.sub(
        r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", "", _QUOTED.sub("", pattern), flags=re.IGNORECASE
    )
    return bool(
        _DATE_LETTER.search(re.sub(r"[eE][+-]|General|am/pm", "", bare, flags=re.IGNORECASE))
    )


@lru_cache(maxsize=512)
def _sections(pattern: str) -> tuple[str, ...]:
    parts, start, quoted = [], 0, False
    for at, letter in enumerate(pattern):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            parts.append(pattern[start:at])
            start = at + 1
    return (*parts, pattern[start:])


def _by_pattern(value: float, pattern: str, locale: Locale) -> str:
    sections = _sections(pattern)
    if _dated(sections[0]):
        return show_moment(value, sections[0], locale) or general(value, locale)
    negative, zero = 1, 2
    if value < 0 and len(sections) > negative:
        return _number(-value, sections[negative], locale)
    if value == 0 and len(sections) > zero:
        return _number(value, sections[zero], locale)
    return _number(value, sections[0], locale)


def _number(value: float, pattern: str, locale: Locale) -> str:
    bare = _QUOTED.sub(lambda found: "\0" * len(found[0]), pattern)
    if bare.strip() in {"@", "General"}:
        return general(value, locale)
    digits = _DIGITS.search(bare)
    if not digits:
        return _literal(pattern)
    before, after = pattern[: digits.start()], pattern[digits.end() :]
    scaled = value * (100 if "%" in bare else 1)
    if not isfinite(scaled):
        return general(value, locale)
    power = re.match(r"[eE]([+-])(0+)", after)
    if power:
        return (
            _literal(before)
            + _scientific(scaled, digits[0], power[0], locale)
            + _literal(after[power.end() :])
        )
    text = _fixed(abs(scaled), digits[0], locale)
    sign = "-" if scaled < 0 and re.search("[1-9]", text) else ""
    return sign + _literal(before) + text + _literal(after)


def _scientific(value: float, digits: str, power: str, locale: Locale) -> str:
    decimals = len(digits.partition(".")[2])
    mantissa, _, exponent = f"{value:.{decimals}E}".partition("E")
    sign = "-" if exponent[0] == "-" else ("+" if "+" in power else "")
    width = power.count("0")
    shown = exponent[1:].lstrip("0").zfill(width)
    return f"{mantissa.replace('.', locale.decimal)}E{sign}{shown}"


def _fixed(value: float, digits: str, locale: Locale) -> str:
    whole_part, _, fraction_part = digits.partition(".")
    trailing = len(whole_part) - len(whole_part.rstrip(","))
    exact = _EXACT.divide(Decimal(repr(float(value))), Decimal(1000**trailing))
    step = Decimal(1).scaleb(-len(fraction_part))
    text = format(exact.quantize(step, context=_EXACT), "f")
    whole, _, fraction = text.partition(".")
    required = fraction_part.count("0")
    while len(fraction) > required and fraction.endswith("0"):
        fraction = fraction[:-1]
    width = whole_part.count("0")
    whole = whole.lstrip("0").zfill(width)
    if "," in whole_part.rstrip(","):
        whole = _grouped(whole, locale.group)
    return whole + (locale.decimal + fraction if fraction or ("." in digits and required) else "")


def _grouped(whole: str, mark: str) -> str:
    size = 3
    head = len(whole) % size
    parts = [whole[:head]] if head else []
    parts += [whole[at : at + size] for at in range(head, len(whole), size)]
    return mark.join(parts)


def _literal(text: str) -> str:
    text = re.sub(r"\[\$([^\]-]*)(?:-[^\]]*)?\]", r'"\1"', text)
    text = re.sub(r"\[[^\]]*\]", "", text)
    text = re.sub(r"_.|\*.", lambda found: " " if found[0][0] == "_" else "", text)
    return re.sub(
        r'"([^"]*)"|\\(.)', lambda found: found[1] if found[1] is not None else found[2], text
    )
