"""The office in one file and back, sealed if wished, kept for seven days, four weeks, a year."""
