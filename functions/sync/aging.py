"""What was closed long ago moves into the archive: once a day, in portions, in order of time.

A record that is opened again comes back without this: its change is news to both books. When the
office wants closed records kept longer, everything is looked at again and what is too young moves
back. A portion that died is repeated; rows are compared before they are written.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from kartoteka.domain.closing import CLOSED, MOMENT
from kartoteka.domain.ids import derived
from kartoteka.domain.instant import read, spell
from kartoteka.log import log
from kartoteka.ports import Doc, Found, Order, Query, QueuedTask, Where
from kartoteka.services.book_sizes import LIMIT
from kartoteka.services.wake import CONSUMERS
from kartoteka.wiring import App
from sync import books, spans
from sync.sheets_mirror import move_aged
from sync.shelf.closed import ARCHIVE
from sync.spans import Progress
from sync.stock import SHOWN

PORTION = 1_000  # records of each kind and state at once
WISH = "age"  # in the payload of the task
_FULL = LIMIT * 8 // 10  # cells: behind them the archive goes on in a further book
_EARLIEST = 3  # o'clock: people are asleep
_SHEETS = CONSUMERS["sheets"]


def ask(app: App) -> None:
    """Queue the day's first portion, once at night, or later when nothing ran at night."""
    local = _local(app)
    if local.hour >= _EARLIEST and spans.progress(app.store).day != _day(local):
        _queue(app, _day(local), "")


def age(app: App) -> dict[str, object]:
    """Return how many records one portion looked at, and whether more wait.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is written twice.
    """
    settings = app.desk.settings()
    old = spell(app.clock.now() - timedelta(days=settings.office.archive_days))
    known = spans.progress(app.store)
    if old < known.reached and not known.again:
        known = replace(known, cursors={}, again=True)
    until = max(old, known.reached)
    found = {
        (kind, state): list(islice(_closed(app, known, (kind, state), until), PORTION))
        for kind, states in CLOSED.items()
        for state in states
    }
    grown = _grown(app, known, found, settings.office.work.zone, old=old)
    spans.keep(app.store, grown)
    ids: dict[str, list[str]] = {kind: [] for kind in CLOSED}
    for (kind, _), hits in found.items():
        ids[kind] += [hit.id for hit in hits]
    if any(ids.values()):
        move_aged(app, ids)
    return _kept(app, grown, found, old)


def _closed(app: App, known: Progress, place: tuple[str, str], until: str) -> Iterator[Found]:
    """Yield what was closed before a moment, behind the last portion, in order of time."""
    kind, state = place
    field = MOMENT[kind]
    where = (Where("state", "==", state), Where(field, "<", until))
    after = known.cursors.get(":".join(place))
    query = Query(SHOWN[kind].collection, where, (Order(field),), limit=PORTION, after=after)
    return iter(app.store.query(query))


_Portion = dict[tuple[str, str], list[Found]]


def _grown(app: App, known: Progress, found: _Portion, zone: str, *, old: str) -> Progress:
    """Return the progress with the books that these records need; a full one gets a second."""
    closed = [str(hit.doc[MOMENT[kind]]) for (kind, _), hits in found.items() for hit in hits]
    moments = sorted(read(at) for at in closed if at < old)
    now = known.with_years(moments, zone)
    full = {memory.role for memory in books.known(app.store).values() if memory.cells >= _FULL}
    for span in known.spans(zone):
        inside = [at for at in moments if span.since < at < span.until]
        if inside and f"{ARCHIVE}-{span.name}" in full:
            now = now.split(span.name, inside[0])
            log("warning", event="archive_split", book=span.name)
    return now


def _kept(app: App, now: Progress, found: _Portion, old: str) -> dict[str, object]:
    """Keep how far the archive is behind a portion; ask for the next one."""
    cursors = {":".join(place): hits[-1].cursor for place, hits in found.items() if hits}
    now = replace(now, cursors={**now.cursors, **cursors})
    more = any(len(hits) == PORTION for hits in found.values())
    if more:
        _queue(app, _day(_local(app)), derived("at", *now.cursors.values()))
    else:
        now = replace(now, reached=old, again=False, day=_day(_local(app)))
    spans.keep(app.store, now)
    return {"aged": sum(map(len, found.values())), "more": more}


def _queue(app: App, day: str, place: str) -> None:
    payload: Doc = {WISH: day}
    app.tasks.enqueue(QueuedTask(_SHEETS.queue, derived(WISH, day, place), _SHEETS.path, payload))


def _local(app: App) -> datetime:
    return app.clock.now().astimezone(ZoneInfo(app.desk.settings().office.work.zone))


def _day(local: datetime) -> str:
    return f"{local:%Y-%m-%d}"
