"""Numbers as other programs spell them: `1 234,50`, `"10.0000"`, 3; pure."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from kartoteka.domain.shop_order import MOST_MILLI, MOST_MINOR

_LONGEST_NUMBER = 40
_PLAIN = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2})0{0,9})?")
_SPACES = str.maketrans(",", ".", " \u00a0\u202f\u2009'")


def number(value: Any) -> Decimal | None:
    """Return the number; None when it is none, or greater than any amount."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).translate(_SPACES)
    if not 0 < len(text) <= _LONGEST_NUMBER:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < MOST_MINOR else None


def minor(value: Any) -> int | None:
    """Return an amount in minor units, rounded half up; None when it is no amount."""
    return _scaled(value, 100, MOST_MINOR)


def milli(value: Any) -> int | None:
    """Return a quantity in thousandths; None when it is none."""
    return _scaled(value, 1000, MOST_MILLI)


def spelled(minor_units: int) -> str:
    """Return an amount of minor units with a point: 125050 is `1250.50`."""
    return f"{minor_units // 100}.{minor_units % 100:02d}"


def spelled_milli(thousandths: int) -> str:
    """Return a quantity of thousandths: 1500 is `1.5`, 2000 is `2`."""
    return f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")


def _scaled(value: Any, scale: int, most: int) -> int | None:
    plain = _PLAIN.fullmatch(str(value)) if type(value) in {str, int} else None
    if plain:  # the commonest, in a fraction of a decimal's time
        whole, hundredths = plain.groups("")
        exact = int(whole) * scale + int(hundredths.ljust(2, "0")) * (scale // 100)
        return exact if exact <= most else None
    found = number(value)
    if found is None or found < 0 or found * scale > most:
        return None
    return int((found * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP))
