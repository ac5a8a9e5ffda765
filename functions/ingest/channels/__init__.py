"""One module per provider, normalised to one Inbound."""
