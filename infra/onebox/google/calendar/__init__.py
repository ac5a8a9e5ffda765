"""Calendar v3, as far as the office uses it."""
