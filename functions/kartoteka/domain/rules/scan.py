"""A cell cut into tokens, in linear time; what they mean is for others."""

import re
from dataclasses import dataclass

from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.model import LONGEST

MOST_TOKENS = 400
DEEPEST = 20  # brackets in one another
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“"}
_TOKEN = re.compile(
    r"(?P<space>[\s\u00a0\u202f]+)"
    r"|(?P<url>https?://[^\s;]+)"
    r"|(?P<moment>\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2}))"
    r"|(?P<date>\d{1,2}\.\d{1,2}\.\d{4}(?!\d)|\d{4}-\d{2}-\d{2}(?!\d))"
    r"|(?P<time>\d{1,2}:\d{2}(?!\d))"
    r"|(?P<number>(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:[.,]\d+)*)"
    r"|(?P<word>(?:тыс|млн|млрд|руб|р|мин|ч|дн|раб)\.(?!\w)"
    r"|[^\W\d](?:\w|[.'’](?=[^\W\d])|-(?=[^\W\d]))*)"
    r"|(?P<path>/[\w/.\-%*]*)"
    r"|(?P<op><=|>=|!=|<>|==|[=≠<>≤≥])"
    r"|(?P<sign>[+\-−–—])"
    r"|(?P<money>[₽$€])"
    r"|(?P<mark>[(),;%:])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a cell; `text` of strings and brackets is what stands inside them.

    Kinds: the groups of the scanner, and `string`, `field`, `end`.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def place(self) -> tuple[int, str]:
        """Return where it stands and what, as errors name it."""
        return self.start, self.text


def scan(text: str, *, lines: bool = False) -> list[Token]:
    """Return the tokens of a cell, the last of kind `end`; with `lines` its line breaks too.

    A line break is a token of kind `space`.

    Raises:
        RuleError: a character of no meaning, a quotation mark or bracket that is not closed, or
            more than a rule may be.
    """
    if len(text) > LONGEST:
        raise RuleError("rule_long", (LONGEST, ""), count=LONGEST)
    found: list[Token] = []
    at = 0
    while at < len(text):
        token = _next(text, at)
        at = token.end
        if token.kind != "space" or (lines and "\n" in token.text):
            found.append(token)
        if len(found) > MOST_TOKENS:
            raise RuleError("rule_many", token.place, count=MOST_TOKENS)
    _check_depth(found)
    return [*found, Token("end", "", len(text), len(text))]


def _next(text: str, at: int) -> Token:
    if text[at] == "«":
        return _nested(text, at)
    if text[at] in _QUOTES:
        return _quoted(text, at, _QUOTES[text[at]])
    if text[at] == "[":
        end = text.find("]", at)
        if end < 0:
            raise RuleError("rule_quote", (at, "["))
        return Token("field", text[at + 1 : end].strip(), at, end + 1)
    match = _TOKEN.match(text, at)
    if match is None:
        raise RuleError("rule_character", (at, text[at]))
    return Token(match.lastgroup or "", match[0], at, match.end())


def _nested(text: str, at: int) -> Token:
    """Return a string in «», which may hold others of its kind."""
    depth = 0
    for here in range(at, len(text)):
        depth += (text[here] == "«") - (text[here] == "»")
        if depth == 0:
            return Token("string", text[at + 1 : here], at, here + 1)
    raise RuleError("rule_quote", (at, "«"))


def _quoted(text: str, at: int, closing: str) -> Token:
    """Return a string in other marks; a doubled mark is one of its characters."""
    here = at + 1
    while (here := text.find(closing, here)) >= 0:
        if text[here + 1 : here + 2] != closing:
            inside = text[at + 1 : here].replace(closing * 2, closing)
            return Token("string", inside, at, here + 1)
        here += 2
    raise RuleError("rule_quote", (at, text[at]))


def _check_depth(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text == "(") - (token.text == ")")
        if depth > DEEPEST:
            raise RuleError("rule_deep", token.place, count=DEEPEST)
