"""The language of rules: what the cells «когда», «если», «то» and «через» mean.

Russian and English words may be mixed. `spelling` makes the same words of the meaning again.
"""

from kartoteka.domain.rules.conditions import condition_of
from kartoteka.domain.rules.model import Condition
from kartoteka.domain.rules.vocabulary import Vocabulary


def parse_condition(text: str, vocabulary: Vocabulary, subject: str = "deal") -> Condition | None:
    """Return what a cell of «если» means, None for an empty one.

    Args:
        text: as typed.
        vocabulary: what the office can name.
        subject: kind of record the rule is about: «этап» without more is its stage.

    Raises:
        RuleError: it means nothing; says where and what was probably meant.
    """
    return condition_of(text, vocabulary, subject) if text.strip() else None
