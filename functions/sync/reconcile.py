"""The regular look: finds edits that nobody reported, and wakes consumers that lag.

When nothing changed it costs one Drive call. Drive's version of the file also moves by our own
writes; the look that follows then finds everything right, which is how a write is verified.
"""

import math
from collections.abc import Iterable, Mapping

from kartoteka.domain.errors import NotFound
from kartoteka.services.consume import lagging
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import aging, books, calendar_mirror, proving
from sync.books import Memory
from sync.contacts_mirror import look_later
from sync.rounds import lateness
from sync.rounds.waiting import look_soon
from sync.shelf import summary

_BOARD_S = 300  # counters grow old without any change: the summary is looked at so often
_BUSY = 3  # flushes in a minute: such a book is read often enough
_COMPARED_S = 600  # a look for every row is asked for again after so long
_AT_ONCE = 10  # books of a tick that are compared whole; the next tick goes on
_SPAN_S = 30  # a look that was queued for a version is not queued again for so long


def reconcile(app: App) -> dict[str, object]:
    """Return what was asked for: drains of the consumers that lag, looks at books that moved.

    Raises:
        RateLimited, ProviderDown: Google does not answer; the next tick asks again.
    """
    look_later(app)
    aging.ask(app)
    calendar_mirror.look_later(app)
    late = lagging(app.store, [*CONSUMERS])
    for name in late:
        app.desk.waker.ask(CONSUMERS[name])
    known = {key: memory for key, memory in books.known(app.store).items() if memory.shared}
    made = [memory for memory in known.values() if memory.spreadsheet_id]
    listed = app.sheets.versions() if made else {}
    looks = {memory.key for memory in made if _moved(app, memory, listed)}
    for memory in made:
        if memory.role == summary.BOOK.key:
            board = math.floor(app.clock.now().timestamp() / _BOARD_S)
            look_soon(app, memory.key, "board", str(board))
    for memory in made:
        if lateness.overdue(memory, app.clock.now()):
            look_soon(app, memory.key, "overdue", memory.again)
    _compare(app, made)
    if len(made) < len(known) or not known:
        _look_soon(app, "", "")
    return {
        "late": late,
        "look": bool(looks) or len(made) < len(known) or not known,
    }


def _compare(app: App, made: Iterable[Memory]) -> None:
    """Ask for a look at every row of the books that had none since the last night."""
    zone, now = app.desk.settings().office.work.zone, app.clock.now()
    night = proving.night(now, zone)
    due = [memory for memory in made if memory.compared != night]
    for memory in due[:_AT_ONCE]:
        look_soon(app, memory.key, "compare", str(math.floor(now.timestamp() / _COMPARED_S)))


def _moved(app: App, memory: Memory, listed: Mapping[str, str]) -> bool:
    """Return whether the workbook changed since the last look; then ask for one."""
    version = listed.get(memory.spreadsheet_id) or _version(app, memory)
    is_busy = memory.spent_in(app.clock.now()) >= _BUSY
    if version and (version == memory.looked or is_busy):
        return False
    _look_soon(app, memory.key, version)
    return True


def _look_soon(app: App, key: str, version: str) -> None:
    span = math.floor(app.clock.now().timestamp() / _SPAN_S)
    look_soon(app, key, "version", version, str(span), version=version)


def _version(app: App, memory: Memory) -> str:
    """Return the version of a workbook that Drive did not list; empty when it is gone."""
    try:
        version = app.sheets.version(memory.spreadsheet_id)
    except NotFound:
        version = ""
    if not version:
        books.forget(app.store, memory.key)
    return version
