"""One machine: server, tasks, stand-in for Google, page, demo and command line."""
