"""Durable writes of many threads to one SQLite file, joined into few commits."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from onebox.tasks.errors import StoreBroken

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], None]


class _Ticket:
    """One write that waits for its commit."""

    def __init__(self, work: Work, *, lasting: bool) -> None:
        self.work = work
        self.lasting = lasting
        self.settled = False
        self.durable = False

    def settle(self, *, durable: bool) -> None:
        self.settled, self.durable = True, durable


class GroupCommit:
    """One connection for all threads; writers that wait for each other share one commit.

    A lasting write returns when it is on the disk (WAL, synchronous=FULL); another survives the
    death of the process, but a power cut may undo it. The work itself is plain SQL that cannot
    refuse: decide by the values it returns, not by raising.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.executescript(f"BEGIN;{schema};COMMIT;")
        self._connection = threading.Lock()
        self._waiting_lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._syncs = True

    def write(self, work: Callable[[sqlite3.Connection], T], *, lasting: bool = True) -> T:
        """Run `work` in a transaction and return its result once it is durable.

        Args:
            work: what to do.
            lasting: False for what is simply done again when a power cut undoes it.

        Raises:
            StoreBroken: the disk or the file refused it; nothing of it was written.
        """
        results: list[T] = []
        ticket = _Ticket(lambda db: results.append(work(db)), lasting=lasting)
        with self._waiting_lock:
            self._waiting.append(ticket)
        with self._connection:
            if not ticket.settled:
                self._commit_waiting()
        if not ticket.durable:
            raise StoreBroken("The task store could not write; repeat the call.")
        return results[-1]

    def read(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query; `StoreBroken` when the file cannot be read."""
        try:
            with self._connection:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as exc:
            raise StoreBroken(f"The task store could not read: {type(exc).__name__}.") from exc

    def close(self) -> None:
        with self._connection:
            self._db.close()

    def _commit_waiting(self) -> None:
        with self._waiting_lock:
            batch, self._waiting = self._waiting, []
        durable = False
        try:
            self._sync(on=any(ticket.lasting for ticket in batch))
            self._db.execute("BEGIN IMMEDIATE")
            for ticket in batch:
                ticket.work(self._db)
            self._db.execute("COMMIT")
            durable = True
        except sqlite3.Error as exc:
            raise StoreBroken(f"The task store could not write: {type(exc).__name__}.") from exc
        finally:
            if not durable and self._db.in_transaction:
                self._db.execute("ROLLBACK")
            for ticket in batch:
                ticket.settle(durable=durable)

    def _sync(self, *, on: bool) -> None:
        """Let the next commit wait for the disk, or not."""
        if on != self._syncs:
            self._db.execute(f"PRAGMA synchronous={'FULL' if on else 'NORMAL'}")
            self._syncs = on
