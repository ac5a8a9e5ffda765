"""Rules of the office: the language in which people write them, and what it means; pure."""
