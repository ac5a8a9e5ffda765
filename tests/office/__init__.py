"""Stories of an office as its people meet it: through the command line, in both languages."""
