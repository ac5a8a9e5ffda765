"""The sheets consumer of the change log: one serial writer of all the office's books; D5, D7.

Every call comes through the queue `sheets`, which runs one at a time. One drain reads the log and
the changed records once; only the books that show one of them are flushed. A colleague may sort a
sheet between our read and our write; then cells land in another record's row. The base written
with them names the record it was meant for, so the next look (Drive's version of the file has
moved) sees the mismatch and puts both rows right.
"""

from collections.abc import Mapping, Sequence

from kartoteka.domain.change import Change
from kartoteka.ports import Doc
from kartoteka.services.consume import Drained
from kartoteka.services.consume import drain as read_log
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import trail
from sync.rounds.patience import rarely_collected
from sync.rounds.round import Round
from sync.rounds.visits import MOST

_SHEETS = CONSUMERS["sheets"]


@rarely_collected()
def drain(app: App, *, look: bool = False, book: str = "", version: str = "") -> Drained:
    """Return how many changes reached the books; what people typed is taken on the way.

    Args:
        app: the ports.
        look: read books even when no change waits.
        book: key of the one to look at, empty for all.
        version: Drive's version of the file that made somebody ask for this look.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """
    reported = trail.waited_for(app.store)
    looked = {book: version} if look and book else {}

    def handle(changes: Sequence[Change]) -> None:
        Round(app, changes, looked, reported, everything=look and not book).run()

    done = read_log(app.desk, _SHEETS.name, handle, batch=MOST, most=MOST)
    if done.more:
        app.desk.waker.ask(_SHEETS)
    elif not done.handled and (look or reported):
        handle(())
    return done


@rarely_collected()
def move_aged(app: App, ids: Mapping[str, list[str]]) -> None:
    """Take records that were closed long ago out of the working books, into the archive.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """
    Round(app, (), {}, trail.waited_for(app.store), everything=False, aged=ids).run()


def answer(app: App, wish: Doc) -> Drained:
    """Return how the drain that the queue asks for ended."""
    look, version = bool(wish.get("look")), str(wish.get("version") or "")
    return drain(app, look=look, book=str(wish.get("book") or ""), version=version)
