"""Intake: every way a client reaches the office."""
