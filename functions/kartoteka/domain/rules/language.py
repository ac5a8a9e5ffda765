"""The language of rules: what the cells «когда», «если», «то» and «через» mean.

Russian and English words may be mixed. `spelling` makes words of the meaning again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from kartoteka.domain.rules.actions import actions_of
from kartoteka.domain.rules.conditions import condition_of
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.literals import span_at
from kartoteka.domain.rules.model import Act, Column, Condition, Rule, RuleRow, Trigger
from kartoteka.domain.rules.scan import Token, scan
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.rules.triggers import subject_of, trigger_of
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import plain

T = TypeVar("T")
_AT_ONCE = frozenset({"сразу", "at once", "immediately"})


def parse_rule(row: RuleRow, vocabulary: Vocabulary) -> Rule:
    """Return the rule behind a row.

    Raises:
        RuleError: a cell means nothing; `column` says which.
    """
    trigger = parse_trigger(row.when, vocabulary)
    subject = subject_of(trigger)
    return Rule(
        row=row,
        trigger=trigger,
        condition=parse_condition(row.condition, vocabulary, subject),
        delay=parse_delay(row.after),
        actions=parse_actions(row.then, vocabulary, subject),
    )


def parse_trigger(text: str, vocabulary: Vocabulary) -> Trigger:
    """Return what a cell of «когда» means.

    Raises:
        RuleError: it means nothing; says where and what was probably meant.
    """
    return _in("when", lambda: trigger_of(text, vocabulary))


def parse_condition(text: str, vocabulary: Vocabulary, subject: str = "deal") -> Condition | None:
    """Return what a cell of «если» means, None for an empty one.

    Args:
        text: as typed.
        vocabulary: what the office can name.
        subject: kind of record the rule is about: «этап» without more is its stage.

    Raises:
        RuleError: it means nothing; says where and what was probably meant.
    """
    if not text.strip():
        return None
    return _in("condition", lambda: condition_of(text, vocabulary, subject))


def parse_actions(text: str, vocabulary: Vocabulary, subject: str = "deal") -> tuple[Act, ...]:
    """Return what a cell of «то» asks for, in its order.

    Raises:
        RuleError: a part is no action; says where and what was probably meant.
    """
    return _in("then", lambda: actions_of(text, vocabulary, subject))


def parse_delay(text: str) -> Span | None:
    """Return how long a rule waits, None when it acts at once.

    Raises:
        RuleError: it is no span of time.
    """
    said = plain(" ".join(text.split()))
    if not said or said in _AT_ONCE:
        return None
    return _in("after", lambda: _delay_of(text))


def _delay_of(text: str) -> Span:
    tokens = scan(text)
    begins = tokens[0].kind == "word" and plain(tokens[0].text) in {"через", "in", "after"}
    found = span_at(tokens, int(begins))
    if found is None:
        raise RuleError("rule_delay", _wrong(tokens[int(begins) :]).place)
    if tokens[found[1]].kind != "end":
        raise RuleError("rule_delay", tokens[found[1]].place)
    return found[0]


def _wrong(tokens: Sequence[Token]) -> Token:
    """Return the word that keeps these from being a span: the one behind the number, if any."""
    counted = tokens[0].kind not in {"word", "end"} and len(tokens) > 1
    return tokens[1] if counted and tokens[1].kind == "word" else tokens[0]


def _in(column: Column, read: Callable[[], T]) -> T:
    try:
        return read()
    except RuleError as exc:
        raise exc.inside(column) from None
