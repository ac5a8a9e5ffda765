"""Laws of the language: words of a meaning mean the same, and any text means something or not."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kartoteka.domain.rules import rule_strategies as rules
from tests.kartoteka.domain.rules.rules_office import vocabulary
from tests.kartoteka.domain.rules.test_rule_evaluation import FACTS, NOW, WORK

from kartoteka.domain.rules import spelling, wording
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.evaluate import fields_of, holds
from kartoteka.domain.rules.language import (
    parse_actions,
    parse_condition,
    parse_delay,
    parse_trigger,
)
from kartoteka.domain.rules.model import All, Negated, Some

LOCALES = st.sampled_from(["ru", "en"])


@settings(deadline=None)
@given(rules.conditions, LOCALES)
def test_condition_spelled_means_the_same(condition, locale):
    words = spelling.condition(condition, vocabulary(), locale)
    assert parse_condition(words, vocabulary()) == condition


@settings(deadline=None)
@given(rules.triggers, LOCALES)
def test_trigger_spelled_means_the_same(trigger, locale):
    words = wording.trigger(trigger, vocabulary(), locale)
    assert parse_trigger(words, vocabulary()) == trigger


@settings(deadline=None)
@given(st.lists(rules.actions, min_size=1, max_size=3), LOCALES)
def test_actions_spelled_mean_the_same(acts, locale):
    words = wording.actions(acts, vocabulary(), locale, "deal")
    assert parse_actions(words, vocabulary()) == tuple(acts)


@settings(deadline=None)
@given(rules.spans, LOCALES)
def test_delay_spelled_means_the_same(span, locale):
    assert parse_delay(wording.delay(span, locale)) == span


VARIOUS = """
сумма этап тег не и или = > ( ) « » " ' [ ] , ; 5 500 000 тыс ₽ 18:00 22.11.2026 3 2026-02-30
рабочих
дня через за до после задача уведомить сделка перешла в на новая заявка каждый день сейчас − + пусто
содержит списке / https://a.b % : deal stage moved to every monday at
"""
WORDS = st.sampled_from(VARIOUS.split())
NOISE = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, max_size=25).map(" ".join),
    st.lists(WORDS, max_size=25).map("".join),
)


def refused(parse: Callable[[], object]) -> RuleError | None:
    try:
        parse()
    except RuleError as exc:
        return exc
    return None


@settings(max_examples=200, deadline=None)
@given(NOISE)
def test_any_text_means_something_or_says_where_it_does_not(text):
    known = vocabulary()
    found = {
        "when": refused(lambda: parse_trigger(text, known)),
        "condition": refused(lambda: parse_condition(text, known)),
        "then": refused(lambda: parse_actions(text, known)),
        "after": refused(lambda: parse_delay(text)),
    }
    errors = {column: error for column, error in found.items() if error is not None}

    assert {error.column for error in errors.values()} == set(errors)
    assert all(0 <= error.position <= len(text) for error in errors.values())


@settings(deadline=None)
@given(rules.conditions, rules.conditions)
def test_and_or_and_not_are_those_of_logic(one, other):
    first, second = (holds(it, FACTS, NOW, WORK) for it in (one, other))

    assert holds(All((one, other)), FACTS, NOW, WORK) == (first and second)
    assert holds(Some((one, other)), FACTS, NOW, WORK) == (first or second)
    assert holds(Negated(one), FACTS, NOW, WORK) != first


@settings(deadline=None)
@given(rules.conditions)
def test_only_the_fields_that_are_named_matter(condition):
    named = {name: FACTS[name] for name in fields_of(condition) if name in FACTS}

    assert holds(condition, named, NOW, WORK) == holds(condition, FACTS, NOW, WORK)
