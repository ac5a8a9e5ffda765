"""What one box says on its pages, in Russian and English."""

import json
from functools import cache
from importlib.resources import files

LOCALES = ("ru", "en")


@cache
def texts(locale: str) -> dict[str, str]:
    """Return every text of a language by its code."""
    found: dict[str, str] = json.loads(
        files(__package__).joinpath(f"{locale}.json").read_text("utf-8")
    )
    return found


def say(code: str, locale: str, **facts: object) -> str:
    """Return the text behind a code, with the facts filled in.

    Raises:
        KeyError: there is no such text: an error of ours, which a test finds.
    """
    return texts(locale)[code].format(**facts)
