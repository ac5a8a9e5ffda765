"""Whether white can be read on a colour."""

import re

READABLE = 4.5  # contrast of text, WCAG 2.1 AA
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LINEAR = 0.03928


def contrast(colour: str) -> float:
    """Return the contrast of white on a colour `#rrggbb`, 1 to 21; source: WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def bears_white(colour: str) -> bool:
    """Return whether it is a colour `#rrggbb` on which white text can be read."""
    return bool(_COLOUR.fullmatch(colour)) and contrast(colour) >= READABLE
