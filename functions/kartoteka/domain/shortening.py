"""Texts that have to fit: what is left out shows as an ellipsis, which counts too."""

_CUT = "…"


def cut(words: str, longest: int) -> str:
    """Return the words in at most so many characters."""
    return words if len(words) <= longest else words[: longest - 1] + _CUT


def one_line(words: str, longest: int) -> str:
    """Return the words in one line of at most so many characters."""
    return cut(" ".join(words.split()), longest)
