"""The stand-in's own SQLite file: JSON documents, and the rows of sheets in chunks.

Everything written inside `transaction` is on disk (safe from a killed process) when it ends.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import orjson

Document: TypeAlias = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    owner TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (owner, number)
) WITHOUT ROWID;
"""


class Vault:
    """A keeper of documents and chunks that threads may share.

    A document is a JSON object found by (kind, key) and listed by key within its kind. A chunk is
    a JSON value found by (owner, number); a sheet grid is an owner whose chunks hold its rows.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._undo: list[Callable[[], object]] = []
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the vault for one thread; commit at the end, or undo everything on an exception.

        May be nested: the outermost one decides.
        """
        with self._lock:
            if not self._depth:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._leave("ROLLBACK")
                raise
            self._leave("COMMIT")

    def _leave(self, verdict: str) -> None:
        self._depth -= 1
        if self._depth:
            return
        undo, self._undo = self._undo, []
        try:
            if self._db.in_transaction:
                self._db.execute(verdict)
        except sqlite3.Error:
            verdict = "ROLLBACK"
            raise
        finally:
            for forget in undo if verdict == "ROLLBACK" else ():
                forget()

    def on_rollback(self, forget: Callable[[], object]) -> None:
        """Have `forget` called if the transaction that is open now ends without a commit."""
        with self._lock:
            if self._depth:
                self._undo.append(forget)

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document, or None when there is none."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
        return None if row is None else _object(row[0])

    def put(self, kind: str, key: str, document: Document) -> None:
        """Create or replace a document."""
        self.put_all(kind, [(key, document)])

    def put_all(self, kind: str, documents: Iterable[tuple[str, Document]]) -> None:
        """Create or replace many documents of one kind together."""
        rows = [(kind, key, _text(document)) for key, document in documents]
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", rows)

    def delete(self, kind: str, key: str) -> bool:
        """Remove a document; True when it was there."""
        with self.transaction():
            done = self._db.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return done.rowcount > 0

    def count(self, kind: str) -> int:
        """Return how many documents of a kind there are."""
        with self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM documents WHERE kind = ?", (kind,)
            ).fetchone()
        return int(row[0])

    def read_chunks(self, owner: str) -> list[tuple[int, Any]]:
        """Return (number, value) of every chunk of an owner in the order of numbers."""
        with self._lock:
            rows = self._db.execute(
                "SELECT number, body FROM chunks WHERE owner = ? ORDER BY number", (owner,)
            ).fetchall()
        return [(number, json.loads(body)) for number, body in rows]

    def write_chunks(self, owner: str, chunks: Iterable[tuple[int, Any]]) -> None:
        """Create or replace chunks of an owner."""
        rows = [(owner, number, _text(value)) for number, value in chunks]
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", rows)

    def cut_chunks(self, owner: str, first: int) -> None:
        """Remove the chunks of an owner from this number on (0 removes all)."""
        with self.transaction():
            self._db.execute("DELETE FROM chunks WHERE owner = ? AND number >= ?", (owner, first))

    def list(
        self, kind: str, *, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[tuple[str, Document]]:
        """Return (key, document) pairs of a kind in the order of their keys.

        Args:
            kind: what to list.
            prefix: only keys that begin so.
            after: only keys greater than this one (the last key of the page before).
            limit: at most so many; -1 means all.
        """
        end = prefix + "\U0010ffff"
        with self._lock:
            rows = self._db.execute(
                "SELECT key, body FROM documents"
                " WHERE kind = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?",
                (kind, prefix, end, after, limit),
            ).fetchall()
        return [(key, _object(body)) for key, body in rows]


def _text(value: Any) -> bytes:
    """Encode as JSON; half of a surrogate pair, which clients may send, survives both ways."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # such a half, which only the slower encoder takes
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


def _object(body: bytes) -> Document:
    value: Document = json.loads(body)
    return value
