"""Reports over the change log."""
