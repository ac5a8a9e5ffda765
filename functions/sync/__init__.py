"""Two-way mirrors: Google Sheets and Google Contacts."""
