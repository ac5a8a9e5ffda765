"""Moving committed pages from the journal into the file, beside the writers instead of in one.

SQLite does it inside every commit that finds the journal long: that commit takes ten times as
long as the others, and the longer the larger the file is. A thread of our own does it meanwhile;
what it has not done yet is durable in the journal. The little that was committed meanwhile it
moves while no writer works: then the next one starts the journal from its beginning, and pages
that replace old ones are on disk in half the time of those that lengthen a file.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from kartoteka.domain.errors import KartotekaError

_WRITES_PER_RUN = 1_500  # more seldom the journal gets long, more often writers meet a busy disk
_LAST_RESORT_PAGES = 20_000  # SQLite's own, should the thread not keep up

SETTING = f"PRAGMA wal_autocheckpoint = {_LAST_RESORT_PAGES}"


Lend = Callable[[], AbstractContextManager[sqlite3.Connection]]
Alone = Callable[[], AbstractContextManager[None]]


class Checkpointer:
    """Starts its thread with the first long journal; `close` ends it."""

    def __init__(self, lent: Lend, alone: Alone) -> None:
        """Take connections from `lent`; while `alone` is held no writer of the process works."""
        self._lent = lent
        self._alone = alone
        self._written = 0
        self._due = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def committed(self, writes: int) -> None:
        """Note the number of records written; called by one writer at a time."""
        self._written += writes
        if self._written < _WRITES_PER_RUN:
            return
        self._written = 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="checkpoint", daemon=True)
            self._thread.start()
        self._due.set()

    def close(self) -> None:
        """End the thread after a last run: what was due before is moved."""
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            last = self._closed
            self._run()
            if last:
                return

    def _run(self) -> None:
        """Move what no reader needs; a busy or failing disk is met again by the next run.

        Writers meet the same disk and report it.
        """
        try:
            with self._lent() as connection:
                _move(connection)
                with self._alone():
                    _move(connection)
        except KartotekaError:
            return


def _move(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
