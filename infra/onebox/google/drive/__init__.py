"""Google Drive as Drive API v3 shows it: files, folders, sharing and the list of changes."""
