"""The words of a condition recognised: operators, fields and values, of as many words as fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kartoteka.domain.rules.fields_table import Name
from kartoteka.domain.rules.literals import Literal, read
from kartoteka.domain.rules.model import Op
from kartoteka.domain.rules.scan import Token
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import plain

# What people write, by what it means; longer wordings win.
_WORDINGS: Mapping[str, tuple[str, ...]] = {
    "AND": ("и", "and", "а также"),
    "OR": ("или", "or", "либо"),
    "NOT": ("не", "not", "неверно что"),
    "=": ("равно", "равна", "равен", "равны", "is", "equals", "это"),
    "≠": ("не равно", "не равна", "не равен", "не равны", "is not", "not equal to", "не это"),
    ">": ("больше", "более", "выше", "позже", "после", "больше чем", "greater than", "more than",
          "above", "over", "after", "later than"),
    "<": ("меньше", "менее", "ниже", "раньше", "до", "меньше чем", "less than", "below", "under",
          "before", "earlier than"),
    "≥": ("не меньше", "не менее", "не ниже", "не раньше", "больше или равно", "at least",
          "not less than", "not before", "greater than or equal to"),
    "≤": ("не больше", "не более", "не выше", "не позже", "меньше или равно", "at most",
          "not more than", "not after", "less than or equal to"),
    "CONTAINS": ("содержит", "содержат", "включает", "включают", "contains", "contain", "includes"),
    "LACKS": ("не содержит", "не содержат", "не включает", "does not contain", "do not contain"),
    "IN": ("в списке", "из списка", "один из", "одна из", "одно из", "in", "one of", "is one of"),
    "OUTSIDE": ("не в списке", "не из списка", "not in", "is not in", "is not one of"),
    "BLANK": ("пусто", "пуст", "пуста", "пусты", "не заполнено", "не заполнен", "не заполнена",
              "не указано", "не указан", "не указана", "is empty", "empty", "is blank",
              "is not filled", "are empty"),
    "FILLED": ("заполнено", "заполнен", "заполнена", "заполнены", "не пусто", "не пуст",
               "не пуста", "не пусты", "указано", "указан", "указана", "is filled", "filled",
               "is not empty", "is not blank", "not empty", "are not empty"),
}  # fmt: skip
_MEANINGS: Mapping[tuple[str, ...], str] = {
    tuple(wording.split()): meaning for meaning, all_of in _WORDINGS.items() for wording in all_of
}
_LONGEST = max(map(len, _MEANINGS))
_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "<>": "≠", "==": "="}
_MARKS = {"(": "LPAR", ")": "RPAR", ",": "SEPARATOR", ";": "SEPARATOR"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One terminal of the grammar; `first` is where it begins in the cell, `upto` where it ends."""

    kind: str
    first: Token
    upto: int
    op: Op | None = None
    name: Name | None = None
    literal: Literal | None = None


def wordings() -> list[str]:
    """Return every operator as it may be written."""
    return [wording for all_of in _WORDINGS.values() for wording in all_of]


def pieces_of(tokens: Sequence[Token], vocabulary: Vocabulary, subject: str) -> list[Piece]:
    """Return the pieces of a condition; what is not known is a WORD.

    Raises:
        RuleError: a value or a field in brackets that there is not.
    """
    found: list[Piece] = []
    at = 0
    while tokens[at].kind != "end":
        piece, at = _piece(tokens, at, vocabulary, subject)
        found.append(piece)
    return found


def _piece(
    tokens: Sequence[Token], at: int, vocabulary: Vocabulary, subject: str
) -> tuple[Piece, int]:
    token = tokens[at]
    if token.kind == "field":
        name = vocabulary.bracketed(token.text, subject)
        kind = "NAME" if name is not None else "WORD"
        return Piece(kind, token, token.end, name=name), at + 1
    if token.kind == "op":
        return _sign(token), at + 1
    if token.kind == "mark":
        return Piece(_MARKS.get(token.text, token.text), token, token.end), at + 1
    worded = _worded(tokens, at, vocabulary, subject) if token.kind == "word" else None
    if worded is not None:
        return worded
    literal = read(tokens, at, vocabulary.around)
    if literal is not None:
        upto = literal.upto
        return Piece("VALUE", token, tokens[upto - 1].end, literal=literal), upto
    return Piece("WORD", token, token.end), at + 1


def _sign(token: Token) -> Piece:
    return Piece("OP", token, token.end, op=Op(_SIGNS.get(token.text, token.text)))


def _worded(
    tokens: Sequence[Token], at: int, vocabulary: Vocabulary, subject: str
) -> tuple[Piece, int] | None:
    """Return the operator or field that is named here, whichever has more words."""
    meaning, after_meaning = _meaning(tokens, at)
    field = vocabulary.longest_at(tokens, at, subject)
    if field is not None and field[1] > after_meaning:
        name, upto = field
        return Piece("NAME", tokens[at], tokens[upto - 1].end, name=name), upto
    if not meaning:
        return None
    op = Op(meaning) if len(meaning) == 1 else None
    kind = "OP" if op is not None else meaning
    return Piece(kind, tokens[at], tokens[after_meaning - 1].end, op=op), after_meaning


def _meaning(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    words: list[str] = []
    for token in tokens[at : at + _LONGEST]:
        if token.kind != "word":
            break
        words.append(plain(token.text))
    for count in range(len(words), 0, -1):
        meaning = _MEANINGS.get(tuple(words[:count]))
        if meaning is not None:
            return meaning, at + count
    return "", at
