"""Colours of stages as people call them: words of the office's language beside codes."""

import re

from kartoteka.domain.errors import Invalid
from sync.columns import Frame
from sync.settings_book import naming
from sync.settings_book.typed import Names

_CODE = re.compile(r"#[0-9a-fA-F]{6}")
SHADES = {
    "yellow": "#fff2cc",
    "orange": "#fce5cd",
    "pink": "#f4cccc",
    "red": "#ea9999",
    "light_green": "#d9ead3",
    "green": "#b6d7a8",
    "dark_green": "#93c47d",
    "turquoise": "#d0e0e3",
    "light_blue": "#cfe2f3",
    "blue": "#9fc5e8",
    "violet": "#d9d2e9",
    "grey": "#d9d9d9",
    "white": "#ffffff",
}


def words(frame: Frame) -> Names[str]:
    """Return what the shades are called."""
    return naming.words("shade", SHADES, frame)


def choices(frame: Frame) -> list[str]:
    """Return the words of all shades, the light ones of a row first."""
    return list(words(frame).by_id.values())


def shown(code: str, frame: Frame) -> str:
    """Return the word of a colour, its code if it has none, empty for no colour."""
    named = {shade: name for name, shade in SHADES.items()}
    return words(frame).shown(named[code.lower()]) if code.lower() in named else code


def read(cell: str, frame: Frame) -> str:
    """Return the code of a colour that is called so, empty for none.

    Raises:
        Invalid: it is neither a word nor a code; names the words.
    """
    said = cell.strip()
    if not said or _CODE.fullmatch(said):
        return said.lower()
    wanted = _plain(said)
    found = (name for name, word in words(frame).by_id.items() if _plain(word) == wanted)
    name = next(found, wanted if wanted in SHADES else "")
    if not name:
        known = ", ".join(choices(frame))
        raise Invalid(f"{said!r} is no colour", code="shade_unclear", what=said, known=known)
    return SHADES[name]


def _plain(word: str) -> str:
    return re.sub(r"[\s-]+", " ", word.strip().casefold().replace("ё", "е"))
