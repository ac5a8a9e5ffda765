"""Shared core of Kartoteka: the office's rules and the ports to the world."""
