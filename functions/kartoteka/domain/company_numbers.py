"""Tax numbers that identify a company.

Source: structure and check digits of the INN and structure of the KPP as the Federal Tax Service
of Russia assigns them.
"""

import re

from kartoteka.domain.errors import Invalid

_LEGAL = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN = re.compile(r"(?:\d{10}|\d{12})", re.ASCII)
_KPP = re.compile(r"\d{4}[0-9A-Z]{2}\d{3}", re.ASCII)


def inn(text: str) -> str:
    """Return the INN as digits; empty for an empty text.

    Raises:
        Invalid: not 10 or 12 digits, or a check digit that does not fit.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not digits:
        return ""
    if not _INN.fullmatch(digits) or not _checks(digits):
        raise Invalid("an INN has 10 or 12 digits", fields={"inn": "invalid"}, code="inn_invalid")
    return digits


def kpp(text: str) -> str:
    """Return the KPP in capitals; empty for an empty text.

    Raises:
        Invalid: not nine characters of the form 770101001.
    """
    code = re.sub(r"[\s-]", "", text).upper()
    if code and not _KPP.fullmatch(code):
        raise Invalid("a KPP has 9 characters", fields={"kpp": "invalid"}, code="kpp_invalid")
    return code


def key(inn_digits: str, kpp_code: str) -> str:
    """Return the strong key of a company: one INN has several KPPs, one per branch."""
    return f"inn:{inn_digits}" + (f"+{kpp_code}" if kpp_code else "")


def _checks(digits: str) -> bool:
    if len(digits) == len(_LEGAL) + 1:
        return _digit(digits, _LEGAL) == digits[9]
    return (_digit(digits, _PERSON_11), _digit(digits, _PERSON_12)) == (digits[10], digits[11])


def _digit(digits: str, weights: tuple[int, ...]) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
    return str(total % 11 % 10)
