"""A month of the law office on the virtual clock, counted a second time by other means."""
