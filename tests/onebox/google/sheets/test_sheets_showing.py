"""Numbers and dates as cells show them, and typed text as it is understood."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onebox.google.sheets.entering import enter
from onebox.google.sheets.locales import locale_of
from onebox.google.sheets.serials import from_serial, to_serial
from onebox.google.sheets.showing import show

RU, EN = locale_of("ru_RU"), locale_of("en_US")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_OLDEST = datetime(1900, 3, 1, tzinfo=UTC).replace(tzinfo=None)
_NEWEST = datetime(2200, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_PATTERNS = ["", "0", "#,##0.00", "dd.mm.yyyy hh:mm", "[h]:mm", "0%", "0.0E+0", "#,##0,"]


@pytest.mark.parametrize(
    ("value", "pattern", "russian", "american"),
    [
        (1234567.891, "#,##0.00", "1\xa0234\xa0567,89", "1,234,567.89"),
        (0.1234, "0.00%", "12,34%", "12.34%"),
        (46349.5, "dd.mm.yyyy hh:mm", "23.11.2026 12:00", "23.11.2026 12:00"),
        (46349.5, "d mmmm yyyy", "23 ноября 2026", "23 November 2026"),
        (46349, "mmmm yyyy", "ноябрь 2026", "November 2026"),
        (0.25, "h:mm am/pm", "6:00 AM", "6:00 AM"),
        (1.5, "[h]:mm", "36:00", "36:00"),
        (0.0005, "mm:ss.0", "00:43,2", "00:43.2"),
        (-5, "0.00;(0.00)", "(5,00)", "(5.00)"),
        (0, "0;-0;«пусто»", "«пусто»", "«пусто»"),
        (1500, "#,##0 [$₽-419]", "1\xa0500 ₽", "1,500 ₽"),
        (7, '"№" 000', "№ 007", "№ 007"),
        (12345, "0.00E+00", "1,23E+04", "1.23E+04"),
        (5, "@", "5", "5"),
        (2.5, "0", "3", "3"),
        (-0.001, "0.00", "0,00", "0.00"),
        (1 / 3, "", "0,3333333333", "0.3333333333"),
        (0.1 + 0.2, "", "0,3", "0.3"),
        (79161234567, "", "79161234567", "79161234567"),
        (1e21, "", "1E+21", "1E+21"),
        (True, "0.00", "TRUE", "TRUE"),
        ("текст", "0.00", "текст", "текст"),
    ],
)
def test_value_is_shown_by_its_pattern_in_its_locale(value, pattern, russian, american):
    style = {"pattern": pattern} if pattern else {}

    assert (show(value, style, RU), show(value, style, EN)) == (russian, american)


@pytest.mark.parametrize(
    ("text", "russian", "american"),
    [
        ("0042", 42, 42),
        ("1,5", 1.5, "1,5"),
        ("1.5", 46143, 1.5),
        ("1,234.50", "1,234.50", 1234.5),
        ("1 234,50", 1234.5, "1 234,50"),
        ("-7", -7, -7),
        ("5%", 0.05, 0.05),
        ("$5", "$5", 5),
        ("1 500 ₽", 1500, "1 500 ₽"),
        ("2026-11-23", 46349, 46349),
        ("23.11.2026", 46349, "23.11.2026"),
        ("11/23/2026", "11/23/2026", 46349),
        ("5 мая", 46147, "5 мая"),
        ("9:30", 0.3958333333333333, 0.3958333333333333),
        ("31.02.2026", "31.02.2026", "31.02.2026"),
        ("истина", True, True),
        ("'5", "5", "5"),
        ("8 916 123-45-67", "8 916 123-45-67", "8 916 123-45-67"),
        ("-", "-", "-"),
        ("٣٤", "٣٤", "٣٤"),
        ("", None, None),
    ],
)
def test_typed_text_becomes(text, russian, american):
    assert (enter(text, RU, NOON).value, enter(text, EN, NOON).value) == (russian, american)


@pytest.mark.parametrize(
    ("text", "locale", "shown"),
    [
        ("$5", EN, "$5"),
        ("$1,234.5", EN, "$1,234.50"),
        ("1500 ₽", RU, "1\xa0500\xa0₽"),
        ("Jan 2, 2020", EN, "Jan 2, 2020"),
        ("January 02, 2020", EN, "January 02, 2020"),
        ("2-Jan-2020", EN, "2-Jan-2020"),
        ("5 мая 2026", RU, "5 мая 2026"),
        ("2026-1-5", EN, "2026-1-5"),
        ("2026/01/05", EN, "2026/01/05"),
        ("1e5", EN, "1.00E+05"),
        ("9:05 PM", EN, "9:05 PM"),
    ],
)
def test_typed_text_is_shown_as_it_was_typed(text, locale, shown):
    found = enter(text, locale, NOON)

    assert show(found.value, found.number_format or {}, locale) == shown


def test_link_typed_keeps_its_text_and_leads_there():
    assert enter("https://ya.ru/a", EN, NOON).link == "https://ya.ru/a"


@given(st.text(max_size=60))
def test_any_text_is_understood_somehow_and_formulas_only_by_their_sign(text):
    for locale in (RU, EN):
        found = enter(text, locale, NOON)
        if found.formula is not None:
            assert text.strip()[:1] in "=+"
        if isinstance(found.value, str):
            assert found.value in {text, text[1:]}


@given(st.integers(-(10**9), 10**9), st.integers(0, 2))
def test_number_shown_with_grouping_is_typed_back_as_itself(number, decimals):
    value = number / 10**decimals
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    for locale in (RU, EN):
        shown = show(value, {"pattern": pattern}, locale)
        assert enter(shown, locale, NOON).value == pytest.approx(value)


@given(st.datetimes(_OLDEST, _NEWEST))
def test_moment_survives_as_a_serial_to_the_millisecond(moment):
    back = from_serial(to_serial(moment))

    assert abs((back.replace(tzinfo=None) - moment).total_seconds()) < 0.001


@example(1.7e308, "0%")
@example(1e28, "0")
@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(_PATTERNS),
)
def test_no_number_breaks_a_pattern(value, pattern):
    assert show(value, {"pattern": pattern}, RU)
