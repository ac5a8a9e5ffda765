"""The office's bot in private with its people: buttons of notices, and what they ask by a word."""
