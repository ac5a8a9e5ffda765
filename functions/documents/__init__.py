"""Documents: offers and invoices."""
