"""The box's own heartbeat: looks for edits that no trigger reported, in real time."""

import threading

import httpx

from kartoteka.log import log
from onebox.internal import Internal

EVERY_S = 2.5  # with the wait for an author (sync.deciding.GRACE) an edit is a command within 5 s


class Pulse:
    """Posts to one path at equal intervals; a call that fails is simply made again."""

    def __init__(self, internal: Internal, path: str, every_s: float = EVERY_S) -> None:
        self._internal = internal
        self._path = path
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Make no more calls."""
        self._stop.set()

    def _beat(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self._internal.post(self._path, {})
            except httpx.HTTPError as exc:
                log("warning", event="pulse", path=self._path, error=type(exc).__name__)
