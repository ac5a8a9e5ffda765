"""«Неразобранное»: what nobody understood or took yet."""

from kartoteka.domain.model import Role
from sync.shelf import tabs
from sync.shelf.editions import Book

BOOK = Book(
    key="triage",
    title="book_triage",
    roles=frozenset({Role.OPERATOR}),
    tabs=(tabs.INBOX, tabs.NEW_REQUESTS, tabs.PAIRS, tabs.MY_TASKS),
)
