"""The actions of a row of settings: it is removed, by the command with its checks, or its own."""

from collections.abc import Mapping, Sequence

from sync.actions.offering import Offer
from sync.settings_book.asking import Page
from sync.settings_book.pages import PAGES

REMOVE = "remove"
_PREFIX = "setting."


def kind_of(page: Page) -> str:
    """Return the kind of actions of a tab, empty when its rows have none."""
    return f"{_PREFIX}{page.code}" if _offers(page) else ""


def _offers(page: Page) -> tuple[Offer, ...]:
    removal = () if page.drop is None else (Offer(REMOVE, page.drop, page.drops_to),)
    return (*page.offers, *removal)


SETTING_OFFERS: Mapping[str, Sequence[Offer]] = {
    kind_of(page): _offers(page) for page in PAGES.values() if _offers(page)
}
