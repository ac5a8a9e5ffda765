"""The words by which quotes, signatures and machines are known, in Russian and English.

They are data (`marks.json`): patterns of one language after the other, to be added to.
"""

import json
from functools import cache
from importlib.resources import files


def any_of(name: str) -> str:
    """Return a pattern that any of the words or phrases of this name fits."""
    return f"(?:{'|'.join(_marks()[name])})"


def all_of(name: str) -> frozenset[str]:
    """Return the words of this name as they are."""
    return frozenset(_marks()[name])


@cache
def _marks() -> dict[str, list[str]]:
    text = files("ingest.mail").joinpath("marks.json").read_text("utf-8")
    found: dict[str, list[str]] = json.loads(text)
    return found
