"""The words by which quotes, signatures and machines are known, in Russian and English.

They are data (`marks.json`): patterns of one language after the other, to be added to.
"""

import json
import re
from functools import cache
from importlib.resources import files


def any_of(name: str) -> str:
    """Return a pattern that any of the words or phrases of this name fits."""
    return f"(?:{'|'.join(_marks()[name])})"


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return what finds any of these, in capitals too; made when it is first needed."""
    return re.compile(any_of(name), re.IGNORECASE)


def has(name: str, text: str) -> bool:
    """Return whether any of these stands in the text."""
    return pattern(name).search(text) is not None


def all_of(name: str) -> frozenset[str]:
    """Return the words of this name as they are."""
    return frozenset(_marks()[name])


@cache
def _marks() -> dict[str, list[str]]:
    text = files("ingest.mail").joinpath("marks.json").read_text("utf-8")
    found: dict[str, list[str]] = json.loads(text)
    return found
