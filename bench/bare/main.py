"""What our functions are compared with: bare functions-framework functions of the same duty."""

import os
import sqlite3
import threading
from typing import Any

import functions_framework

_local = threading.local()


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        made = sqlite3.connect(os.environ["BARE_FILE"], isolation_level=None, timeout=20)  # noqa: TID251
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = FULL")
        made.execute("CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY, body TEXT)")
        _local.connection = made
    connection: sqlite3.Connection = _local.connection
    return connection


@functions_framework.http
def keep(request: Any) -> str:
    """Keep the body by one durable commit."""
    connection = _connection()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO posts (body) VALUES (?)", [request.get_data(as_text=True)])
    connection.execute("COMMIT")
    return '{"ok": true}'


@functions_framework.http
def hello(_request: Any) -> str:
    """Answer at once."""
    return '{"ok": true}'
