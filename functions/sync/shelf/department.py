"""«Отдел»: everything that a head reaches, with money, free requests and duplicates."""

from kartoteka.domain.model import Role
from sync.shelf import tabs
from sync.shelf.closed import CLOSED_DEALS
from sync.shelf.editions import Book
from sync.shelf.pasted import IMPORT

BOOK = Book(
    key="department",
    title="book_department",
    roles=frozenset({Role.HEAD, Role.DIRECTOR}),
    tabs=(
        tabs.REQUESTS,
        tabs.DEALS,
        tabs.TASKS,
        tabs.FREE,
        tabs.CLIENTS,
        tabs.PAIRS,
        CLOSED_DEALS,
        IMPORT,
        tabs.HISTORY,
    ),
)
