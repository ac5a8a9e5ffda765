"""Books that wait, for their turn or because Google refused them.

What a book misses stands in the log behind a position of its own, and a look at it is queued.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kartoteka.domain.change import Change
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read, spell
from kartoteka.ports import Doc, QueuedTask, Store
from kartoteka.services.consume import checkpoint
from kartoteka.services.unit import LOG
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books
from sync.books import Memory
from sync.rounds import lateness
from sync.rounds.lateness import Fault
from sync.rounds.quota import Rank
from sync.rounds.visits import MOST, Tally, Visit

# So many writes of a minute are free; then each book rests so long for every book that waits, and
# the team's alone goes on.
FREELY = 20
PAUSE = timedelta(seconds=3)
BEHIND = "behind"  # instead of a version: the look is for changes that wait, if they still do
_UNMADE = "unmade"  # instead of a book: any round looks after all that are not made
_SHEETS = CONSUMERS["sheets"]


def look_soon(
    app: App, book: str, *reason: str, version: str = "", later: timedelta | None = None
) -> None:
    """Queue a look at a book (all, if empty), after a while; the same reason is queued once."""
    name = derived("look", book, *reason)
    at = app.clock.now() + later if later is not None else None
    payload: Doc = {"look": True, "book": book, "version": version}
    app.tasks.enqueue(QueuedTask(_SHEETS.queue, name, _SHEETS.path, payload, at))


def postponed(visit: Visit, due: datetime, tally: Tally, looked: Mapping[str, str]) -> bool:
    """Return whether a book may wait: queued is its turn, then kept from where in the log.

    One look is queued for what waits until the same moment, and one for all books to be made. A
    book that waits has its look in the queue; where that look is this one, it gets another.

    Args:
        visit: of the book.
        due: when its turn is.
        tally: of the round.
        looked: the books that the round was asked to read, with the version that asked for it.
    """
    app, memory = visit.flush.app, visit.flush.memory
    position = memory.behind or checkpoint(app.store, _SHEETS.name)
    is_lost = visit.told and visit.made and position is None
    if is_lost or visit.flush.news.is_old or due <= app.clock.now():
        return False
    if visit.rank is Rank.MAKING:
        _look_after_unmade(app, due, tally)
    elif not memory.behind or visit.asked or memory.key in looked:
        version = looked.get(memory.key, BEHIND if visit.told else "")
        _look_in_turn(app, memory.key, due, version)
    if visit.told and memory.mark and position and not memory.behind:
        found = books.recall(app.store, memory.key) or memory
        books.remember(app.store, replace(found, behind=position))
    return True


def _look_after_unmade(app: App, due: datetime, tally: Tally) -> None:
    if not tally.unmade:
        look_soon(app, _UNMADE, spell(due), later=due - app.clock.now())
    tally.unmade = True


def _look_in_turn(app: App, book: str, due: datetime, version: str) -> None:
    """Queue a look at the end of the span in which the book's turn is."""
    span = math.ceil(due.timestamp() / PAUSE.total_seconds())
    turn = datetime.fromtimestamp(span * PAUSE.total_seconds(), UTC)
    look_soon(app, book, spell(turn), version=version, later=turn - app.clock.now())


def leave(visit: Visit, memory: Memory) -> None:
    """Keep where in the log the changes wait for a book that rests, and when it is its turn."""
    app = visit.flush.app
    position = memory.behind or checkpoint(app.store, _SHEETS.name) or ""
    again = replace(memory, behind=position, settings="" if visit.whole else memory.settings)
    if again != visit.flush.memory:
        books.remember(app.store, again)
    later = read(again.again) - app.clock.now()
    look_soon(app, visit.key, "rest", again.again, version=BEHIND, later=later)


def told_late(visit: Visit, fault: Fault) -> Memory:
    """Return the memory of a refused book, which says so from now on."""
    app = visit.flush.app
    found = books.recall(app.store, visit.key) or visit.flush.memory
    memory = lateness.refused(found, fault, app.clock.now())
    if memory != found:
        books.remember(app.store, memory)
    return memory


def missed(store: Store, position: str) -> Sequence[Change]:
    """Return the changes behind a position: those that waited, and those of this round."""
    return [Change.model_validate(entry.doc) for entry in store.read_log(LOG, position, MOST)]
