"""Every book of the office, in the order in which they are brought up to date."""

from sync.shelf.editions import Book

BOOKS: tuple[Book, ...] = ()
