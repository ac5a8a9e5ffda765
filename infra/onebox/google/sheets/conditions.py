"""Conditions of validation rules and conditional formats, judged for one cell.

Source: Sheets API v4, ConditionType. A condition that is not judged here holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from onebox.google.sheets.calc import Calculator, Result, local_now
from onebox.google.sheets.entering import enter
from onebox.google.sheets.functions import Fault
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.reading import Reader, Rendering
from onebox.google.sheets.references import shifted
from onebox.google.sheets.serials import to_serial
from onebox.google.sheets.sheet import Sheet

_RELATIVE_DAYS = {
    "YESTERDAY": -1,
    "TODAY": 0,
    "TOMORROW": 1,
    "PAST_WEEK": -7,
    "PAST_MONTH": -30,
    "PAST_YEAR": -365,
}


@dataclass(frozen=True)
class Case:
    """A cell to be judged: what it comes to, what it shows, and where it is."""

    value: Result
    text: str
    sheet: Sheet
    place: tuple[int, int]


class Judge:
    """Judges conditions over one version of a workbook."""

    def __init__(self, looking: Calculator) -> None:
        self._looking = looking
        self._locale = locale_of(looking.book.locale)
        self._computed: dict[tuple[int, str], bool] = {}  # a row's formula serves all its cells

    def options(self, condition: dict[str, Any]) -> list[str] | None:
        """Return what a dropdown of the condition offers, or None when it is not a list."""
        kind = condition.get("type")
        if kind == "ONE_OF_LIST":
            return [one.get("userEnteredValue", "") for one in condition.get("values", [])]
        if kind != "ONE_OF_RANGE":
            return None
        text = _first_text(condition)
        sheet, box = self._looking.book.find(text.removeprefix("=").replace("$", ""))
        rows = Reader(self._looking, Rendering()).rows(sheet, sheet.clip(box))
        return list(dict.fromkeys(str(cell) for row in rows for cell in row if cell != ""))

    def holds(
        self, condition: dict[str, Any], case: Case, base: tuple[int, int] | None = None
    ) -> bool:
        """Tell whether a condition holds for a cell.

        Args:
            condition: BooleanCondition.
            case: the cell.
            base: cell that a custom formula was written for.
        """
        kind = condition.get("type", "")
        options = self.options(condition)
        if options is not None:
            return case.text in options or str(case.value) in options
        if kind == "CUSTOM_FORMULA":
            return self._formula(condition, case, base)
        if kind in _SIMPLE:
            return _SIMPLE[kind](case)
        given = condition.get("values", [])
        operands = [self._operand(one) for one in given]
        if kind.startswith("TEXT_") and kind in _TEXTS and operands:
            wanted = str(given[0].get("userEnteredValue", ""))
            return _TEXTS[kind](case.text.casefold(), wanted.casefold())
        comparison = kind.removeprefix("NUMBER_").removeprefix("DATE_")
        numbers = [one for one in operands if one is not None]
        if comparison in _COMPARISONS and numbers and len(numbers) == len(operands):
            return self._compare(comparison, case.value, numbers)
        return True

    def _compare(self, kind: str, value: Result, operands: list[float]) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        pair = 2
        if "BETWEEN" in kind and len(operands) < pair:
            return True
        return _COMPARISONS[kind](value, operands)

    def _operand(self, given: dict[str, Any]) -> float | None:
        now = local_now(self._looking.book, self._looking.now)
        if "relativeDate" in given:
            days = _RELATIVE_DAYS.get(given["relativeDate"])
            return None if days is None else int(to_serial(now + timedelta(days=days)))
        text = given.get("userEnteredValue", "")
        found = enter(text, self._locale, now)
        value: Result = found.value
        if found.formula:
            value = self._looking.of(self._looking.book.sheets[0], found.formula)
        if isinstance(value, bool | str | Fault) or value is None:
            return None
        return float(value)

    def _formula(self, condition: dict[str, Any], case: Case, base: tuple[int, int] | None) -> bool:
        text = _first_text(condition)
        if not text.startswith("="):
            return True
        start = base or case.place
        away = (case.place[0] - start[0], case.place[1] - start[1])
        key = (case.sheet.id, shifted(text, *away))
        if key not in self._computed:
            found = self._looking.of(case.sheet, key[1])
            self._computed[key] = bool(found) and not isinstance(found, Fault | str)
        return self._computed[key]


def _first_text(condition: dict[str, Any]) -> str:
    given: list[dict[str, Any]] = condition.get("values", [])
    return str(given[0].get("userEnteredValue", "")) if given else ""


_SIMPLE: dict[str, Callable[[Case], bool]] = {
    "BLANK": lambda case: case.text == "",
    "NOT_BLANK": lambda case: case.text != "",
    "BOOLEAN": lambda case: isinstance(case.value, bool),
    "DATE_IS_VALID": lambda case: isinstance(case.value, int | float),
    "TEXT_IS_EMAIL": lambda case: "@" in case.text[1:-1] and " " not in case.text,
    "TEXT_IS_URL": lambda case: "." in case.text[1:-1] and " " not in case.text,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "TEXT_CONTAINS": lambda text, wanted: wanted in text,
    "TEXT_ENDS_WITH": lambda text, wanted: text.endswith(wanted),
    "TEXT_EQ": lambda text, wanted: text == wanted,
    "TEXT_NOT_CONTAINS": lambda text, wanted: wanted not in text,
    "TEXT_NOT_EQ": lambda text, wanted: text != wanted,
    "TEXT_STARTS_WITH": lambda text, wanted: text.startswith(wanted),
}
_COMPARISONS: dict[str, Callable[[float, list[float]], bool]] = {
    "AFTER": lambda value, given: value > given[0],
    "BEFORE": lambda value, given: value < given[0],
    "BETWEEN": lambda value, given: given[0] <= value <= given[1],
    "EQ": lambda value, given: value == given[0],
    "GREATER": lambda value, given: value > given[0],
    "GREATER_THAN_EQ": lambda value, given: value >= given[0],
    "LESS": lambda value, given: value < given[0],
    "LESS_THAN_EQ": lambda value, given: value <= given[0],
    "NOT_BETWEEN": lambda value, given: not given[0] <= value <= given[1],
    "NOT_EQ": lambda value, given: value != given[0],
    "ON_OR_AFTER": lambda value, given: value >= given[0],
    "ON_OR_BEFORE": lambda value, given: value <= given[0],
}
