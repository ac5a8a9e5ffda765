"""Values of settings as people read and type them; what is shown reads back as the same value."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from kartoteka.domain.errors import Invalid
from sync.cells import moment_of
from sync.columns import Frame

K = TypeVar("K")
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,;\n"][^,;\n]*))\s*(?:[,;\n]|$)')
_BREAKS = re.compile(r'[,;"\n\r]')
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LONGEST_SPAN = 366
_WEEK = 7
_MOST = 10**13  # beyond it a number is not exact in a sheet
_EXACT = Decimal("0.01")  # of a kopeck: how a sheet spells large sums
_DASHES = "–—-"


@dataclass(frozen=True, slots=True)
class Names(Generic[K]):
    """What records are called in cells: each name leads to one id, and each id has one name."""

    by_id: Mapping[K, str]

    @classmethod
    def of(cls, named: Iterable[tuple[K, str]], distinct: Callable[[K], str] = str) -> "Names[K]":
        """Return names for these ids; where two share a name, each is told with its id."""
        found = {key: name.strip() for key, name in named}
        plain = [name.casefold() for name in found.values()]
        ids = {str(key).casefold(): key for key in found}

        def name_of(key: K, name: str) -> str:
            small = name.casefold()
            if name and plain.count(small) == 1 and ids.get(small, key) == key:
                return name
            told = f"{name} ({distinct(key)})".strip()
            return told if told.casefold() not in plain else str(key)

        return cls({key: name_of(key, name) for key, name in found.items()})

    def shown(self, key: K | None) -> str:
        """Return what a record is called; its id when it is not known, empty for none."""
        return "" if key is None else self.by_id.get(key, str(key))

    def read(self, typed: str) -> K:
        """Return the id that is called so, or that was typed itself.

        Raises:
            Invalid: there is none; names those there are.
        """
        wanted = typed.strip().casefold()
        for called in (self.by_id.items(), ((key, str(key)) for key in self.by_id)):
            for key, name in called:
                if wanted == name.casefold():
                    return key
        known = ", ".join(self.by_id.values())
        raise Invalid(
            f"there is no {typed!r}; known: {known}",
            fields={"id": "unknown"},
            code="settings_unknown",
            what=typed.strip(),
            known=known or "-",
        )

    def listed(self, keys: Iterable[K]) -> str:
        """Return several as one cell."""
        return joined(self.shown(key) for key in keys)

    def split(self, typed: str) -> list[K]:
        """Return the ids of several; raises as `read` does."""
        return [self.read(part) for part in parts(typed)]


def joined(values: Iterable[str]) -> str:
    """Return values as one cell, divided by commas; in quotes what holds a divider itself."""
    return ", ".join(_quoted(value) for value in values)


def _quoted(value: str) -> str:
    if value and value == value.strip() and not _BREAKS.search(value):
        return value
    return '"' + value.replace('"', '""') + '"'


def parts(typed: str) -> list[str]:
    """Return the values of a cell, divided by commas, semicolons or lines.

    Raises:
        Invalid: a quotation mark is not closed.
    """
    found, place = [], 0
    while place < len(typed.rstrip()):
        match = _PART.match(typed, place)
        if match is None:
            if typed[place] in ",;\n \t\r":
                place += 1
                continue
            raise Invalid("a quotation mark is not closed", code="setting_quote")
        quoted, plain = match.groups()
        found.append(quoted.replace('""', '"') if quoted is not None else plain.strip())
        place = match.end()
    return found


def flag(value: bool | None, frame: Frame) -> str:
    """Return yes, or no where it was said, as people type it."""
    if value is None:
        return ""
    return frame.say("setting_yes") if value else frame.say("setting_no")


def is_flag(typed: str, frame: Frame) -> bool:
    """Return whether a cell says yes.

    Raises:
        Invalid: it says neither yes nor no.
    """
    said = typed.strip().casefold()
    if said in {frame.say("setting_yes").casefold(), "true", "1", "+"}:
        return True
    if said in {frame.say("setting_no").casefold(), "false", "0", "-", ""}:
        return False
    raise Invalid("yes or no", code="setting_flag")


def whole(typed: str) -> int:
    """Return a whole number of up to nine digits, 0 for an empty cell.

    Raises:
        Invalid: it is none.
    """
    said = typed.strip()
    if not said:
        return 0
    if not re.fullmatch(r"\d{1,9}", said, re.ASCII):
        raise Invalid("not a whole number", code="setting_whole")
    return int(said)


def amount(minor: int | None) -> float | str:
    """Return an amount as a cell, empty for none."""
    return "" if minor is None else minor / 100


def minor(typed: str) -> int:
    """Return an amount in minor units.

    Raises:
        Invalid: it is none, or finer than a kopeck.
    """
    said = re.sub(r"[\s₽]", "", typed).replace(",", ".")
    try:
        value = Decimal(said) * 100
    except InvalidOperation as exc:
        raise Invalid("no amount can be read", code="amount_unclear") from exc
    if not value.is_finite() or not 0 <= value <= _MOST or abs(value - round(value)) > _EXACT:
        raise Invalid("no amount can be read", code="amount_unclear")
    return round(value)


def weekdays(days: Iterable[int], frame: Frame) -> str:
    """Return days of the week by their short names."""
    names = frame.say("setting_week").split()
    return ", ".join(names[day] for day in days if 0 <= day < _WEEK)


def week(typed: str, frame: Frame) -> list[int]:
    """Return the days of the week that a cell names, 0 is Monday; `пн-пт` names five.

    Raises:
        Invalid: a word is no day of the week; names how they are written.
    """
    names = frame.say("setting_week").split()
    places = {name.casefold(): at for at, name in enumerate(names)}
    found: set[int] = set()
    for part in re.split(r"[\s,;]+", typed.strip().casefold()):
        ends = [it.strip() for it in re.split(f"[{_DASHES}]", part)] if part else []
        if any(end not in places for end in ends):
            raise Invalid("no day of the week", code="setting_days", known=", ".join(names))
        if ends:
            found |= set(range(places[ends[0]], places[ends[-1]] + 1))
    return sorted(found)


def day(value: date) -> str:
    """Return a date as people write it."""
    return value.strftime("%d.%m.%Y")


def day_of(typed: str, zone: str) -> date:
    """Return the date that a cell holds: typed in Russian or ISO order, or a serial number.

    Raises:
        Invalid: it is none.
    """
    said = typed.strip()
    number = re.fullmatch(r"\d{4,6}(\.\d+)?", said, re.ASCII)
    moment = moment_of(float(said), zone) if number else None
    if moment is not None:
        return moment.date()
    here, iso = _DAY.fullmatch(said), _ISO.fullmatch(said)
    try:
        if here:
            return date(int(here[3]), int(here[2]), int(here[1]))
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError as exc:
        raise _undated(typed) from exc
    raise _undated(typed)


def _undated(typed: str) -> Invalid:
    return Invalid(f"{typed!r} is no date", code="setting_day")


def days(values: Iterable[date]) -> str:
    """Return dates as one cell, those in a row as one span."""
    spans: list[list[date]] = []
    for value in sorted(values):
        if spans and value - spans[-1][-1] == timedelta(days=1):
            spans[-1][1:] = [value]
        else:
            spans.append([value])
    return ", ".join("–".join(day(end) for end in span) for span in spans)


def days_of(typed: str, zone: str) -> list[date]:
    """Return every date that a cell names: dates and spans of at most a year.

    Raises:
        Invalid: a part is no date, or a span ends before it begins.
    """
    found: set[date] = set()
    for part in filter(None, (it.strip() for it in re.split(r"[,;\n]", typed))):
        ends = [part] if _ISO.fullmatch(part) else re.split(f"\\s*[{_DASHES}]\\s*", part)
        first, last = day_of(ends[0], zone), day_of(ends[-1], zone)
        if not 0 <= (last - first).days < _LONGEST_SPAN:
            raise _undated(typed)
        found |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return sorted(found)
