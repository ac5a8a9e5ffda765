"""Automation: rules, timers and follow-ups on top of the change log."""
