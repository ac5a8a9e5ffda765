"""Words compared as people use them: in any case, with any ending of Russian grammar."""

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_CYRILLIC = re.compile(r"[а-я]+")
_SHORT = 4  # of a shorter word too little would be left
_LEFT = 3
# The longest ending first; what is left is the same in every case and number of the word.
_ENDINGS = re.compile(
    r"(?:ыми|ими|ого|его|ому|ему|ами|ями|иях|иям|ией|ией|"
    r"ов|ев|ей|ах|ях|ам|ям|ом|ем|ой|ый|ий|ая|яя|ое|ее|ые|ие|ую|юю|ых|их|ым|им|ию|ия|ии|ью|"
    r"а|я|о|е|ы|и|у|ю|ь|й)$"
)
_NEAR = 0.6
_WORDS = re.compile(r"\w+")
_COMPARED = 8  # words of what was said: a cell may hold hundreds
_TOLD = 5  # names at most: a sentence, no list


def plain(word: str) -> str:
    """Return the word in small letters with «е» for «ё»."""
    return word.casefold().replace("ё", "е")


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Return what the forms of a word have in common: «сделки» and «сделка» are «сделк»."""
    small = plain(word)
    if len(small) < _SHORT or _CYRILLIC.fullmatch(small) is None:
        return small
    short = _ENDINGS.sub("", small)
    return short if len(short) >= _LEFT else small


def stems(words: Iterable[str]) -> tuple[str, ...]:
    """Return the stems of several words."""
    return tuple(stem(word) for word in words)


def near_names(said: str, known: Iterable[str]) -> str:
    """Return the names that were probably meant, else the first ones there are; "" of none.

    A part of a name is enough: «Анну» and «Анна Белова». Names in the letters of `said` go first.
    """
    names = list(dict.fromkeys(known))
    own = in_letters_of(said, names)
    whole = nearest(said, own) or nearest(said, names)
    return whole or ", ".join((_sharing(said, own) or sorted(own))[:_TOLD])


def _sharing(said: str, names: Iterable[str]) -> list[str]:
    """Return the names that have a word most like one of these."""
    words = [it for it in stems(_WORDS.findall(said)[:_COMPARED]) if len(it) >= _LEFT]
    scored = [(_likeness(words, stems(_WORDS.findall(name))), name) for name in names]
    best = max((score for score, _ in scored), default=0.0)
    return [name for score, name in scored if score == best and score >= _NEAR]


def _likeness(words: Iterable[str], others: Sequence[str]) -> float:
    """Return how alike the two words are that are most alike, 0 to 1."""
    pairs = ((word, other) for word in words for other in others)
    return max((_ratio(word, other) for word, other in pairs), default=0.0)


def _ratio(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word, other, autojunk=False).ratio()


def in_letters_of(said: str, names: Sequence[str]) -> list[str]:
    """Return the names in the letters of what was said, Russian or others; all if none is."""
    return [it for it in names if _is_cyrillic(it) == _is_cyrillic(said)] or list(names)


def _is_cyrillic(name: str) -> bool:
    return _CYRILLIC.search(plain(name)) is not None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name most like this one, empty when none is."""
    names = {plain(name): name for name in known}
    found = difflib.get_close_matches(plain(word), names, n=1, cutoff=_NEAR)
    return names[found[0]] if found else ""
