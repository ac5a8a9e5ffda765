"""Wordings with places in them, such as «сделка перешла в этап {detail=stage.deal}», matched.

A wording is words divided by spaces: `a|b` is either word, `?a` may be missing, `{name=reader}` is
a place that a reader fills. Words fit in any case, number and gender that Russian gives them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeAlias

from kartoteka.domain.rules.errors import RuleError
from kartoteka.domain.rules.scan import Token
from kartoteka.domain.rules.vocabulary import Vocabulary
from kartoteka.domain.rules.words import nearest, plain, stem, stems

Filled: TypeAlias = Mapping[str, Any]
_NAME_WORDS = 4  # of a field at most


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers of places lean on; `filled` are the places before this one."""

    tokens: Sequence[Token]
    at: int
    vocabulary: Vocabulary
    subject: str = "deal"
    filled: Filled = field(default_factory=dict)

    @property
    def token(self) -> Token:
        """Return the token from which to read."""
        return self.tokens[self.at]


Reader: TypeAlias = Callable[[Reading, str], tuple[Any, int] | None]


class Unclear(Exception):
    """What stands here may be meant for a place; `error` says so, or None if it hardly was.

    What is nearest takes long to find, so it is looked for only when no wording fits at all.
    """

    def __init__(self, error: Callable[[], RuleError | None]) -> None:
        self.error = error
        super().__init__("unclear")


@dataclass(frozen=True, slots=True)
class Element:
    """One word or place of a wording."""

    words: tuple[str, ...] = ()  # the first one is printed
    stems: frozenset[str] = frozenset()  # of these words
    name: str = ""
    reader: str = ""
    of: str = ""  # what the reader reads: stage.deal is `of` the reader `choice`
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Furthest:
    """How far any wording fitted, and what was expected there."""

    at: int = -1
    error: Callable[[], RuleError | None] | None = None
    expected: frozenset[str] = frozenset()

    def joined(self, other: "Furthest") -> "Furthest":
        """Return the further of two; of two alike both expectations."""
        if other.at != self.at:
            return other if other.at > self.at else self
        return Furthest(self.at, self.error or other.error, self.expected | other.expected)


@cache
def elements(wording: str) -> tuple[Element, ...]:
    """Return the parts of a wording."""
    return tuple(_element(part) for part in wording.split())


def _element(part: str) -> Element:
    optional, part = part.startswith("?"), part.removeprefix("?")
    if not part.startswith("{"):
        words = part.split("|")
        return Element(tuple(words), frozenset(stems(words)), optional=optional)
    name, _, reader = part[1:-1].partition("=")
    reader, _, of = reader.partition(":")
    return Element(name=name, reader=reader, of=of, optional=optional)


def matched(
    wordings: Iterable[tuple[str, Any]], reading: Reading, readers: Mapping[str, Reader]
) -> tuple[Any, Filled]:
    """Return what stands beside the first wording that fits to the end, and its filled places.

    Raises:
        RuleError: none fits; says where the best of them stopped, and what was probably meant.
    """
    furthest = Furthest()
    for wording, meaning in wordings:
        found = _Match(elements(wording), readers)
        filled = found.whole(reading, 0)
        if filled is not None:
            return meaning, filled
        furthest = furthest.joined(found.furthest)
    raise _refused(furthest, reading)


def _refused(furthest: Furthest, reading: Reading) -> RuleError:
    error = furthest.error() if furthest.error is not None else None
    if error is not None:
        return error
    token = reading.tokens[max(furthest.at, reading.at)]
    if token.kind == "end":
        return RuleError("rule_ends", token.place)
    near = nearest(token.text, furthest.expected)
    return RuleError("rule_phrase", token.place, nearest=near)


class _Match:
    """One wording tried against the tokens."""

    def __init__(self, parts: Sequence[Element], readers: Mapping[str, Reader]) -> None:
        self._parts = parts
        self._readers = readers
        self.furthest = Furthest()

    def whole(self, reading: Reading, part: int) -> Filled | None:
        """Return the filled places if the rest of the wording fits the rest of the tokens."""
        if part == len(self._parts):
            if reading.token.kind == "end":
                return reading.filled
            self._failed(reading, error=self._longer_name(reading))
            return None
        for after in self._ways(reading, self._parts[part]):
            found = self.whole(after, part + 1)
            if found is not None:
                return found
        return None

    def _longer_name(self, reading: Reading) -> Callable[[], RuleError | None] | None:
        """Return what asks for the field whose name goes on here; None where no field ends."""
        ends_in_field = self._parts[-1].reader == "field" and reading.token.kind == "word"
        return partial(_longer_field, reading) if ends_in_field else None

    def _ways(self, reading: Reading, element: Element) -> Iterator[Reading]:
        fitted = self._word(reading, element) if element.words else self._place(reading, element)
        if fitted is not None:
            yield fitted
        if element.optional:
            yield reading

    def _word(self, reading: Reading, element: Element) -> Reading | None:
        token = reading.token
        if token.kind in {"word", "op"} and stem(token.text) in element.stems:
            return _moved(reading, reading.at + 1)
        self._failed(reading, expected=element.words)
        return None

    def _place(self, reading: Reading, element: Element) -> Reading | None:
        try:
            found = self._readers[element.reader](reading, element.of)
        except Unclear as exc:
            self._failed(reading, error=exc.error)
            return None
        except RuleError as exc:
            self._failed(reading, error=partial(_itself, exc))
            return None
        if found is None:
            self._failed(reading)
            return None
        value, upto = found
        return _moved(reading, upto, {**reading.filled, element.name: value})

    def _failed(
        self,
        reading: Reading,
        *,
        error: Callable[[], RuleError | None] | None = None,
        expected: Iterable[str] = (),
    ) -> None:
        if reading.at < self.furthest.at:
            return
        here = Furthest(reading.at, error, frozenset(plain(word) for word in expected))
        self.furthest = self.furthest.joined(here)


def _longer_field(reading: Reading) -> RuleError | None:
    """Return which field was meant by words of which only the first were read as one."""
    token = reading.token
    for before in range(1, min(_NAME_WORDS, reading.at + 1)):
        words = reading.tokens[reading.at - before : reading.at + _NAME_WORDS - before]
        said = " ".join(it.text for it in words if it.kind == "word")
        near = reading.vocabulary.nearest_field(said)
        if " " in near:
            return RuleError("rule_phrase", token.place, nearest=near)
    return None


def _itself(error: RuleError) -> RuleError:
    return error


def _moved(reading: Reading, at: int, filled: Filled | None = None) -> Reading:
    known = reading.filled if filled is None else filled
    return Reading(reading.tokens, at, reading.vocabulary, reading.subject, known)
