"""How a spreadsheet's locale writes numbers, dates and money.

Source: CLDR for the separators; the patterns are those that Sheets shows for the locale.
"""

from dataclasses import dataclass

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
}
# As they stand after a day: «5 мая».
MONTHS_OF_DAY = {
    "en": MONTHS["en"],
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
}


@dataclass(frozen=True)
class Locale:
    """Separators, the order of day and month, and default patterns."""

    language: str
    decimal: str
    group: str
    day_first: bool
    date_mark: str
    date: str
    currency: str

    @property
    def time(self) -> str:
        return "h:mm:ss am/pm" if self.language == "en" and not self.day_first else "h:mm:ss"

    @property
    def date_time(self) -> str:
        return f"{self.date} H:mm:ss"

    def months(self) -> list[str]:
        return MONTHS.get(self.language, MONTHS["en"]).split()

    def months_of_day(self) -> list[str]:
        return MONTHS_OF_DAY.get(self.language, MONTHS_OF_DAY["en"]).split()

    def days(self) -> list[str]:
        return DAYS.get(self.language, DAYS["en"]).split()


_EN_US = Locale("en", ".", ",", False, "/", "M/d/yyyy", '"$"#,##0.00')
_RU = Locale("ru", ",", "\xa0", True, ".", "dd.mm.yyyy", '#,##0.00\xa0"₽"')
_KNOWN = {
    "en_US": _EN_US,
    "en_GB": Locale("en", ".", ",", True, "/", "dd/mm/yyyy", '"£"#,##0.00'),
    "ru_RU": _RU,
    "be_BY": Locale("ru", ",", "\xa0", True, ".", "dd.mm.yyyy", '#,##0.00\xa0"Br"'),
    "kk_KZ": Locale("ru", ",", "\xa0", True, ".", "dd.mm.yyyy", '#,##0.00\xa0"₸"'),
    "uk_UA": Locale("ru", ",", "\xa0", True, ".", "dd.mm.yyyy", '#,##0.00"₴"'),
    "de_DE": Locale("de", ",", ".", True, ".", "dd.mm.yyyy", '#,##0.00\xa0"€"'),
    "fr_FR": Locale("fr", ",", "\u202f", True, "/", "dd/mm/yyyy", '#,##0.00\xa0"€"'),
}


def locale_of(name: str) -> Locale:
    """Return the habits of a locale such as `ru_RU` or `ru`; an unknown one is like en_US."""
    if name in _KNOWN:
        return _KNOWN[name]
    language = name.replace("-", "_").split("_", maxsplit=1)[0]
    return next((kept for key, kept in _KNOWN.items() if key.startswith(f"{language}_")), _EN_US)
