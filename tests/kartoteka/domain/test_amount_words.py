"""Amounts as people write them: a comma in Russian, a point in English, the currency's sign."""

from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain import amounts
from kartoteka.domain.amount_words import discount, money, priced, quantity


def test_russian_amount_has_a_comma_and_gaps_that_never_break() -> None:
    assert money(123_456_750, "ru") == "1\u00a0234\u00a0567,50"
    assert priced(4_500_000, "RUB", "ru") == "45\u00a0000\u00a0₽"
    assert (quantity(1500, "ru"), quantity(2000, "ru")) == ("1,5", "2")
    assert (discount(1250, "ru"), discount(0, "ru")) == ("12,5\u00a0%", "")


def test_english_amount_has_a_point_and_commas() -> None:
    assert money(123_456_750, "en") == "1,234,567.50"
    assert priced(4_500_050, "EUR", "en") == "45,000.50\u00a0€"
    assert (quantity(1500, "en"), discount(1250, "en")) == ("1.5", "12.5\u00a0%")


def test_currency_without_a_sign_is_told_by_its_code_and_none_is_left_out() -> None:
    assert (priced(100, "KZT", "ru"), priced(100, "", "ru")) == ("1\u00a0KZT", "1")


@given(minor=st.integers(0, 10**13), lang=st.sampled_from(["ru", "en"]))
def test_amount_in_words_is_read_back_as_the_same_amount(minor: int, lang: str) -> None:
    shown = money(minor, lang)

    assert amounts.minor(shown.replace(",", "") if lang == "en" else shown) == minor
