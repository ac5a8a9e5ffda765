"""A text with `{{places}}` becomes one person's: safe in a text, a header and a page.

A place is `{{name}}` or `{{name|what to say without it}}`. What a client typed never becomes
markup, a header, a field or a link: a value that looks like an address of the web counts as
missing.
"""

import difflib
import html
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from kartoteka.domain.errors import Invalid
from kartoteka.domain.rules.words import in_letters_of
from kartoteka.domain.template import places

_PLACE = re.compile(r"\{\{([^{}\n]{1,100})\}\}")
_LINK = re.compile(r"://|www\.|[^\s.,@]\.[a-zа-яё]{2,}(?:[/\s?]|$)|@", re.IGNORECASE)
_BLANK = re.compile(r"\s+")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for one person; `missing` are the places that nothing filled."""

    subject: str
    text: str
    html: str
    missing: tuple[str, ...]


def names_of(*texts: str) -> tuple[str, ...]:
    """Return the names of the places in these texts, each once.

    Raises:
        Invalid: a place is not closed, or has no name.
    """
    found = (place.partition("|")[0].strip() for text in texts for place in places(text))
    return tuple(dict.fromkeys(name.casefold() for name in found))


def check_places(texts: Collection[str], known: Collection[str]) -> None:
    """Refuse places that nothing can fill.

    Raises:
        Invalid: names the first such place and what is near.
    """
    for name in names_of(*texts):
        if name not in known:
            own = in_letters_of(name, sorted(known))
            near = difflib.get_close_matches(name, own, n=3, cutoff=0.4) or own
            listed = ", ".join(near)
            raise Invalid(
                f"nothing fills {name!r}; near: {listed}",
                fields={"text": "campaign_place"},
                code="campaign_place",
                what=name,
                known=listed,
            )


def fill(texts: tuple[str, str, str], values: Mapping[str, str]) -> Filled:
    """Return subject, text and page with their places filled in.

    Args:
        texts: subject, text and HTML as written by the office; the last may be empty.
        values: by name in lower case; a value that is absent or empty counts as missing.
    """
    missing: dict[str, None] = {}
    subject, text, page = texts

    def filled(pattern: str, spell: Callable[[str], str]) -> str:
        def one(found: re.Match[str]) -> str:
            name, has_other, other = found[1].partition("|")
            value = values.get(name.strip().casefold(), "")
            if not value and not has_other:
                missing[name.strip().casefold()] = None
            return spell(value or other.strip())

        return _PLACE.sub(one, pattern)

    return Filled(
        subject=header(filled(subject, str)),
        text=filled(text, str),
        html=filled(page, html.escape),
        missing=tuple(missing),
    )


def typed(value: object) -> str:
    """Return a value that a client may have typed as one short line; empty if it is a link."""
    text = header(str(value if value is not None else ""))[:_LONGEST]
    return "" if _LINK.search(text) else text


def header(text: str) -> str:
    """Return the text as one line of printable signs."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return _BLANK.sub(" ", plain).strip()
