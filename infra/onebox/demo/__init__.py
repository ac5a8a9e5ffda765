"""A working day of a law office, played through the public addresses of one box and checked."""
