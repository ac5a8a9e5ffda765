"""Rounds over the books: whose turn it is within Google's minute, who waits, and who is refused."""
