"""Formulas read into trees: numbers, texts, references, operators and calls.

A tree is a tuple whose first item names its kind: `("number", 1.0)`, `("text", "a")`,
`("truth", True)`, `("range", title or None, Box)`, `("call", "SUM", [trees])`,
`("binary", "+", left, right)`, `("negative", tree)`, `("percent", tree)`.
"""

import re
from typing import Any, TypeAlias

from onebox.google.sheets.a1 import parse_area, split_title

Tree: TypeAlias = tuple[Any, ...]

_TOKENS = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<range>(?:(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
      (?:\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}(?:\$?\d+)?)?
        |\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+)(?![\w(]))
  | (?P<number>\d+(?:DECIMAL\d+)?(?:[eE][+-]?\d+)?|DECIMAL\d+)
  | (?P<name>[^\W\d][\w.]*)
  | (?P<sign><>|<=|>=|[-+*/^&=<>%(){};,])
    )""".replace("\n", "\n"),
    re.VERBOSE,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("=", "<>", "<", ">", "<=", ">="),
    ("&",),
    ("+", "-"),
    ("*", "/"),
    ("^",),
)
_TRUTH = {"TRUE": True, "FALSE": False, "ИСТИНА": True, "ЛОЖЬ": False}


class BadFormula(ValueError):
    """The formula cannot be read."""


def parse(text: str, decimal: str = ".") -> Tree:
    """Return the tree of a formula given with its equals sign.

    Raises:
        BadFormula: it is not a formula that we read.
    """
    reader = _Formula(_split(text[1:], decimal), _separators(decimal))
    tree = reader.level(0)
    if reader.at != len(reader.tokens):
        raise BadFormula(text)
    return tree


def has_foreign_separator(text: str, decimal: str) -> bool:
    """Tell whether arguments of a formula are parted by a comma where a comma is the decimal mark.

    Args:
        text: with its equals sign; of what cannot be read the answer is False.
        decimal: mark of the spreadsheet's locale.
    """
    try:
        tokens = _split(text[1:], decimal)
    except BadFormula:
        return False
    return ("sign", ",") in tokens and "," not in _separators(decimal)


def _separators(decimal: str) -> frozenset[str]:
    return frozenset({";"} if decimal == "," else {",", ";"})


def _pattern(decimal: str) -> re.Pattern[str]:
    return re.compile(_TOKENS.pattern.replace("DECIMAL", re.escape(decimal)), re.VERBOSE)


_PATTERNS = {mark: _pattern(mark) for mark in ".,"}


def _split(text: str, decimal: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    body = text.rstrip()
    while at < len(body):
        found = _PATTERNS[decimal].match(body, at)
        if not found or found.lastgroup is None:
            raise BadFormula(text)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Formula:
    """A descent over the tokens of one formula."""

    def __init__(self, tokens: list[tuple[str, str]], separators: frozenset[str]) -> None:
        self.tokens = tokens
        self._separators = separators
        self.at = 0

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self.at += 1
        return token

    def level(self, depth: int) -> Tree:
        if depth == len(_LEVELS):
            return self._signed()
        tree = self.level(depth + 1)
        while self._peek()[0] == "sign" and self._peek()[1] in _LEVELS[depth]:
            sign = self._take()[1]
            tree = ("binary", sign, tree, self.level(depth + 1))
        return tree

    def _signed(self) -> Tree:
        if self._peek() in {("sign", "-"), ("sign", "+")}:
            sign = self._take()[1]
            tree = self._signed()
            return ("negative", tree) if sign == "-" else tree
        tree = self._atom()
        while self._peek() == ("sign", "%"):
            self._take()
            tree = ("percent", tree)
        return tree

    def _atom(self) -> Tree:
        kind, text = self._take()
        if kind == "number":
            return ("number", float(text.replace(",", ".")))
        if kind == "text":
            return ("text", text[1:-1].replace('""', '"'))
        if kind == "range":
            return _range(text)
        if kind == "name":
            return self._named(text)
        if text == "(":
            tree = self.level(0)
            self._close()
            return tree
        raise BadFormula(text)

    def _named(self, text: str) -> Tree:
        if self._peek() != ("sign", "("):
            truth = _TRUTH.get(text.upper())
            return ("name", text) if truth is None else ("truth", truth)
        self._take()
        arguments: list[Tree] = []
        while self._peek() != ("sign", ")"):
            arguments.append(self.level(0))
            if self._peek()[1] in self._separators:
                self._take()
            elif self._peek() != ("sign", ")"):
                raise BadFormula(text)
        self._close()
        return ("call", text, arguments)

    def _close(self) -> None:
        if self._take() != ("sign", ")"):
            raise BadFormula("(")


def _range(text: str) -> Tree:
    title, rest = split_title(text)
    box = parse_area(rest)
    if box is None:
        raise BadFormula(text)
    return ("range", title, box)
