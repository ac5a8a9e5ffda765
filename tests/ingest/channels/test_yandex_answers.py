"""All answers of a Yandex form in one text, in every shape that receivers have met."""

import json
from typing import Any

import pytest
from hypothesis import given
from tests.ingest.channels.test_channels_fuzz import JSON

from ingest.yandex_answers import answers_of

PHONE = {"value": "8 916 555-01-91", "question": {"slug": "answer_phone_2"}}


def told(whole: Any) -> list[tuple[str, str, str]]:
    found, _ = answers_of(json.dumps(whole, ensure_ascii=False))
    return [(one.name, one.value, one.slot) for one in found]


@pytest.mark.parametrize(
    "whole",
    [
        {"answer": {"id": 5, "data": {"answer_phone_2": PHONE}}},
        {"id": 5, "data": {"answer_phone_2": PHONE}},
        {"answer_phone_2": PHONE},
        [{"id": "answer_phone_2", "text": "8 916 555-01-91"}],
        [{"slug": "answer_phone_2", "value": "8 916 555-01-91"}],
        {"id": "answer_phone_2", "value": "8 916 555-01-91"},
    ],
)
def test_telephone_is_found_in_every_shape(whole: Any) -> None:
    assert told(whole) == [("answer_phone_2", "8 916 555-01-91", "phone")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Да", "Да"),
        (5, "5"),
        (True, "true"),
        ([{"key": "1", "slug": "a", "text": "Аренда"}, {"slug": "debt"}], "Аренда, debt"),
        ({"labels": ["Москва"], "other": "Тверь"}, "Москва, Тверь"),
        ({"text": {"ru": "Да"}}, "Да"),
        (None, ""),
    ],
)
def test_answer_is_told_in_the_words_that_people_chose(value: Any, words: str) -> None:
    item = {"value": value, "question": {"label": {"ru": "Вопрос"}}}

    assert told({"data": {"answer_choices_3": item}}) == [("Вопрос", words, "")]


@pytest.mark.parametrize("text", ["", "просто текст", "[1]", "{}", "[", '{"a": 1}', "{" * 3000])
def test_text_that_holds_no_answers_stays_a_text(text: str) -> None:
    assert answers_of(text) == ([], "")


@given(JSON)
def test_any_json_is_borne(whole: Any) -> None:
    answers_of(json.dumps(whole))
