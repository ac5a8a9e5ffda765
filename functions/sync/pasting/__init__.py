"""«Импорт»: rows pasted into a tab, judged beside themselves, then taken in as one act."""
