"""`python -m onebox` is the command `kartoteka`."""

from onebox.cli import main

main()
