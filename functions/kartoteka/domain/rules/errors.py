"""What is wrong in a rule, where, and what was probably meant."""

from kartoteka.domain.errors import Invalid
from kartoteka.domain.rules.model import Column


class RuleError(Invalid):
    """A cell of a rule cannot be understood.

    Attributes:
        column: the cell: when, condition, then or after.
        position: of the word in the cell, from 0.
        word: the text that is meant, of which `length` characters stand in the cell.
        nearest: what was probably meant, empty when nothing is near.
    """

    def __init__(
        self,
        code: str,
        place: tuple[int, str] = (0, ""),
        *,
        nearest: str = "",
        column: Column = "condition",
        length: int | None = None,
        **facts: object,
    ) -> None:
        self.column: Column = column
        self.position, self.word = place
        self.length = len(self.word) if length is None else length
        self.nearest = nearest
        super().__init__(
            f"{code} at {self.position}",
            fields={column: code},
            code=code if nearest else _ALONE.get(code, code),
            word=self.word,
            place=self.position + 1,
            nearest=nearest,
            **facts,
        )
        self.rule_code = code

    def inside(self, column: Column) -> "RuleError":
        """Return the same error as of another cell."""
        facts = {k: v for k, v in self.facts.items() if k not in {"word", "place", "nearest"}}
        place = (self.position, self.word)
        return RuleError(
            self.rule_code,
            place,
            nearest=self.nearest,
            column=column,
            length=self.length,
            **facts,
        )


# The wording of errors whose usual one names what was probably meant.
_ALONE = {
    "rule_field": "rule_field_bare",
    "rule_name": "rule_name_bare",
    "rule_phrase": "rule_phrase_bare",
    "rule_word": "rule_word_bare",
}
