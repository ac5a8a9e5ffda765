"""The browser page of one box: the book, the phone, the form and what happens."""
