"""Words compared as people use them: in any case, with any ending of Russian grammar."""

import difflib
import re
from collections.abc import Iterable
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


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known name most like this one, empty when none is."""
    names = {plain(name): name for name in known}
    found = difflib.get_close_matches(plain(word), names, n=1, cutoff=_NEAR)
    return names[found[0]] if found else ""
