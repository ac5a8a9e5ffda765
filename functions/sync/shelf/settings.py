"""«Настройки»: the office's own settings, for who may change them."""

from kartoteka.domain.model import Role
from sync.columns import Tab
from sync.settings_book.asking import Page
from sync.settings_book.offers import kind_of
from sync.settings_book.pages import PAGES
from sync.shelf.editions import Book
from sync.shelf.tabs import acting

_FIRST = 1101  # sheet id of the first tab


def tab_of(page: Page, sheet_id: int) -> Tab:
    """Return a page of settings as a tab; where rows are removed it has a column of actions."""
    kind = kind_of(page)
    return Tab(
        key=page.code,
        title=f"tab_set_{page.code}",
        sheet_id=sheet_id,
        columns=(*page.columns, *(acting(kind) if kind else ())),
        entity="setting",
        adds=page.code if page.add is not None else "",
        actions=kind,
        lists=page.rows,
    )


TABS = {code: tab_of(page, _FIRST + place) for place, (code, page) in enumerate(PAGES.items())}
BOOK = Book(
    key="settings",
    title="book_settings",
    roles=frozenset({Role.ADMIN, Role.DIRECTOR}),
    tabs=tuple(TABS.values()),
)
