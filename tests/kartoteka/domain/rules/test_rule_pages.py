"""The guide to rules: its tables are those of the language, and each of its examples is read."""

import re

import pytest
from tests.architecture.sources import ROOT
from tests.kartoteka.domain.rules.rules_office import settings
from tests.kartoteka.domain.rules.rules_reference import LOCALES, renewed

from kartoteka.domain.rules.language import (
    parse_actions,
    parse_condition,
    parse_delay,
    parse_rule,
    parse_trigger,
)
from kartoteka.domain.rules.model import RuleRow
from kartoteka.domain.rules.vocabulary import Vocabulary, vocabulary_of

FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SEGMENTS = {"segment": [("sleeping_90", "Спящие"), ("asleep", "Sleeping"), ("vip", "VIP")]}


def page(locale: str) -> str:
    return (ROOT / "docs" / locale / "rules.md").read_text("utf-8")


def examples(locale: str, *columns: str) -> list[tuple[str, str]]:
    found = FENCE.findall(page(locale))
    return [
        (column, line)
        for column, lines in found
        if column in columns
        for line in lines.splitlines()
    ]


def understood(column: str, words: str, known: Vocabulary) -> object:
    if column == "when":
        return parse_trigger(words, known)
    if column == "if":
        return parse_condition(words, known)
    if column == "then":
        return parse_actions(words, known)
    return parse_delay(words)


def known() -> Vocabulary:
    """An office without fields of its own, which could be called as an example is."""
    office = settings().office.model_copy(update={"fields": ()})
    return vocabulary_of(settings().model_copy(update={"office": office}), lists=SEGMENTS)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_example_of_the_guide_is_understood(locale: str) -> None:
    listed = examples(locale, "when", "if", "then", "after")

    assert {column for column, _ in listed} == {"when", "if", "then", "after"}
    assert [it for it in listed if understood(*it, known()) is None] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_tables_of_the_guide_are_those_of_the_language(locale: str) -> None:
    assert renewed(page(locale), locale) == page(locale)
    assert page(locale).count("<!-- end -->") == 3


@pytest.mark.parametrize("locale", LOCALES)
def test_every_whole_rule_of_the_guide_is_understood(locale: str) -> None:
    table = page(locale).partition("|---|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    words = ("when", "condition", "then", "after")
    rows = [dict(zip(words, map(str.strip, line.split("|")[1:5]), strict=True)) for line in table]

    rules = [parse_rule(RuleRow(id="r", name="r", **row), known()) for row in rows]

    assert [rule.row.then for rule in rules] == [row["then"] for row in rows]
    assert len(rules) == 4
