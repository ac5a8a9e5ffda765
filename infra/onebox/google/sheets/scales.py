"""Colour scales of conditional formats: a background between two or three colours by the value."""

from typing import Any

from onebox.google.sheets.a1 import Box
from onebox.google.sheets.calc import Calculator, Result
from onebox.google.sheets.entering import enter
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.schema import resolve
from onebox.google.sheets.sheet import Sheet

Color = dict[str, float]
_HUNDRED = 100


class Scale:
    """One gradientRule over its ranges."""

    def __init__(
        self, looking: Calculator, sheet: Sheet, rule: dict[str, Any], boxes: list[Box]
    ) -> None:
        self._looking, self._sheet = looking, sheet
        numbers = sorted(
            number
            for box in boxes
            for row in range(box.top, min(box.bottom or len(sheet.rows), len(sheet.rows)))
            for column in range(box.left, box.right or sheet.column_count)
            if (number := _number(looking.at(sheet, row, column))) is not None
        )
        points = [rule[name] for name in ("minpoint", "midpoint", "maxpoint") if name in rule]
        self._stops = [(self._value(one, numbers), _color(one)) for one in points if numbers]

    def _value(self, point: dict[str, Any], numbers: list[float]) -> float:
        """Return the number at which a point's colour is reached."""
        least, most = numbers[0], numbers[-1]
        kind = point.get("type")
        if kind in {"MIN", "MAX"}:
            return least if kind == "MIN" else most
        given = self._given(point.get("value", "0"))
        if kind == "PERCENT":
            return least + (most - least) * given / _HUNDRED
        if kind == "PERCENTILE":
            place = (len(numbers) - 1) * given / _HUNDRED
            low = int(place)
            high = min(low + 1, len(numbers) - 1)
            return numbers[low] + (numbers[high] - numbers[low]) * (place - low)
        return given

    def _given(self, text: str) -> float:
        found = enter(text, locale_of(self._looking.book.locale), self._looking.now)
        value: Result = found.value
        if found.formula:
            value = self._looking.of(self._sheet, found.formula)
        return _number(value) or 0.0

    def color(self, value: Result) -> dict[str, Any]:
        """Return the background of a cell of this value; empty when it is no number."""
        number = _number(value)
        if not self._stops or number is None:
            return {}
        mixed = self._mixed(number)
        return {"backgroundColor": mixed, "backgroundColorStyle": {"rgbColor": mixed}}

    def _mixed(self, number: float) -> Color:
        start, first = self._stops[0]
        if number <= start:
            return first
        for end, second in self._stops[1:]:
            if number <= end:
                return _between(first, second, (number - start) / (end - start))
            start, first = end, second
        return first


def _number(value: Result) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _color(point: dict[str, Any]) -> Color:
    return resolve(point.get("colorStyle", {}))


def _between(one: Color, two: Color, share: float) -> Color:
    mixed = {
        name: round(one.get(name, 0) + (two.get(name, 0) - one.get(name, 0)) * share, 8)
        for name in ("red", "green", "blue")
    }
    return {name: part for name, part in mixed.items() if part}
