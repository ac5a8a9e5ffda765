"""Where a client is, by the code of the telephone number.

Source: area codes of libphonenumber. The data takes 0.3 s and 100 MB, so it is loaded on first
use, and only an office whose routing asks for regions uses it.
"""

from collections.abc import Iterable

from kartoteka.domain.model import Value

# libphonenumber calls the codes of Moscow by the region around it.
_OWN_NAMES = {"+7495": ("Москва", "Moscow"), "+7499": ("Москва", "Moscow")}
_CODE = 5


class Place(Value):
    """What a number says: names in every language, and the one to show, empty if unknown."""

    names: frozenset[str] = frozenset()
    shown: str = ""


def place_of(phones: Iterable[str], locale: str) -> Place:
    """Return the region of the first number that has one; a mobile only knows its country.

    Args:
        phones: E.164.
        locale: language of the name to show, `ru` or `en`.
    """
    best = Place()
    for phone in phones:
        found = _place(phone, locale)
        if found.shown:
            return found
        best = Place(names=best.names | found.names)
    return best


def _place(phone: str, locale: str) -> Place:
    import phonenumbers
    from phonenumbers import geocoder

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return Place()
    country = phonenumbers.region_code_for_number(number) or ""
    area = {lang: geocoder.description_for_number(number, lang) for lang in ("ru", "en")}
    nation = {geocoder.country_name_for_number(number, lang) for lang in ("ru", "en")}
    own = _OWN_NAMES.get(phone[:_CODE], ())
    names = frozenset({country, *area.values(), *nation, *own} - {""})
    local = own[0 if locale == "ru" else 1] if own else area.get(locale, area["en"])
    return Place(names=names, shown="" if local in nation else local)
