"""Edits by hand on one box: the trigger runs beside them, and can be waited for."""

import threading
from datetime import UTC, datetime

import httpx
from tests.onebox.google.conftest import OFFICE

from onebox.edits import Edit, Editor
from onebox.google.app import GoogleOptions, build_google

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
_PATIENCE_S = 30.0


class SlowHook:
    """The box's own calls: each waits until it is let through."""

    def __init__(self):
        self.gate = threading.Event()
        self.values = []

    def post(self, path, body):
        assert path == "/sync/edits"
        assert self.gate.wait(_PATIENCE_S)
        self.values.append(body["value"])
        return httpx.Response(200)


def test_settling_waits_for_the_triggers_of_all_edits(tmp_path):
    google = build_google(tmp_path / "google.sqlite3", lambda: NOW, GoogleOptions(quotas=False))
    made = google.sheets.create(OFFICE, {"properties": {"title": "Книга"}})
    book, title = made["spreadsheetId"], made["sheets"][0]["properties"]["title"]
    hook = SlowHook()
    editor = Editor(google, hook, lambda: NOW)
    for row in (1, 2):
        editor.type(
            Edit(workbook=book, tab=title, row=row, column=1, value=f"строка {row}", user=OFFICE)
        )
    assert hook.values == []

    hook.gate.set()
    editor.settle()

    assert sorted(hook.values) == ["строка 1", "строка 2"]
    google.close()
