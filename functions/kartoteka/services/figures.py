"""The figures of the office at one moment: a few dozen documents by id, whatever was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kartoteka.domain import figures
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.counters import Counters
from kartoteka.domain.deal import Deal
from kartoteka.domain.figures import Attainment, Cells, Funnel, Kept, Speed
from kartoteka.domain.instant import read, spell
from kartoteka.domain.model import Lead, Staff
from kartoteka.domain.office import Settings
from kartoteka.domain.pipeline import Pipeline
from kartoteka.domain.stat_cells import STANDING, Ruler
from kartoteka.domain.statistics import read_fact
from kartoteka.domain.worktime import WorkTime
from kartoteka.ports import Query, Where
from kartoteka.services import statistics
from kartoteka.services.counters import counters
from kartoteka.services.office import Desk
from kartoteka.services.plans import plans_of

PERIOD = 30  # days of the figures that are not of a month
_LIMITS = ("reply", "stage")  # that of the first answer is counted by request: `speed`
_FIRST_LOOK, _LAST_LOOK = timedelta(hours=1), timedelta(days=64)


@dataclass(frozen=True, slots=True)
class Worker:
    """What one person holds, has to do, answers and sells."""

    person: Staff
    waits: Counters
    leads: int
    deals: int
    speed: Speed
    won: int
    sales: Attainment
    limits: Mapping[str, Kept]  # how replies and stages kept their limits: reply, stage


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the owner looks at: a period of thirty days, the present month, and now."""

    at: datetime
    days: tuple[date, ...]
    leads: Mapping[str, Sequence[int]]  # by source, per day
    funnels: tuple[Funnel, ...]
    speed: Speed
    limits: Mapping[str, Kept]  # of everybody
    new_today: int
    won_today: int
    won: int
    month: tuple[date, ...]
    won_by_day: tuple[int, ...]  # minor units, for each day of the month
    sales: Attainment
    workers: tuple[Worker, ...]

    @property
    def waits(self) -> Counters:
        """Return what waits for all people together."""
        everybody = [worker.waits for worker in self.workers]
        return Counters(
            today=sum(it.today for it in everybody),
            overdue=sum(it.overdue for it in everybody),
            unplanned=sum(it.unplanned for it in everybody),
        )


@dataclass(frozen=True, slots=True)
class _Books:
    """What was read for one set of figures."""

    cells: Cells
    period: tuple[str, ...]
    month: tuple[str, ...]
    worked: tuple[int, int]
    unanswered: Mapping[str, int]  # requests that are past the limit, by owner
    plans: Mapping[str, int]
    limit: int


def gather(desk: Desk, settings: Settings) -> Figures | None:
    """Return the figures as of now; None until the log was counted to its end once."""
    office = settings.office
    if not statistics.is_whole(desk.store, office):
        return None
    now = desk.now()
    today = now.astimezone(ZoneInfo(office.work.zone)).date()
    days = tuple(today - timedelta(days=back) for back in reversed(range(PERIOD)))
    books = _opened(desk, settings, days)
    sold = figures.won(books.cells, books.month)
    answered = figures.answers(books.cells, books.period)
    limits = figures.kept(books.cells, books.period)
    late = sum(books.unanswered.values())
    closed = figures.won(books.cells, [today.isoformat()])
    return Figures(
        at=now,
        days=days,
        leads=figures.leads_by_source(books.cells, books.period),
        funnels=_funnels(settings, books),
        speed=Speed(figures.together(answered), late, books.limit),
        limits={what: figures.all_kept(limits[what]) for what in _LIMITS if what in limits},
        new_today=figures.created(books.cells, [today.isoformat()]),
        won_today=sum(number for number, _ in closed.values()),
        won=sum(number for number, _ in sold.values()),
        month=tuple(map(date.fromisoformat, books.month)),
        won_by_day=tuple(_sum(figures.won(books.cells, [day])) for day in books.month),
        sales=_sales(books, _sum(sold), ""),
        workers=tuple(_workers(desk, settings, books)),
    )


def _opened(desk: Desk, settings: Settings, days: tuple[date, ...]) -> _Books:
    today, hours = days[-1], settings.office.work
    first = today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    month = [first + timedelta(days=it) for it in range((after - first).days)]
    period = tuple(day.isoformat() for day in days)
    of_month = tuple(day.isoformat() for day in month)
    cells = statistics.cells(desk.store, {*period, *of_month, STANDING})
    limit = settings.office.first_answer_minutes
    staff = [str(person.id) for person in settings.staff]
    return _Books(
        cells=cells,
        period=period,
        month=of_month,
        worked=figures.days_of(month, today, hours),
        unanswered=_unanswered(desk, settings, cells, period),
        plans=plans_of(desk.store, of_month[0][:7], staff),
        limit=limit,
    )


def _unanswered(
    desk: Desk, settings: Settings, cells: Cells, period: Sequence[str]
) -> dict[str, int]:
    """Return how many requests of the period are past the limit without an answer, by owner."""
    waiting = figures.unanswered(cells, period)
    for owner, number in _in_time(desk, settings, period).items():
        waiting[owner] = waiting.get(owner, 0) - number
    return {owner: number for owner, number in waiting.items() if number > 0}


def _in_time(desk: Desk, settings: Settings, period: Sequence[str]) -> dict[str, int]:
    """Return how many requests may still be answered within the limit, by owner.

    Read are only those that came lately and were not answered.
    """
    ruler, now = Ruler(settings.office), desk.now()
    limit = settings.office.first_answer_minutes
    since = _look_back(settings.office.work, now, limit)
    found: dict[str, int] = {}
    query = Query(statistics.FACTS, (Where("waiting_since", ">", spell(since)),))
    for hit in desk.store.query(query):
        fact = read_fact(hit.doc)
        created = read(fact.spelled("created_at"))
        soon = settings.office.work.minutes_between(created, now) <= limit
        if soon and ruler.day(created) in period:
            owner = fact.spelled("owner_id")
            found[owner] = found.get(owner, 0) + 1
    return found


def _look_back(hours: WorkTime, now: datetime, limit: int) -> datetime:
    """Return a moment from which on more working time than the limit has passed."""
    back = _FIRST_LOOK
    while hours.minutes_between(now - back, now) <= limit and back < _LAST_LOOK:
        back *= 2
    return now - back


def _funnels(settings: Settings, books: _Books) -> tuple[Funnel, ...]:
    """Return the funnels of the pipelines in which something happened; that of requests always."""
    orders = Ruler(settings.office).orders
    lines = [line for line in settings.office.pipelines if line.kind != "process"]
    found = [_funnel(line, books, orders) for line in lines]
    return tuple(it for it in found if it.kind == Lead.kind or any(s.reached for s in it.steps))


def _funnel(
    line: Pipeline, books: _Books, orders: Mapping[tuple[str, str], tuple[str, ...]]
) -> Funnel:
    kind = Lead.kind if line.kind == "lead" else Deal.kind
    order = orders[kind, line.id]
    return figures.funnel(books.cells, books.period, kind=kind, pipeline=line.id, order=order)


def _workers(desk: Desk, settings: Settings, books: _Books) -> list[Worker]:
    """Return the people who take requests or hold anything."""
    answered = figures.answers(books.cells, books.period)
    sold = figures.won(books.cells, books.month)
    leads = figures.held(books.cells, STANDING, Lead.kind)
    deals = figures.held(books.cells, STANDING, Deal.kind)
    limits = figures.kept(books.cells, books.period)
    found = []
    for person in settings.staff:
        name = str(person.id)
        worker = Worker(
            person=person,
            waits=counters(desk, SYSTEM, person.id),
            leads=leads.get(name, (0, 0))[0],
            deals=deals.get(name, (0, 0))[0],
            speed=Speed(answered.get(name, {}), books.unanswered.get(name, 0), books.limit),
            won=sold.get(name, (0, 0))[0],
            sales=_sales(books, sold.get(name, (0, 0))[1], name),
            limits={it: limits[it][name] for it in _LIMITS if name in limits.get(it, {})},
        )
        if person.active and (_has_work(worker) or name in books.plans):
            found.append(worker)
    return found


def _has_work(worker: Worker) -> bool:
    waits = worker.waits
    counted = (worker.leads, worker.deals, worker.won, worker.speed.counted)
    return any((*counted, waits.today, waits.overdue, waits.unplanned, *worker.limits))


def _sum(sold: Mapping[str, tuple[int, int]]) -> int:
    return sum(amount for _, amount in sold.values())


def _sales(books: _Books, fact_minor: int, owner: str) -> Attainment:
    worked, days = books.worked
    return Attainment(fact_minor, books.plans.get(owner, 0), worked, days)
