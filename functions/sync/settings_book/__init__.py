"""«Настройки»: the office's settings as rows, and what a person's cell, row or action asks for."""
