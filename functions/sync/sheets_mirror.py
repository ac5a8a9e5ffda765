"""The sheets consumer of the change log: one serial writer of the team's workbook; D5, D7.

Every call comes through the queue `sheets`, which runs one at a time. A colleague may sort the
sheet between our read and our write; then cells land in another record's row. The base written
with them names the record it was meant for, so the next look (Drive's version of the file has
moved) sees the mismatch and puts both rows right.
"""

from collections.abc import Sequence

from kartoteka.domain.change import Change
from kartoteka.domain.errors import ConfigError, NotFound
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import spell
from kartoteka.ports import Doc, QueuedTask
from kartoteka.services.consume import Drained
from kartoteka.services.consume import drain as read_log
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books, trail
from sync.columns import Frame
from sync.deciding import GRACE
from sync.flush import Done, Flush

_SHEETS = CONSUMERS["sheets"]
_MOST = 5_000  # changes a flush


def drain(app: App, *, look: bool = False, version: str = "") -> Drained:
    """Return how many changes reached the workbook; what people typed is taken on the way.

    Args:
        app: the ports.
        look: read the workbook even when no change waits.
        version: Drive's version of the file that made somebody ask for this look.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """

    def handle(changes: Sequence[Change]) -> None:
        _flush(app, changes, version)

    done = read_log(app.desk, _SHEETS.name, handle, batch=_MOST, most=_MOST)
    if done.more:
        app.desk.waker.ask(_SHEETS)
    elif not done.handled and (look or trail.waiting(app.store, books.TEAM)):
        _flush(app, (), version)
    return done


def look_soon(app: App, *reason: str, version: str = "", later: bool = False) -> None:
    """Queue a look at the workbook; the same reason is queued once."""
    name = derived("look", books.TEAM, *reason)
    at = app.clock.now() + GRACE if later else None
    payload: Doc = {"look": True, "version": version}
    app.tasks.enqueue(QueuedTask(_SHEETS.queue, name, _SHEETS.path, payload, at))


def _flush(app: App, changes: Sequence[Change], version: str) -> None:
    frame = Frame(app.desk.settings())
    memory = books.ensure(app, frame)
    try:
        done = Flush(app, frame, memory, changes).run(version)
    except (NotFound, ConfigError) as exc:
        done = _mended(app, frame, changes, exc)
    if done.unsettled:
        look_soon(app, "unsettled", spell(app.clock.now()), later=True)


def _mended(
    app: App, frame: Frame, changes: Sequence[Change], fault: NotFound | ConfigError
) -> Done:
    """Flush again after the workbook, or a tab of it, was made anew."""
    if isinstance(fault, NotFound):
        if fault.code != "google_gone":
            raise fault
        books.forget(app.store)
        return Flush(app, frame, books.ensure(app, frame), changes).run("")
    memory = books.ensure(app, frame)
    mended = books.repaired(app, memory, frame)
    if mended == memory:
        raise fault
    return Flush(app, frame, mended, changes).run("")
