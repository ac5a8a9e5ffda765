"""The commands of `kartoteka`, one module per kind."""
