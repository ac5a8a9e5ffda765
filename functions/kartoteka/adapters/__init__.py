"""The only importers of vendor software."""
