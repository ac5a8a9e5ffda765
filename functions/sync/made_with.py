"""What a tab was made with, kept as its print: columns and language. Another print: made anew."""

from collections.abc import Iterable
from dataclasses import replace

from sync.columns import Column, Frame, Tab

APART = "|"
_USUAL, _SPEAKS = "ru", "@"


def print_of(tab: Tab, frame: Frame) -> str:
    """Return what of a tab's declaration cannot change without making the tab anew."""
    spoken = "" if frame.locale == _USUAL else f"{_SPEAKS}{frame.locale}"
    return APART.join((tab.title + spoken, *map(_print_of, tab.columns)))


def prints(tabs: Iterable[Tab], frame: Frame) -> dict[str, str]:
    """Return the prints of a book's tabs by key: a tab that has left the book is not among them."""
    return {tab.key: print_of(tab, frame) for tab in tabs}


def _print_of(column: Column) -> str:
    leads = ":link" if column.link else ""
    return f"{column.key}:{column.header}:{column.editable:d}{leads}"


def language(made_with: str) -> str:
    """Return the language that a tab was made in, from its print."""
    return made_with.partition(APART)[0].partition(_SPEAKS)[2] or _USUAL


def headers(made_with: str, frame: Frame) -> dict[str, str]:
    """Return the headers of the columns that a print names, by key, as they were written."""
    spoken = speaking(frame, language(made_with))
    parts = (part.split(":") for part in made_with.split(APART)[1:])
    return {part[0]: spoken.say(f"col_{part[1]}") for part in parts}


def speaking(frame: Frame, locale: str) -> Frame:
    """Return the frame as it is in an office that speaks another language."""
    if frame.locale == locale:
        return frame
    office = frame.settings.office.model_copy(update={"locale": locale})
    return replace(frame, settings=frame.settings.model_copy(update={"office": office}))
