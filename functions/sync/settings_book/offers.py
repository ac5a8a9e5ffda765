"""The one action of a row of settings: it is removed, by the command with its checks."""

from collections.abc import Mapping, Sequence

from sync.actions.offering import Offer
from sync.settings_book.asking import Page
from sync.settings_book.pages import PAGES

REMOVE = "remove"
_PREFIX = "setting."


def kind_of(page: Page) -> str:
    """Return the kind of actions of a tab, empty when nothing is removed there."""
    return f"{_PREFIX}{page.code}" if page.drop is not None else ""


SETTING_OFFERS: Mapping[str, Sequence[Offer]] = {
    kind_of(page): (Offer(REMOVE, page.drop, page.drops_to),)
    for page in PAGES.values()
    if page.drop is not None
}
