"""What nameless visitors of a site are called, until they say their name."""

from collections.abc import Iterable

from kartoteka.domain.visitor import guest_number
from kartoteka.i18n import LOCALES, text


def guests(messengers: Iterable[str], locales: Iterable[str] = LOCALES) -> list[str]:
    """Return the stand-in names of the visitors among the messengers, in these languages."""
    numbers = [number for number in map(guest_number, messengers) if number]
    return [text("site_guest", locale, number=number) for number in numbers for locale in locales]
