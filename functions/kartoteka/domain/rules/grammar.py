"""The grammar of «если»: brackets, not, and, or around comparisons; the words come ready-made.

The parser is LALR: linear time, no recursion, and nothing of a text is ever executed. Its text is
one letter for each recognised piece, so that the place of a letter is the number of the piece.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_GRAMMAR = """
?start: some
?some: every (OR every)*
?every: negation (AND negation)*
?negation: NOT negation             -> negated
    | LPAR some RPAR                -> bracketed
    | comparison
?comparison: NAME OP operand        -> compared
    | NAME CONTAINS operand         -> contains
    | NAME LACKS operand            -> lacks
    | NAME IN operands              -> among
    | NAME OUTSIDE operands         -> outside
    | NAME BLANK                    -> blank
    | NAME FILLED                   -> filled
    | NAME                          -> flag
operands: LPAR operand (SEPARATOR operand)* RPAR
operand: VALUE | NAME | WORD+
"""
_LETTERS: Mapping[str, str] = {
    "OR": "|",
    "AND": "&",
    "NOT": "!",
    "LPAR": "(",
    "RPAR": ")",
    "SEPARATOR": ",",
    "NAME": "n",
    "OP": "=",
    "CONTAINS": "c",
    "LACKS": "l",
    "IN": "i",
    "OUTSIDE": "o",
    "BLANK": "b",
    "FILLED": "f",
    "VALUE": "v",
    "WORD": "w",
}
_STRANGE = "?"  # a piece that stands nowhere

Node: TypeAlias = "Tree[Token]"
Leaf: TypeAlias = "Token"


@dataclass(frozen=True, slots=True)
class Unexpected(Exception):
    """A piece cannot stand where it stands; `place` is its number, -1 for the end.

    `expected` are the kinds that could stand there.
    """

    place: int
    expected: frozenset[str]


def tree_of(kinds: Sequence[str]) -> Node:
    """Return the tree of a condition; where a leaf stands is the number of its piece.

    Raises:
        Unexpected: pieces of these kinds are no condition.
    """
    from lark import UnexpectedCharacters, UnexpectedToken

    letters = "".join(_LETTERS.get(kind, _STRANGE) for kind in kinds)
    try:
        return _parser().parse(letters)
    except UnexpectedToken as exc:
        at_end = exc.token.type == "$END"
        place = -1 if at_end else exc.token.start_pos or 0
        raise Unexpected(place, frozenset(exc.expected)) from None
    except UnexpectedCharacters:
        raise Unexpected(letters.index(_STRANGE), frozenset()) from None


@cache
def _parser() -> "Lark":
    from lark import Lark

    terminals = "\n".join(f'{kind}: "{letter}"' for kind, letter in _LETTERS.items())
    return Lark(_GRAMMAR + terminals, parser="lalr", lexer="basic")
