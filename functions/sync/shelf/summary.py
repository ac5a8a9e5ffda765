"""«Сводка»: how much waits for whom; figures and charts of the office join here."""

from kartoteka.domain.model import Role
from sync.shelf import tabs
from sync.shelf.editions import Book

BOOK = Book(
    key="summary",
    title="book_summary",
    roles=frozenset({Role.DIRECTOR}),
    tabs=(tabs.COLLEAGUES,),
)
