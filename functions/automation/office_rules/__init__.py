"""The office's own rules at work: changes and timers become firings, firings become actions."""
