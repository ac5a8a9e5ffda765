"""A stand-in for the Google services that Kartoteka uses, for offices without an account."""
