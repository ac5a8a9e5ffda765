"""The open API: records and commands over HTTP, with the rights of a person."""
