"""Which days a country does not work, and on which days of rest it does, as its law names them.

Source: the package `holidays`, imported on first use: half a second, which whoever sets an office
up, the night and the command that names a country wait for, and nobody else.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import PlainSerializer

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value

NO_DAYS: frozenset[date] = frozenset()
DaySet = Annotated[frozenset[date], PlainSerializer(sorted, return_type=list[date])]
_LETTERS = 2


class CountryDays(Value):
    """A country by its two letters (ISO 3166-1) and its days; `country` empty: no calendar.

    `off`: not worked; `worked`: a day of rest that is worked instead of another day.
    """

    country: str = ""
    off: DaySet = NO_DAYS
    worked: DaySet = NO_DAYS

    def before(self, year: int) -> "CountryDays":
        """Return the same without the days of this year and of later ones."""
        return CountryDays(
            country=self.country,
            off=frozenset(day for day in self.off if day.year < year),
            worked=frozenset(day for day in self.worked if day.year < year),
        )

    def joined(self, other: "CountryDays") -> "CountryDays":
        """Return the days of both, of the same country."""
        off, worked = self.off | other.off, self.worked | other.worked
        return CountryDays(country=self.country, off=off, worked=worked)


def days_of(country: str, years: Iterable[int]) -> CountryDays:
    """Return the days of a country in these years; of a year to come, as the law stands today.

    Raises:
        Invalid: no calendar of such a country is known.
    """
    from holidays import country_holidays

    code, wanted = country.strip().upper(), frozenset(years)
    try:
        found = country_holidays(_spelled(code), years=wanted)
    except NotImplementedError as exc:
        raise _unknown(code) from exc
    worked = frozenset(day for day in found.weekend_workdays if day.year in wanted)
    off = frozenset(day for day in found if day.year in wanted)
    return CountryDays(country=code, off=off, worked=worked)


def _spelled(code: str) -> str:
    """Return the code, if it is one of two letters: the package knows markets and names too."""
    if len(code) != _LETTERS:
        raise _unknown(code)
    return code


def _unknown(code: str) -> Invalid:
    return Invalid(
        f"no calendar of the country {code!r} is known",
        fields={"country": "unknown"},
        code="country_unknown",
    )
