"""Use cases: each module is one thing the office does, in one transaction."""
