"""Keys of identity: the same person typed differently is the same key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.domain.identity import email, keys, phone


@pytest.mark.parametrize(
    "text",
    [
        *("+7 916 204-11-83", "8 (916) 204-11-83", "89162041183", "79162041183", "9162041183"),
        *("007 916 204 11 83", "tel:+79162041183", "+7\u200b916\u00a0204\u202d-11-83"),
        *("+7 916 204-11-83 доб. 12", "٨٩١٦٢٠٤١١٨٣"),
    ],
)
def test_number_in_any_spelling_is_one_key(text: str) -> None:
    assert phone(text) == "+79162041183"


@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_number_as_stored_is_what_the_library_makes_of_it(rest: int) -> None:
    stored = f"+79{rest:09}"
    assert phone(stored) == phone(f"{stored[:2]} {stored[2:]}") == stored


@pytest.mark.parametrize(
    "text", ["", "101", "SIP/101", "204-11-83", "anonymous", "13596*101", "+7", "8" * 41, "+7 916"]
)
def test_text_that_names_no_full_number_is_no_key(text: str) -> None:
    assert phone(text) is None


def test_region_reads_numbers_without_a_country() -> None:
    assert phone("029 123-45-67", "BY") == "+375291234567"
    assert phone("+375 29 123-45-67") == "+375291234567"


@pytest.mark.parametrize(
    "text", ["Irina@Example.RU", " irina@example.ru ", "irina@example.ru\u200b"]
)
def test_mail_in_any_spelling_is_one_key(text: str) -> None:
    assert email(text) == "irina@example.ru"


@pytest.mark.parametrize(
    "text",
    [
        *("", "irina", "irina@", "@x.ru", "a@b", "a b@x.ru", "a@x.ru, b@x.ru", "m@cl\0ent.example"),
        *("a@" + "x" * 260 + ".ru", "\x1ba@x.ru", "a@x\ud800.ru"),
    ],
)
def test_text_that_is_no_mail_is_no_key(text: str) -> None:
    assert email(text) is None


@given(st.text(max_size=60))
def test_reading_a_key_again_changes_nothing(text: str) -> None:
    for read in (phone, email):
        once = read(text)
        assert once is None or read(once) == once


def test_keys_come_in_order_of_strength() -> None:
    assert keys(("+1",), ("a@b.ru",), ("telegram:a:1",)) == [
        "phone:+1",
        "chat:telegram:a:1",
        "mail:a@b.ru",
    ]
