"""Clients in the phones of the office: cards out, edits back, one writer per Google account."""
