"""Google Contacts as People API v1 shows them: people, groups, sync tokens, their limits."""
