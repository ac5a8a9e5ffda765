"""What the office wants on the card of a client at a call: which fields, in which order; F11.

A place is written in braces: `{stage}`. There is none for money. An empty text is the usual one.
"""

import difflib
import re
from collections.abc import Iterable, Mapping

from kartoteka.domain.errors import Invalid
from kartoteka.domain.model import Value

PLACES = ("type", "stars", "mark", "stage", "due", "task", "owner", "company")
PARTS = ("last", "next", "steps", "closed", "emails", "tags")
LINES = ("suffix", "title", "label", "company")
LONGEST = 200
_PLACE = re.compile(r"\{([^{}]*)\}")
_EDGES = " ·|/,;:–—-"
_DOUBLED = re.compile(r"\s*([·|/,;])(?:\s*[·|/,;])+\s*")


class CardLayout(Value):
    """The card of one role, or of all that have none of their own (`role` empty).

    `suffix` stands behind the name, `title` under it, `label` at the number; `note` names the
    parts of the note in order.
    """

    role: str = ""
    suffix: str = ""
    title: str = ""
    label: str = ""
    company: str = ""
    note: tuple[str, ...] = ()


def layout_of(layouts: Iterable[CardLayout], role: str) -> CardLayout:
    """Return the layout of a role, else that of everybody, else the usual one."""
    known = {layout.role: layout for layout in layouts}
    return known.get(role) or known.get("") or CardLayout()


def check_layout(layout: CardLayout) -> None:
    """Refuse a layout with a place or part that there is not.

    Raises:
        Invalid: names it and those there are, the nearest one first.
    """
    for name in LINES:
        said = str(getattr(layout, name))
        if len(said) > LONGEST or not said.isprintable():
            raise Invalid(f"{name} is one short line", fields={name: "card_line"}, code="card_line")
        for place in _PLACE.findall(said):
            if place not in PLACES:
                raise unknown(place, PLACES, name)
        if set(_PLACE.sub("", said)) & {"{", "}"}:
            raise unknown(said, PLACES, name)
    for part in layout.note:
        if part not in PARTS or layout.note.count(part) > 1:
            raise unknown(part, PARTS, "note")


def unknown(typed: str, known: Iterable[str], field: str) -> Invalid:
    """Return the refusal of a name that means nothing on a card."""
    names = tuple(known)
    near = difflib.get_close_matches(typed, names, n=1)
    return Invalid(
        f"{field}: there is no {typed!r} on a card",
        fields={field: "card_place"},
        code="card_place",
        what=typed,
        known=", ".join(dict.fromkeys((*near, *names))),
    )


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """Return a line with its places filled in; separators around empty ones fall away."""
    if not any(values.get(place) for place in _PLACE.findall(pattern)):
        return "" if _PLACE.search(pattern) else pattern
    said = _PLACE.sub(lambda found: values.get(found[1], ""), pattern)
    said = _DOUBLED.sub(r" \1 ", " ".join(said.split()))
    return said.rstrip(_EDGES).lstrip(_EDGES if not pattern.startswith("·") else " ")
