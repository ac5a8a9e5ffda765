"""Texts of the product in Russian and English."""

import json
from functools import cache
from importlib.resources import files

LOCALES = ("ru", "en")


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Return every text of a language by its code."""
    name = locale if locale in LOCALES else LOCALES[0]
    found: dict[str, str] = json.loads(
        files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    )
    return found


def text(code: str, locale: str, **facts: object) -> str:
    """Return the text behind a code, with the facts filled in; the code itself if unknown."""
    pattern = catalogue(locale).get(code)
    return code if pattern is None else pattern.format_map({k: str(v) for k, v in facts.items()})
