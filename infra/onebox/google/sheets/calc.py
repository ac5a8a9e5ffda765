"""What cells come to: entered values as they are, formulas computed when somebody looks.

A modest part of Sheets is computed honestly; a function outside it shows #NAME?, and the formula
stays as it was entered.
"""

import operator
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice, product
from math import isfinite
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from onebox.google.sheets.a1 import Box
from onebox.google.sheets.book import Book
from onebox.google.sheets.cells import Cell, Value, entered, formula, part
from onebox.google.sheets.formulas import BadFormula, Tree, parse
from onebox.google.sheets.functions import FUNCTIONS, Area, Fault, as_number, as_text, compare
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.sheet import Sheet

_EXACT = 1e15
_DEEP = 20
_OPERATIONS: dict[str, Callable[[float, float], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}
_NAMES = {"+": "ADD", "-": "MINUS", "*": "MULTIPLY", "/": "DIVIDE", "^": "POW"}
_PASS_ON = {"AVERAGE", "IFERROR", "MAX", "MIN", "SUM"}
_SEARCHED = 100  # cells of a range in which a number format is looked for
_MOMENTS = {"NOW": "DATE_TIME", "TODAY": "DATE"}

Result: TypeAlias = Value | Fault | None

_BUSY = Fault("REF", "#REF!", "Circular dependency detected.")
_BAD = Fault("ERROR", "#ERROR!", "Formula parse error.")
_ZERO = Fault("DIVIDE_BY_ZERO", "#DIV/0!", "Function DIVIDE parameter 2 cannot be zero.")
_NO_RANGE = Fault("REF", "#REF!", "Reference does not exist.")
_NUM = Fault("NUM", "#NUM!", "The result is not a number that can be shown.")


def local_now(book: Book, now: datetime) -> datetime:
    """Return the wall clock of the spreadsheet's time zone."""
    try:
        return now.astimezone(ZoneInfo(str(book.properties["timeZone"])))
    except (ZoneInfoNotFoundError, ValueError):
        return now


class Calculator:
    """One look at a version of a workbook; finished results are kept with the version."""

    def __init__(self, book: Book, now: datetime) -> None:
        """Look at a version of a workbook at a moment, which TODAY and NOW answer with."""
        self.book, self.now = book, now
        self._busy: set[tuple[int, int, int]] = set()
        minute = now.replace(second=0, microsecond=0)
        if minute not in book.memo:
            book.memo = {minute: {}}
        self._memo: dict[tuple[int, int, int], Result] = book.memo.get(minute, {})

    def at(self, sheet: Sheet, row: int, column: int) -> Result:
        """Return what a cell comes to: a value, a Fault, or None for an empty cell."""
        cell = sheet.cell(row, column)
        text = formula(cell)
        return entered(cell) if text is None else self._formula(sheet, (row, column), text)

    def of(self, sheet: Sheet, text: str) -> Result:
        """Return what a formula comes to that stands in no cell."""
        return _Computation(self, sheet).result(text)

    def number_format(self, sheet: Sheet, row: int, column: int, depth: int = 0) -> dict[str, Any]:
        """Return how the number in a cell is shown: its own format, or what its formula suggests.

        TODAY and NOW suggest a date; a reference, a sum or a greatest passes on what it refers to.
        """
        cell = sheet.cell(row, column)
        style = self._own_format(cell)
        text = formula(cell)
        if style or text is None or depth > _DEEP:
            return style
        try:
            tree = parse(text, locale_of(self.book.locale).decimal)
        except BadFormula:
            return style
        return self._suggested(sheet, tree, depth)

    def _suggested(self, sheet: Sheet, tree: Tree, depth: int) -> dict[str, Any]:
        if tree[0] == "call" and tree[1].upper() in _MOMENTS:
            return {"type": _MOMENTS[tree[1].upper()]}
        if tree[0] == "binary" and tree[1] in {"+", "-"}:
            sides = [self._suggested(sheet, side, depth) for side in tree[2:]]
            return {} if all(sides) and tree[1] == "-" else sides[0] or sides[1]
        if tree[0] == "binary" and tree[1] in {"*", "/"}:
            sides = [self._suggested(sheet, side, depth) for side in tree[2:]]
            one, two = (side.get("type") == "CURRENCY" for side in sides)
            if one == two or (two and tree[1] == "/"):
                return {}
            return sides[0] if one else sides[1]
        if tree[0] == "call" and tree[1].upper() in _PASS_ON:
            found = (self._suggested(sheet, argument, depth) for argument in tree[2])
            return next((style for style in found if style), {})
        return self._first_format(sheet, tree, depth) if tree[0] == "range" else {}

    def _first_format(self, sheet: Sheet, tree: Tree, depth: int) -> dict[str, Any]:
        """Return the first number format in the beginning of a range.

        The first cell may have it from its own formula, those after it only by themselves.
        """
        home = sheet if tree[1] is None else self.book.titled(tree[1])
        if home is None:
            return {}
        box = home.clip(tree[2])
        last = min(box.bottom or 0, box.top + _SEARCHED, len(home.rows))
        places = product(range(box.top, last), range(box.left, box.right or 0))
        first = self.number_format(home, box.top, box.left, depth + 1)
        own = (self._own_format(home.cell(*place)) for place in islice(places, _SEARCHED))
        return first or next((style for style in own if style), {})

    def _own_format(self, cell: Cell) -> dict[str, Any]:
        found: dict[str, Any] = self.book.formats.item(part(cell, "s")).get("numberFormat", {})
        return found

    def _formula(self, sheet: Sheet, place: tuple[int, int], text: str) -> Result:
        key = (sheet.id, *place)
        if key in self._memo:
            return self._memo[key]
        if key in self._busy:
            return _BUSY
        self._busy.add(key)
        found = _Computation(self, sheet).result(text)
        self._busy.discard(key)
        self._memo[key] = found
        return found


class _Computation:
    """One formula being computed."""

    def __init__(self, looking: Calculator, sheet: Sheet) -> None:
        self._looking, self._book, self._sheet = looking, looking.book, sheet

    def result(self, text: str) -> Result:
        try:
            tree = parse(text, locale_of(self._book.locale).decimal)
            found = self._value(tree)
        except BadFormula:
            return _BAD
        except RecursionError:
            return _BUSY
        if isinstance(found, Area):
            found = next(iter(found.cells()), None)
        if isinstance(found, float) and not isfinite(found):
            return _NUM
        return 0 if found is None else found

    def _value(self, tree: Tree) -> Any:
        kind = tree[0]
        if kind in {"number", "text", "truth"}:
            value = tree[1]
            return int(value) if kind == "number" and value == int(value) else value
        if kind == "range":
            return self._area(tree[1], tree[2])
        if kind == "name":
            return self._name(tree[1])
        if kind == "call":
            return self._call(tree[1], tree[2])
        if kind == "binary":
            return self._binary(tree[1], self._single(tree[2]), self._single(tree[3]))
        return self._unary(kind, self._single(tree[1]))

    def _single(self, tree: Tree) -> Result:
        found = self._value(tree)
        if isinstance(found, Area):
            return next(iter(found.cells()), None)
        result: Result = found
        return result

    def _area(self, title: str | None, box: Box) -> Area | Fault:
        sheet = self._sheet if title is None else self._book.titled(title)
        if sheet is None:
            return _NO_RANGE
        return Area(lambda: self._cells(sheet, sheet.clip(box)))

    def _cells(self, sheet: Sheet, box: Box) -> Iterator[Result]:
        last = min(box.bottom or 0, max(len(sheet.rows), box.top + 1))
        for row in range(box.top, last):
            for column in range(box.left, box.right or 0):
                yield self._looking.at(sheet, row, column)

    def _name(self, name: str) -> Area | Fault:
        found = self._book.named(name)
        if found is None:
            return Fault("NAME", "#NAME?", f"Unknown range name: '{name.upper()}'.")
        return Area(lambda: self._cells(found[0], found[0].clip(found[1])))

    def _call(self, written: str, arguments: list[Tree]) -> Any:
        name = written.upper()
        if name == "IF":
            return self._if(arguments)
        if name == "IFERROR":
            first = self._single(arguments[0]) if arguments else _BAD
            if not isinstance(first, Fault):
                return first
            return self._single(arguments[1]) if len(arguments) > 1 else None
        function = FUNCTIONS.get(name)
        if function is None:
            return Fault("NAME", "#NAME?", f"Unknown function: '{written}'.")
        now = local_now(self._book, self._looking.now)
        return function([self._value(tree) for tree in arguments], now)

    def _if(self, arguments: list[Tree]) -> Any:
        least, most = 2, 3
        if not least <= len(arguments) <= most:
            return Fault("N_A", "#N/A", "Wrong number of arguments to IF.")
        test = self._single(arguments[0])
        truth = test if isinstance(test, Fault) else as_number(test)
        if isinstance(truth, Fault):
            return truth
        if truth:
            return self._single(arguments[1])
        return self._single(arguments[2]) if len(arguments) == most else False

    def _unary(self, kind: str, value: Result) -> Result:
        number = as_number(value, "UMINUS" if kind == "negative" else "UNARY_PERCENT")
        if isinstance(number, Fault):
            return number
        return -number if kind == "negative" else number / 100

    def _binary(self, sign: str, left: Result, right: Result) -> Result:
        for side in (left, right):
            if isinstance(side, Fault):
                return side
        if sign == "&":
            locale = locale_of(self._book.locale)
            return as_text(left, locale) + as_text(right, locale)
        if sign in {"=", "<>", "<", ">", "<=", ">="}:
            return compare(sign, left, right)
        one = as_number(left, _NAMES[sign], 1)
        two = as_number(right, _NAMES[sign], 2)
        if isinstance(one, Fault):
            return one
        return two if isinstance(two, Fault) else _arithmetic(sign, one, two)


def _arithmetic(sign: str, one: float, two: float) -> Result:
    if sign == "/" and two == 0:
        return _ZERO
    try:
        found: Any = _OPERATIONS[sign](float(one), float(two))
    except (OverflowError, ZeroDivisionError):
        return _NUM
    if isinstance(found, complex) or not isfinite(found):
        return _NUM
    return int(found) if abs(found) < _EXACT and found == int(found) else float(found)
