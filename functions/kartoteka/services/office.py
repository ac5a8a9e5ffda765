"""What every service works with, and the settings it sees."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kartoteka.domain.errors import ConfigError
from kartoteka.domain.model import Staff
from kartoteka.domain.office import Account, Form, Office, Settings
from kartoteka.domain.routing import Turns
from kartoteka.ports import Clock, Files, Query, Store, Tasks
from kartoteka.services.loads import Loads
from kartoteka.services.wake import Waker


class SettingsCache:
    """The office's settings, read from the store at most every `ttl_s` seconds of `seconds`."""

    def __init__(
        self, store: Store, ttl_s: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._ttl_s = ttl_s
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: tuple[float, Settings] | None = None

    def __call__(self) -> Settings:
        """Return the settings; `ConfigError` when the office was never set up."""
        kept = self._kept
        if kept is not None and self._seconds() - kept[0] < self._ttl_s:
            return kept[1]
        return self._read()

    def lately(self, within_s: float) -> Settings:
        """Return the settings as they were within so many seconds; read when there are none."""
        kept = self._kept
        fresh = kept is not None and self._seconds() - kept[0] < within_s
        return kept[1] if kept is not None and fresh else self()

    def forget(self) -> None:
        """Read the store at the next call."""
        self._kept = None

    def renewed(self, older_s: float) -> bool:
        """Return whether the store holds other settings than were known; they are known now.

        Settings younger than `older_s` seconds are not read again, so whoever makes us ask for
        nothing makes us read that seldom.
        """
        kept = self._kept
        if kept is None or self._seconds() - kept[0] < older_s:
            return False
        return self._read() != kept[1]

    def _read(self) -> Settings:
        with self._lock:
            settings = read_settings(self._store)
            self._kept = (self._seconds(), settings)
        return settings


def read_settings(store: Store) -> Settings:
    """Return the settings as the store holds them now."""
    return Settings(
        office=read_office(store),
        staff=tuple(Staff.model_validate(row.doc) for row in store.query(Query("staff"))),
        forms=tuple(Form.model_validate(row.doc) for row in store.query(Query("forms"))),
        accounts=tuple(Account.model_validate(row.doc) for row in store.query(Query("accounts"))),
    )


def read_office(store: Store) -> Office:
    """Return the office's own record as the store holds it now, one read.

    Raises:
        ConfigError: the office was never set up.
    """
    office = store.get(Office.collection, "office")
    if office is None:
        raise ConfigError("the office is not set up; run `kartoteka init --preset law_firm`")
    return Office.model_validate(office)


@dataclass(frozen=True)
class Desk:
    """The ports and settings a service works with."""

    store: Store
    tasks: Tasks
    clock: Clock
    settings: Callable[[], Settings]
    waker: Waker
    turns: Turns = field(default_factory=Turns)
    loads: Loads = field(default_factory=Loads)
    files: Files | None = None  # None: the office keeps no files
    base_url: str = ""  # public address of the open pages, in front of /api
    intake_url: str = ""  # public address of what comes in, in front of /ingest

    def now(self) -> datetime:
        """Return the office's present instant."""
        return self.clock.now()
