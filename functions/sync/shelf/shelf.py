"""Every book of the office, in the order in which they are brought up to date."""

from sync.shelf import department, mine, payments, settings, summary, triage, works
from sync.shelf.editions import Book

BOOKS: tuple[Book, ...] = (
    mine.BOOK,
    department.BOOK,
    works.BOOK,
    payments.BOOK,
    triage.BOOK,
    summary.BOOK,
    settings.BOOK,
)
