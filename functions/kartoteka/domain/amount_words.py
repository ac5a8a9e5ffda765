"""Amounts, quantities and discounts as people of a language write them; pure."""

from kartoteka.domain import amounts

SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€"}
_GAP = "\u00a0"  # a number is never torn from the next line
_PERCENT = 100  # hundredths of a per cent in one


def money(minor: int, lang: str) -> str:
    """Return an amount as people of the language write it: `1 250,50`, `1,250.50`."""
    whole, _, part = amounts.spelled(minor).partition(".")
    comma = "," if lang == "en" else _GAP
    return f"{int(whole):,}".replace(",", comma) + _point(lang) + part


def sign(currency: str) -> str:
    """Return the sign of a currency, its code when it has none here."""
    return SIGNS.get(currency, currency)


def priced(minor: int, currency: str, lang: str) -> str:
    """Return an amount with its currency, without hundredths that are nought: `45 000 ₽`."""
    shown = money(minor, lang).removesuffix(_point(lang) + "00")
    return f"{shown}{_GAP}{sign(currency)}" if currency else shown


def quantity(thousandths: int, lang: str) -> str:
    """Return a quantity of thousandths: 1500 is `1,5` in Russian, `1.5` in English."""
    return amounts.spelled_milli(thousandths).replace(".", _point(lang))


def discount(basis_points: int, lang: str) -> str:
    """Return a discount as a per cent, `12,5 %`; empty when there is none."""
    if not basis_points:
        return ""
    return f"{basis_points / _PERCENT:g}{_GAP}%".replace(".", _point(lang))


def _point(lang: str) -> str:
    return "." if lang == "en" else ","
