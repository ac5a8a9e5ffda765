"""The messengers' own HTTP interfaces, one module per provider."""
