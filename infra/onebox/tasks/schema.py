"""The tables of tasks.sqlite3.

Times are microseconds since 1970 in UTC, by the clock of the box.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    per_second REAL NOT NULL,
    concurrent INTEGER NOT NULL,
    retry TEXT NOT NULL,
    state TEXT NOT NULL,
    purged INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    oidc_email TEXT,
    oidc_audience TEXT,
    deadline INTEGER NOT NULL,
    retry TEXT,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    dispatches INTEGER NOT NULL DEFAULT 0,
    responses INTEGER NOT NULL DEFAULT 0,
    executions INTEGER NOT NULL DEFAULT 0,
    first_dispatch INTEGER,
    last_dispatch INTEGER,
    last_response INTEGER,
    status INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    forced INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS tasks_by_queue ON tasks (queue, due, seq);
CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (due, seq);
CREATE INDEX IF NOT EXISTS tasks_forced ON tasks (forced) WHERE forced = 1;

CREATE TABLE IF NOT EXISTS tombstones (
    name TEXT PRIMARY KEY,
    free_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tombstones_by_end ON tombstones (free_at);

CREATE TABLE IF NOT EXISTS failed (
    name TEXT NOT NULL,
    queue TEXT NOT NULL,
    url TEXT NOT NULL,
    created INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS failed_by_time ON failed (failed);

CREATE TABLE IF NOT EXISTS jobs (
    name TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    due INTEGER NOT NULL
) STRICT;
"""
