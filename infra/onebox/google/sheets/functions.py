"""The functions of formulas, and how their arguments become numbers and texts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onebox.google.sheets.locales import Locale
from onebox.google.sheets.serials import to_serial
from onebox.google.sheets.showing import general


@dataclass(frozen=True)
class Fault:
    """An error value: its type in the API, how the cell shows it, and why."""

    type: str
    text: str
    message: str


@dataclass(frozen=True)
class Area:
    """A range given to a function; `cells` yields what its cells come to, row by row."""

    cells: Callable[[], Iterator[Any]]


def as_number(value: Any, function: str = "ADD", parameter: int = 1) -> float | Fault:
    """Return a value as arithmetic takes it; text that is not a number is #VALUE!.

    Args:
        value: what an argument comes to.
        function: name of the function that wants the number, for the message.
        parameter: which of its parameters this is, from 1.
    """
    if isinstance(value, Fault):
        return value
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        return int(value) if isinstance(value, bool) else value
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        reason = (
            f"Function {function} parameter {parameter} expects number values. "
            f"But '{value}' is a text and cannot be coerced to a number."
        )
        return Fault("VALUE", "#VALUE!", reason)


def as_text(value: Any, locale: Locale) -> str:
    """Return a value as `&` joins it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return general(value, locale) if isinstance(value, int | float) else str(value)


def compare(sign: str, left: Any, right: Any) -> bool:
    """Compare as Sheets does: numbers before texts before truths, texts without regard to case."""
    one, two = _rank(left, right), _rank(right, left)
    return {
        "=": one == two,
        "<>": one != two,
        "<": one < two,
        ">": one > two,
        "<=": one <= two,
        ">=": one >= two,
    }[sign]


def _rank(value: Any, other: Any) -> tuple[int, Any]:
    if value is None:
        value = "" if isinstance(other, str) else 0
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return 1, str(value).casefold()


def _flat(arguments: list[Any]) -> Iterator[tuple[Any, bool]]:
    """Yield (value, whether it came from a range)."""
    for argument in arguments:
        if isinstance(argument, Area):
            for value in argument.cells():
                yield value, True
        else:
            yield argument, False


def _numbers(arguments: list[Any], name: str) -> list[float] | Fault:
    found: list[float] = []
    for value, ranged in _flat(arguments):
        if isinstance(value, Fault):
            return value
        if ranged and (isinstance(value, bool | str) or value is None):
            continue
        number = as_number(value, name)
        if isinstance(number, Fault):
            return number
        found.append(number)
    return found


def _over_numbers(
    name: str, fold: Callable[[list[float]], Any]
) -> Callable[[list[Any], datetime], Any]:
    def function(arguments: list[Any], _now: datetime) -> Any:
        numbers = _numbers(arguments, name)
        return numbers if isinstance(numbers, Fault) else fold(numbers)

    return function


def _average(numbers: list[float]) -> Any:
    if not numbers:
        reason = "Evaluation of function AVERAGE caused a divide by zero error."
        return Fault("DIVIDE_BY_ZERO", "#DIV/0!", reason)
    return sum(numbers) / len(numbers)


def _count(arguments: list[Any], _now: datetime) -> int:
    return sum(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value, _ in _flat(arguments)
    )


def _count_all(arguments: list[Any], _now: datetime) -> int:
    return sum(value is not None for value, _ in _flat(arguments))


def _count_if(arguments: list[Any], _now: datetime) -> Any:
    pair = 2
    if len(arguments) != pair:
        return Fault("N_A", "#N/A", "Wrong number of arguments to COUNTIF.")
    test = _criterion(next(_flat([arguments[1]]), (None, False))[0])
    return sum(test(value) for value, _ in _flat([arguments[0]]))


def _criterion(wanted: Any) -> Callable[[Any], bool]:
    if not isinstance(wanted, str):
        return lambda value: value is not None and compare("=", value, wanted)
    sign, text = _split_criterion(wanted)
    number = as_number(text) if text else Fault("VALUE", "#VALUE!", "")
    if not isinstance(number, Fault):
        return lambda value: (
            (isinstance(value, int | float) and compare(sign, value, number))
            or (sign == "<>" and not isinstance(value, int | float))
        )
    if sign in {"=", "<>"}:
        shape = re.compile(_wildcards(text), re.IGNORECASE | re.DOTALL)
        return lambda value: bool(shape.fullmatch(_plain(value))) is (sign == "=")
    return lambda value: isinstance(value, str) and compare(sign, value, text)


def _split_criterion(text: str) -> tuple[str, str]:
    for sign in ("<>", "<=", ">=", "<", ">", "="):
        if text.startswith(sign):
            return sign, text[len(sign) :]
    return "=", text


def _wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _concatenate(arguments: list[Any], _now: datetime) -> Any:
    parts = []
    for value, _ in _flat(arguments):
        if isinstance(value, Fault):
            return value
        parts.append(value if isinstance(value, str) else as_text(value, _DOTS))
    return "".join(parts)


_DOTS = Locale("en", ".", ",", day_first=False, date_mark="/", date="", currency="")


def _hyperlink(arguments: list[Any], _now: datetime) -> Any:
    if not arguments:
        return Fault("N_A", "#N/A", "Wrong number of arguments to HYPERLINK.")
    return next(_flat(arguments[-1:]), ("", False))[0]


def _today(_arguments: list[Any], now: datetime) -> float:
    return int(to_serial(now))


def _now(_arguments: list[Any], now: datetime) -> float:
    return to_serial(now.replace(microsecond=0))


FUNCTIONS: dict[str, Callable[[list[Any], datetime], Any]] = {
    "AVERAGE": _over_numbers("AVERAGE", _average),
    "CONCATENATE": _concatenate,
    "COUNT": _count,
    "COUNTA": _count_all,
    "COUNTIF": _count_if,
    "HYPERLINK": _hyperlink,
    "MAX": _over_numbers("MAX", lambda numbers: max(numbers, default=0)),
    "MIN": _over_numbers("MIN", lambda numbers: min(numbers, default=0)),
    "NOW": _now,
    "SUM": _over_numbers("SUM", sum),
    "TODAY": _today,
}
