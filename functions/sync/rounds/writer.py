"""One writer of the books at a time, though a queue may deliver a call twice.

The queue dispatches one call after another. When it gives a call up as lost and repeats it while
the first still runs, or an operator starts a second installation over the same store, two would
take turns in the same files. So a round over the books is claimed, and whoever comes meanwhile is
told to come again. A claim is renewed between Google's calls; a round that finds it taken stops
before it writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from kartoteka.domain.errors import Transient
from kartoteka.domain.ids import fresh
from kartoteka.domain.instant import read, spell
from kartoteka.log import log
from kartoteka.ports import Doc, Tx
from kartoteka.wiring import App

COLLECTION = "writers"
LEASE = timedelta(seconds=90)  # longer than one call of Google may take
_RENEWED = timedelta(seconds=15)
_NAME = "sheets"
_PROCESS = fresh("pr")


@dataclass
class Writer:
    """The claim of one round; `hold` is asked between calls of Google.

    `used` is what the rounds have used of Google's minute, in the words of `sync/rounds/quota`.
    """

    app: App
    token: str
    renewed: datetime
    used: str = ""

    def hold(self) -> None:
        """Keep the claim.

        Raises:
            Transient: it ran out and another round goes on; nothing more may be written here.
        """
        now = self.app.clock.now()
        if now - self.renewed < _RENEWED:
            held = self.app.store.get(COLLECTION, _NAME)
        else:
            held = self.app.store.run(lambda tx: _renew(tx, self, now))
            self.renewed = now
        if not held or held.get("token") != self.token:
            raise _second("lost")


@contextmanager
def sole(app: App) -> Iterator[Writer]:
    """Claim the books for the block.

    Raises:
        Transient: another round is at work; the queue repeats.
    """
    writer = Writer(app, fresh("wr"), app.clock.now())
    if not app.store.run(lambda tx: _claim(tx, app, writer)):
        raise _second("refused")
    try:
        yield writer
    finally:
        app.store.run(lambda tx: _release(tx, writer))


def _second(what: str) -> Transient:
    """Two writers met: tell the operator, and the queue."""
    log("error", event="two_writers", outcome=what)
    return Transient("the books are being written by another call: try again later")


def _claim(tx: Tx, app: App, writer: Writer) -> bool:
    held = tx.get(COLLECTION, _NAME)
    if held is not None and held.get("token") and _lives(held, app, writer.renewed):
        return False
    writer.used = str((held or {}).get("used", ""))
    doc = {"token": writer.token, "process": _PROCESS, "at": spell(writer.renewed)}
    tx.put(COLLECTION, _NAME, {**doc, "used": writer.used})
    return True


def _lives(held: Doc, app: App, now: datetime) -> bool:
    """Return whether a claim still holds; on one box those of other processes died with them."""
    if app.settings.store == "sqlite" and held.get("process") != _PROCESS:
        return False
    return now - read(str(held["at"])) < LEASE


def _renew(tx: Tx, writer: Writer, now: datetime) -> Doc | None:
    held = tx.get(COLLECTION, _NAME)
    if held is None or held.get("token") != writer.token:
        return held
    renewed = {**held, "at": spell(now), "used": writer.used}
    tx.put(COLLECTION, _NAME, renewed)
    return renewed


def _release(tx: Tx, writer: Writer) -> None:
    held = tx.get(COLLECTION, _NAME)
    if held is not None and held.get("token") == writer.token:
        tx.put(COLLECTION, _NAME, {**held, "token": "", "used": writer.used})
