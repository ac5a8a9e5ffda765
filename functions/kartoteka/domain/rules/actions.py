"""«То»: wordings divided by semicolons or line breaks become actions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from kartoteka.domain.rules.catalogue import ACTIONS
from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.fields_table import Name
from kartoteka.domain.rules.model import Act, ArgValue
from kartoteka.domain.rules.phrases import Filled, Reader, Reading, matched
from kartoteka.domain.rules.places import READERS
from kartoteka.domain.rules.scan import Token, scan
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import plain

MOST_ACTIONS = 10
BACK = (("можно", "назад"), ("also", "back"))


def actions_of(text: str, vocabulary: Vocabulary, subject: str) -> tuple[Act, ...]:
    """Return what a cell of «то» asks for, in its order; `subject` is the record it is about.

    Raises:
        RuleError: a part is no action, or there are none or too many.
    """
    tokens = scan(text, lines=True)
    found = tuple(_act(part, vocabulary, subject) for part in _parts(tokens))
    if not found:
        raise RuleError("rule_no_action", tokens[-1].place)
    if len(found) > MOST_ACTIONS:
        raise RuleError("rule_actions", tokens[-1].place, count=MOST_ACTIONS)
    return found


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each action, with an end of their own; empty ones are passed over."""
    part: list[Token] = []
    for token in tokens:
        ends = token.kind in {"end", "space"} or (token.kind == "mark" and token.text == ";")
        if not ends:
            part.append(token)
        elif part:
            yield [*part, Token("end", "", token.start, token.start)]
            part = []


def _act(tokens: Sequence[Token], vocabulary: Vocabulary, subject: str) -> Act:
    reading = Reading(tokens, 0, vocabulary, subject)
    name, filled = matched(_wordings(), reading, _READERS)
    return Act(name, _args(filled))


def _args(filled: Filled) -> dict[str, ArgValue]:
    return {key: it.canonical if isinstance(it, Name) else it for key, it in filled.items()}


def _back(reading: Reading, _of: str) -> tuple[Any, int] | None:
    said = tuple(plain(token.text) for token in reading.tokens[reading.at : reading.at + 2])
    return (True, reading.at + 2) if said in BACK else None


_READERS: Mapping[str, Reader] = {**READERS, "back": _back}


@cache
def _wordings() -> tuple[tuple[str, str], ...]:
    return tuple((wording, action.name) for action in ACTIONS for wording in action.wordings)
