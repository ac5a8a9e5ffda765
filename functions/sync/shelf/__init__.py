"""The office's books as data: one module per family of columns or books."""
