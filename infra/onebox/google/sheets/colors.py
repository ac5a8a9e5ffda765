"""Colours as Sheets keeps them: eight bits for each of red, green and blue."""

import struct
from functools import cache
from typing import Any

_FULL = 255
_MOST = 2.0**23
_DIGITS = range(6, 10)


def eight_bits(color: dict[str, Any]) -> dict[str, Any]:
    """Return a Color as it is answered after it was stored: 0.5 has become 127/255.

    Fractions of the 255 steps are cut off, and beyond the last step counting begins anew, so that
    somebody who writes 0..255 instead of 0..1 gets the odd colours that Sheets gives them.
    """
    return {
        name: value if name == "alpha" else _shade(_step(value)) for name, value in color.items()
    }


def _step(value: float) -> int:
    bounded = _single(min(max(float(value), -_MOST), _MOST))
    return int(_single(bounded * _FULL)) & _FULL


@cache
def _shade(step: int) -> float:
    """Return a step as the shortest number that names the same single-precision float."""
    exact = _single(step / _FULL)
    shown = next(
        short for digits in _DIGITS if _single(short := float(f"{exact:.{digits}g}")) == exact
    )
    return int(shown) if shown in (0, 1) else shown


def _single(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found
