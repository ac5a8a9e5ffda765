"""Measured claims: `python -m bench` prints tables and writes nothing into the repository."""
