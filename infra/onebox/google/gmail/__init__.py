"""The stand-in's Gmail: boxes of letters with their history."""
