"""The generator of sales: clients of a segment become requests or deals, a few a day; J12.

Each step is one transaction with the place it came to, under the cause of its batch: a crash loses
and doubles nothing, and undoing the batch takes the whole run back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kartoteka.domain import generator as rules
from kartoteka.domain.generator import SOURCE, GeneratorRun
from kartoteka.domain.ids import ClientId
from kartoteka.domain.instant import spell
from kartoteka.domain.model import Client
from kartoteka.domain.office import Settings
from kartoteka.domain.segment import Member
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Query, Store, Where
from kartoteka.services import batches
from kartoteka.services.generating import Making
from kartoteka.services.office import Desk
from kartoteka.services.unit import Unit, transact

_PAGE = 25  # clients of one transaction
_STEPS = 200  # of one call; the next tick goes on
_MOST_WAITING = 500
_MOST_RUNS = 50
_Place: TypeAlias = tuple[ClientId, str]  # a client and the place behind it


@dataclass(frozen=True, slots=True)
class _Page:
    """The next clients; `last`: the source has nobody behind them."""

    places: Sequence[_Place]
    last: bool


@dataclass(frozen=True, slots=True)
class _Turn:
    """One step: the run as it is stored, as it is today, and whom it looks at."""

    seen: GeneratorRun
    run: GeneratorRun
    page: _Page


def run_due(desk: Desk) -> int:
    """Return how many records the runs made whose time has come."""
    due = Where("next_at", "<=", spell(desk.now()))
    query = Query(GeneratorRun.collection, (Where("state", "==", "running"), due), limit=_MOST_RUNS)
    return sum(portion(desk, found.id) for found in list(desk.store.query(query)))


def portion(desk: Desk, run_id: str) -> int:
    """Return how many records a run made for today."""
    made = 0
    for _ in range(_STEPS):
        doc = desk.store.get(GeneratorRun.collection, run_id)
        seen = GeneratorRun.model_validate(doc) if doc is not None else None
        if seen is None or seen.next_at is None or seen.next_at > desk.now():
            break
        run = rules.on_day(seen, _day(desk.settings().office.work, desk.now()))
        turn = _Turn(seen, run, _page(desk.store, run))
        step = partial(_step, settings=desk.settings(), turn=turn)
        made += transact(desk.store, seen.actor, SOURCE, desk.now(), work=step)
    if made:
        desk.waker.after_commit()
    return made


def _step(unit: Unit, *, settings: Settings, turn: _Turn) -> int:
    """Return how many records this step made; they and the place are kept together."""
    seen, page = turn.seen, turn.page
    if unit.need(GeneratorRun, seen.id) != seen:
        return 0
    batch = batches.resume(unit, seen.batch_id)
    if batch is None:  # it was undone meanwhile
        unit.keep(seen.model_copy(update={"state": "stopped", "next_at": None}))
        return 0
    making = Making(unit, settings, turn.run)
    looked = _look(making, page)
    making.tell()
    kept = _behind(making.run, page, looked)
    if _is_through(kept, page, looked):
        over = {"state": "done", "next_at": None, "done_at": unit.now}
        kept = kept.model_copy(update=over)
    elif _rests(kept, page, looked):
        kept = kept.model_copy(update={"next_at": _tomorrow(settings.office.work, unit.now)})
    unit.keep(kept)
    made = kept.made - seen.made
    batches.advance(unit, batch, made, done=kept.state == "done")
    return made


def _page(store: Store, run: GeneratorRun) -> _Page:
    if run.again:
        return _Page([(name, "") for name in run.again[:_PAGE]], last=False)
    if not run.segment:
        start = int(run.cursor or 0)
        named = run.clients[start : start + _PAGE]
        places = [(name, str(start + at)) for at, name in enumerate(named, 1)]
        return _Page(places, last=start + _PAGE >= len(run.clients))
    where = (Where("segment_id", "==", run.segment),)
    query = Query(Member.collection, where, limit=_PAGE, after=run.cursor or None)
    found = [(ClientId(str(hit.doc["client_id"])), hit.cursor) for hit in store.query(query)]
    return _Page(found, last=len(found) < _PAGE)


def _look(making: Making, page: _Page) -> int:
    """Return how many clients of the page were looked at before everybody had enough."""
    clients = making.unit.find_many(Client, [name for name, _ in page.places])
    for looked, (name, _) in enumerate(page.places):
        if not rules.has_room(making.run, making.settings):
            return looked
        making.look(name, clients.get(name))
    return len(page.places)


def _behind(run: GeneratorRun, page: _Page, looked: int) -> GeneratorRun:
    """Return the run behind the clients that were looked at."""
    if run.again:
        return run.model_copy(update={"again": run.again[looked:]})
    cursor = page.places[looked - 1][1] if looked else run.cursor
    return run.model_copy(update={"cursor": cursor})


def _rests(run: GeneratorRun, page: _Page, looked: int) -> bool:
    """Return whether the rest has to wait for another day: nobody has room, or too many wait."""
    if looked < len(page.places) or len(run.waiting) >= _MOST_WAITING:
        return True
    return page.last and bool(run.waiting)


def _is_through(run: GeneratorRun, page: _Page, looked: int) -> bool:
    return page.last and looked == len(page.places) and not run.waiting


def _day(work: WorkTime, now: datetime) -> str:
    return now.astimezone(ZoneInfo(work.zone)).date().isoformat()


def _tomorrow(work: WorkTime, now: datetime) -> datetime:
    """Return when the office opens next on another day."""
    zone = ZoneInfo(work.zone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    return work.add_minutes(datetime.combine(day, time(), zone).astimezone(now.tzinfo), 0)
