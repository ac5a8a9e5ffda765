"""«Настройки»: the office's own settings, for who may change them.

A book without tabs is not made: its file comes with the first tab that is declared here.
"""

from kartoteka.domain.model import Role
from sync.shelf.editions import Book

BOOK = Book(
    key="settings",
    title="book_settings",
    roles=frozenset({Role.ADMIN, Role.DIRECTOR}),
    tabs=(),
)
