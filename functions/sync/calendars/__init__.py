"""Tasks and meetings in the calendars of the office: events out, edits back, one writer."""
