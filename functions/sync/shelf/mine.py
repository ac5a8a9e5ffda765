"""«Мои»: what one manager has to do; at most nine columns a tab."""

from kartoteka.domain.model import Role
from sync.shelf import tabs
from sync.shelf.editions import Book

BOOK = Book(
    key="mine",
    title="book_mine",
    roles=frozenset({Role.MANAGER}),
    tabs=(
        tabs.MY_REQUESTS,
        tabs.MY_DEALS,
        tabs.MY_TASKS,
        tabs.FREE,
        tabs.MY_CLIENTS,
        tabs.HISTORY,
    ),
)
