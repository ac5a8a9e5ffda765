"""«Отдел»: all that a head reaches: money, free requests, duplicates, what nobody else takes."""

from kartoteka.domain.model import Role
from sync.shelf import payments, tabs
from sync.shelf.closed import CLOSED_DEALS
from sync.shelf.editions import Book
from sync.shelf.pasted import IMPORT
from sync.shelf.unmatched import UNMATCHED

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
        tabs.INBOX,
        UNMATCHED,
        CLOSED_DEALS,
        IMPORT,
        tabs.HISTORY,
    ),
    instead_of={UNMATCHED.key: payments.BOOK.roles},
)
