"""Texts of the product in Russian and English."""

import json
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

LOCALES = ("ru", "en")


@runtime_checkable
class Named(Protocol):
    """What the office calls in two languages."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Return every text of a language by its code."""
    name = locale if locale in LOCALES else LOCALES[0]
    found: dict[str, str] = json.loads(
        files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    )
    return found


def text(code: str, locale: str, **facts: object) -> str:
    """Return the text behind a code, with the facts filled in; the code itself if unknown.

    A fact with a name in both languages (a stage, a required field) is called by the one asked
    for; several are listed.
    """
    pattern = catalogue(locale).get(code)
    if pattern is None:
        return code
    return pattern.format_map({name: _spelled(fact, locale) for name, fact in facts.items()})


def outline(code: str, locale: str) -> str:
    """Return the text behind a code whose facts nobody kept: dots stand for them."""
    return catalogue(locale).get(code, code).format_map(_Forgotten())


def channel(code: str, locale: str) -> str:
    """Return what people call a channel; its code if it has no name."""
    return catalogue(locale).get(f"channel_{code}", code)


class _Forgotten(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _spelled(fact: object, locale: str) -> str:
    if isinstance(fact, str | int):  # most facts are: asking for a protocol takes its time
        return str(fact)
    if isinstance(fact, tuple):
        return ", ".join(_spelled(part, locale) for part in fact)
    if isinstance(fact, Named):
        return (fact.name_en if locale == "en" else "") or fact.name
    return str(fact)
