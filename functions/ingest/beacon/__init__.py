"""Which pages known visitors look at, if the office and the visitor want it; A10."""
