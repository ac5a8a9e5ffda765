"""Conditions and values in words again; parsing the words gives the same meaning."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never
from zoneinfo import ZoneInfo

from kartoteka.domain.amount_words import SIGNS
from kartoteka.domain.rules.fields_table import Kind, Name
from kartoteka.domain.rules.model import (
    All,
    Among,
    Blank,
    Compared,
    Condition,
    Contains,
    Negated,
    Operand,
    Ref,
    Relative,
    Some,
)
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.vocabulary import Vocabulary

_WORDS: Mapping[str, tuple[str, str]] = {
    "and": ("и", "and"),
    "or": ("или", "or"),
    "not": ("не", "not"),
    "contains": ("содержит", "contains"),
    "lacks": ("не содержит", "does not contain"),
    "in": ("в списке", "in"),
    "outside": ("не в списке", "not in"),
    "blank": ("пусто", "is empty"),
    "filled": ("заполнено", "is filled"),
    "now": ("сейчас", "now"),
    "today": ("сегодня", "today"),
    "tomorrow": ("завтра", "tomorrow"),
    "yesterday": ("вчера", "yesterday"),
    "close": ("к концу дня", "by close"),
    "working": ("рабочих", "working"),
}
# One, two to four, five and more; in English one and more.
_UNITS: Mapping[str, tuple[tuple[str, str, str], tuple[str, str]]] = {
    "months": (("месяц", "месяца", "месяцев"), ("month", "months")),
    "days": (("день", "дня", "дней"), ("day", "days")),
    "hours": (("час", "часа", "часов"), ("hour", "hours")),
    "minutes": (("минута", "минуты", "минут"), ("minute", "minutes")),
}
_WORKING = ("рабочий", "рабочих", "рабочих")
_FRACTION = 3  # digits after a comma that could be thousands
_HOUR = 60
_TENS = 10
_TEENS = range(11, 15)
_FEW = range(2, 5)
_BALANCED = re.compile(r"[^«»]*")


def word(code: str, locale: str) -> str:
    """Return a word of the language itself."""
    return _WORDS[code][locale == "en"]


def condition(value: Condition | None, vocabulary: Vocabulary, locale: str) -> str:
    """Return a condition in words, empty for none."""
    return "" if value is None else _Speller(vocabulary, locale).condition(value)


def operand(value: Operand, name: Name | None, vocabulary: Vocabulary, locale: str) -> str:
    """Return a value of a field in words."""
    return _Speller(vocabulary, locale).operand(value, name)


def quoted(text: str) -> str:
    """Return a text in quotation marks that hold it whole."""
    if _is_balanced(text):
        return f"«{text}»"
    return '"' + text.replace('"', '""') + '"'


def _is_balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "«") - (sign == "»")
        if depth < 0:
            return False
    return depth == 0


def span(value: Span, locale: str) -> str:
    """Return a span of time in words."""
    parts = [*_counted("months", value.months, locale), *_counted("days", value.days, locale)]
    parts += _minutes(value.minutes, locale)
    parts += _counted("days", value.work_days, locale, working=True)
    parts += _minutes(value.work_minutes, locale, working=True)
    said = " ".join(parts) or _count("days", 0, locale, working=False)
    return f"{said} {word('close', locale)}" if value.to_close else said


def _minutes(minutes: int, locale: str, *, working: bool = False) -> Iterator[str]:
    hours = minutes % _HOUR == 0
    unit, count = ("hours", minutes // _HOUR) if hours else ("minutes", minutes)
    return _counted(unit, count, locale, working=working)


def _counted(unit: str, count: int, locale: str, *, working: bool = False) -> Iterator[str]:
    if count:
        yield _count(unit, count, locale, working=working)


def _count(unit: str, count: int, locale: str, *, working: bool) -> str:
    russian, english = _UNITS[unit]
    if locale == "en":
        return f"{count} {'working ' if working else ''}{english[count != 1]}"
    form = _form(count)
    return f"{count} {_WORKING[form] + ' ' if working else ''}{russian[form]}"


def _form(count: int) -> int:
    """Return which of three Russian forms follows a number: 1, 2 to 4, 5 and more."""
    if count % 100 in _TEENS:
        return 2
    last = count % _TENS
    return 0 if last == 1 else 1 if last in _FEW else 2


def number(value: Decimal, locale: str) -> str:
    """Return a number as people of a language write it."""
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0")
    digits = f"{int(whole):,}".replace(",", " ") if whole not in {"-0", "-"} else whole
    if not fraction:
        return digits
    return digits + ("." if locale == "en" or len(fraction) == _FRACTION else ",") + fraction


def relative(value: Relative, locale: str) -> str:
    """Return a moment counted from the one of deciding."""
    anchor = word("today" if value.day else "now", locale)
    if value.span == Span() and not value.back:
        return anchor
    if value.day and value.span == Span(days=1):
        return word("yesterday" if value.back else "tomorrow", locale)
    return f"{anchor} {'−' if value.back else '+'} {span(value.span, locale)}"


class _Speller:
    """Makes words of conditions with the names of one office."""

    def __init__(self, vocabulary: Vocabulary, locale: str) -> None:
        self._vocabulary = vocabulary
        self._locale = locale

    def condition(self, value: Condition) -> str:
        """Return a condition in words."""
        match value:
            case Some(parts):
                return f" {self._word('or')} ".join(self._inner(it, Some) for it in parts)
            case All(parts):
                return f" {self._word('and')} ".join(self._inner(it, Some, All) for it in parts)
            case Negated(part):
                return self._negated(part)
            case _:
                return self._plain(value)

    def _plain(self, value: Blank | Contains | Among | Compared) -> str:
        field = self._vocabulary.spelled(value.field, self._locale)
        match value:
            case Blank():
                return f"{field} {self._word('blank')}"
            case Contains(_, text):
                return f"{field} {self._word('contains')} {quoted(text)}"
            case Among():
                return f"{field} {self._word('in')} {self._listed(value)}"
            case Compared(name, op, other):
                return f"{field} {op.value} {self.operand(other, self._field(name))}"
            case _:
                assert_never(value)

    def _negated(self, part: Condition) -> str:
        match part:
            case Blank(name):
                return f"{self._vocabulary.spelled(name, self._locale)} {self._word('filled')}"
            case Contains(name, text):
                field = self._vocabulary.spelled(name, self._locale)
                return f"{field} {self._word('lacks')} {quoted(text)}"
            case Among(name, _):
                field = self._vocabulary.spelled(name, self._locale)
                return f"{field} {self._word('outside')} {self._listed(part)}"
            case _:
                return f"{self._word('not')} {self._inner(part, Some, All)}"

    def _inner(self, part: Condition, *bracketed: type) -> str:
        said = self.condition(part)
        return f"({said})" if isinstance(part, bracketed) else said

    def _listed(self, value: Among) -> str:
        field = self._field(value.field)
        return "(" + ", ".join(self.operand(it, field) for it in value.values) + ")"

    def operand(self, value: Operand, name: Name | None) -> str:
        """Return a value of a field in words."""
        if isinstance(value, bool):
            return ("да", "yes")[self._locale == "en"] if value else ("нет", "no")[self._en]
        if isinstance(value, int | Decimal):
            return self._number(
                Decimal(value), is_money=name is not None and name.kind is Kind.MONEY
            )
        if isinstance(value, Relative):
            return relative(value, self._locale)
        if isinstance(value, date):
            return self._date(value)
        if isinstance(value, Ref):
            said = self._vocabulary.spelled(value.field, self._locale)
            return said if said.startswith("[") else f"[{said}]"
        return quoted(self._chosen(value, name))

    @property
    def _en(self) -> bool:
        return self._locale == "en"

    def _chosen(self, value: str, name: Name | None) -> str:
        known = self._vocabulary.choices.get(name.choices) if name is not None else None
        return known.shown(value, self._locale) if known is not None else value

    def _number(self, value: Decimal, *, is_money: bool) -> str:
        if not is_money:
            return number(value, self._locale)
        sign = SIGNS.get(self._vocabulary.around.currency, "")
        return f"{number(value / 100, self._locale)} {sign}".rstrip()

    def _date(self, value: date) -> str:
        if not isinstance(value, datetime):
            return f"{value:%d.%m}.{value.year:04d}"
        zone = ZoneInfo(self._vocabulary.around.zone)
        local = value.astimezone(zone)
        plainly = local.replace(second=0, microsecond=0, fold=0)
        if plainly.astimezone(value.tzinfo) != value:
            return value.isoformat()
        return f"{local:%d.%m}.{local.year:04d} {local:%H:%M}"

    def _field(self, canonical: str) -> Name | None:
        return self._vocabulary.fields.get(canonical)

    def _word(self, code: str) -> str:
        return word(code, self._locale)
