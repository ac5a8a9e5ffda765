"""Open API and health."""
