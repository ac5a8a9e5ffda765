"""A condition made of its tree: names become fields, values get the type of their field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.fields_table import Kind, Name
from kartoteka.domain.rules.grammar import Node, Unexpected, tree_of
from kartoteka.domain.rules.literals import Literal, minor
from kartoteka.domain.rules.model import (
    All,
    Among,
    Blank,
    Compared,
    Condition,
    Contains,
    Negated,
    Op,
    Operand,
    Ref,
    Some,
)
from kartoteka.domain.rules.pieces import Piece, pieces_of, wordings
from kartoteka.domain.rules.scan import Token, scan
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import near_names, nearest

MOST_NEGATIONS = 30
_ORDERED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.MOMENT, Kind.DATE})
_WORDED = frozenset({Kind.TEXT, Kind.TEXTS, Kind.CHOICE})
_FITS: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset({"text", "number"}),
    Kind.TEXTS: frozenset({"text", "number"}),
    Kind.CHOICE: frozenset({"text", "number"}),
    Kind.NUMBER: frozenset({"number"}),
    Kind.MONEY: frozenset({"number", "money"}),
    Kind.MOMENT: frozenset({"date", "moment", "relative"}),
    Kind.DATE: frozenset({"date", "moment", "relative"}),
    Kind.FLAG: frozenset({"flag"}),
}


def condition_of(text: str, vocabulary: Vocabulary, subject: str) -> Condition:
    """Return what a cell of «если» means; unqualified names are of the record `subject`.

    Raises:
        RuleError: it means nothing; says where and what was probably meant.
    """
    tokens = scan(text)
    pieces = pieces_of(tokens, vocabulary, subject)
    if sum(piece.kind == "NOT" for piece in pieces) > MOST_NEGATIONS:
        raise RuleError("rule_many", pieces[0].first.place, count=MOST_NEGATIONS)
    builder = _Builder(text, pieces, vocabulary)
    try:
        tree = tree_of([piece.kind for piece in pieces])
    except Unexpected as exc:
        raise builder.unexpected(exc, tokens[-1]) from None
    return builder.made(tree)


def typed_value(literal: Literal, name: Name, vocabulary: Vocabulary) -> Operand:
    """Return a value as its field stores it: minor units, an id of the list, or as it is.

    Raises:
        RuleError: it is of another type, or no item of the field's list.
    """
    value = literal.value
    if literal.kind not in _FITS[name.kind] or not isinstance(value, Operand):
        code = "rule_span_alone" if literal.kind == "span" else f"rule_type_{name.kind.value}"
        raise RuleError(code, literal.place, field=name)
    if name.kind is Kind.MONEY and isinstance(value, Decimal):
        return minor(value, literal.first)
    if name.kind in _WORDED and isinstance(value, Decimal):
        value = literal.first.text
    if name.kind is Kind.CHOICE:
        return chosen(str(value), name.choices, vocabulary, literal.first)
    return value


def chosen(said: str, choices: str, vocabulary: Vocabulary, token: Token) -> str:
    """Return the id of an item of a list; as it was said when nobody knows the list.

    Raises:
        RuleError: the list has no such item; names the nearest.
    """
    known = vocabulary.choices.get(choices)
    if known is None:
        return said
    found = known.read(said)
    if found is None:
        near = near_names(said, known.all_names)
        raise RuleError(
            "rule_name", (token.start, said), nearest=near, length=token.end - token.start
        )
    return found


def _inner(node: Node) -> list[Node]:
    return [it for it in node.children if not isinstance(it, str)]


@dataclass(frozen=True, slots=True)
class _Builder:
    """What is needed to make conditions of the tree of one cell."""

    cell: str
    pieces: Sequence[Piece]
    vocabulary: Vocabulary

    def made(self, node: Node) -> Condition:
        """Return the condition of a node; the tree is as deep as brackets and negations allow."""
        makers: Mapping[str, Callable[[Node], Condition]] = {
            "some": lambda it: Some(self._parts(it)),
            "every": lambda it: All(self._parts(it)),
            "negated": lambda it: Negated(self._parts(it)[0]),
            "bracketed": lambda it: self._parts(it)[0],
            "compared": self._compared,
            "contains": self._contains,
            "lacks": lambda it: Negated(self._contains(it)),
            "among": self._among,
            "outside": lambda it: Negated(self._among(it)),
            "blank": lambda it: Blank(self._name(it).canonical),
            "filled": lambda it: Negated(Blank(self._name(it).canonical)),
            "flag": self._flag,
        }
        return makers[str(node.data)](node)

    def _parts(self, node: Node) -> tuple[Condition, ...]:
        return tuple(self.made(it) for it in _inner(node))

    def _piece(self, node: Node, at: int = 0) -> Piece:
        leaves = [it for it in node.children if isinstance(it, str)]
        return self.pieces[leaves[at].start_pos or 0]

    def _name(self, node: Node) -> Name:
        name = self._piece(node).name
        if name is None:
            raise TypeError("a comparison begins with a field")
        return name

    def _compared(self, node: Node) -> Condition:
        name, op = self._name(node), self._piece(node, 1)
        if op.op is None:
            raise TypeError("an operator is between field and value")
        if op.op not in {Op.EQ, Op.NE} and name.kind not in _ORDERED:
            raise RuleError("rule_order", op.first.place, field=name)
        return Compared(name.canonical, op.op, self._operand(_inner(node)[0], name))

    def _contains(self, node: Node) -> Condition:
        name = self._name(node)
        if name.kind not in {Kind.TEXT, Kind.TEXTS}:
            raise RuleError("rule_contains", self._piece(node, 1).first.place, field=name)
        return Contains(name.canonical, str(self._operand(_inner(node)[0], name)))

    def _among(self, node: Node) -> Condition:
        name = self._name(node)
        listed = _inner(_inner(node)[0])
        return Among(name.canonical, tuple(self._operand(it, name) for it in listed))

    def _flag(self, node: Node) -> Condition:
        name = self._name(node)
        if name.kind is not Kind.FLAG:
            raise RuleError("rule_incomplete", self._piece(node).first.place, field=name)
        return Compared(name.canonical, Op.EQ, value=True)

    def _operand(self, node: Node, name: Name) -> Operand:
        """Return the value of a field: a literal, another field, or words without quotes."""
        first = self._piece(node)
        if first.literal is not None:
            return typed_value(first.literal, name, self.vocabulary)
        in_brackets = first.first.kind == "field"
        if first.name is not None and (in_brackets or name.kind not in _WORDED):
            return self._reference(first, name)
        if in_brackets:
            raise self._unknown_field(first)
        last = self._piece(node, -1)
        said = self.cell[first.first.start : last.upto]
        token = Token("string", said, first.first.start, last.upto)
        literal = Literal("text", said, token, 0)
        return typed_value(literal, name, self.vocabulary)

    def _reference(self, piece: Piece, name: Name) -> Operand:
        other = piece.name
        dates = {Kind.MOMENT, Kind.DATE}
        alike = other is not None and (other.kind is name.kind or {other.kind, name.kind} <= dates)
        if other is None or not alike:
            raise RuleError(f"rule_type_{name.kind.value}", piece.first.place, field=name)
        return Ref(other.canonical)

    def _unknown_field(self, piece: Piece) -> RuleError:
        near = self.vocabulary.nearest_field(piece.first.text)
        place = piece.first.place
        return RuleError("rule_field", place, nearest=near, length=piece.upto - piece.first.start)

    def unexpected(self, wrong: Unexpected, end: Token) -> RuleError:
        """Return what is wrong where the grammar could not go on."""
        if wrong.place < 0 or not self.pieces:
            return RuleError("rule_ends", end.place)
        piece = self.pieces[wrong.place]
        if piece.kind == "WORD":
            return self._unknown_word(wrong)
        said = self.cell[piece.first.start : piece.upto]
        return RuleError("rule_unexpected", (piece.first.start, said))

    def _unknown_word(self, wrong: Unexpected) -> RuleError:
        """Return the words nobody knows, with the nearest field or operator."""
        pieces = self.pieces[wrong.place :]
        run = 1
        while run < len(pieces) and pieces[run].kind == "WORD" and run < _RUN:
            run += 1
        said = self.cell[pieces[0].first.start : pieces[run - 1].upto]
        alone = self.cell[pieces[0].first.start : pieces[0].upto]
        near_of = (
            self.vocabulary.nearest_field
            if "NAME" in wrong.expected and "VALUE" not in wrong.expected
            else lambda text: nearest(text, wordings())
        )
        code = "rule_field" if "NAME" in wrong.expected else "rule_word"
        whole = near_of(said)
        word, near = (said, whole) if whole else (alone, near_of(alone))
        return RuleError(code, (pieces[0].first.start, word), nearest=near)


_RUN = 4  # unknown words in a row that may be one name
