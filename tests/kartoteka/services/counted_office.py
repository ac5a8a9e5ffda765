"""An office to which anything may happen, and its figures counted the long way."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM, Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Activity, CallFact, CallStatus, Lead, Source
from kartoteka.ports import Query
from kartoteka.services import statistics
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.statistics import CELLS
from kartoteka.services.unit import LOG, transact
from kartoteka.services.wake import Waker

ZONE = ZoneInfo("Europe/Moscow")
CLIMB = ("new", "r1", "c1", "r2", "c2", "r3", "c3", "def", "qual")
SALES = ("s1", "s2")
OWNERS = (None, "st_anna", "st_boris")
SOURCES = ("Сайт|форма", "Звонок")


class Killed(Exception):
    """The process died here."""


class Mortal:
    """A store in whose transactions a process may die: before the commit, or right behind it."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.dies: list[str] = []

    def run(self, work):
        fate = self.dies.pop() if self.dies else ""
        if fate == "before":
            raise Killed
        result = self._store.run(work)
        if fate == "after":
            raise Killed
        return result

    def __getattr__(self, name):
        return getattr(self._store, name)


@dataclass
class History:
    """An office to which things happen; every act is one Change, as in life."""

    folder: Path
    clock: FixedClock = field(default_factory=FixedClock)
    made: Counter = field(default_factory=Counter)
    deleted: list = field(default_factory=list)
    batches: list = field(default_factory=list)

    def __post_init__(self) -> None:
        furnish(self.folder / "office.db")
        self.sqlite = SqliteStore(self.folder / "office.db")
        self.store = Mortal(self.sqlite)
        tasks = FakeTasks()
        cache = SettingsCache(self.sqlite, ttl_s=3600)
        self.desk = Desk(self.store, tasks, self.clock, cache, Waker(tasks, self.clock))
        self.line = self.desk.settings().office.deals

    def act(self, work, cause="test"):
        return transact(self.sqlite, SYSTEM, cause, self.clock.now(), work=work)

    def id(self, prefix: str) -> str:
        self.made[prefix] += 1
        return f"{prefix}_{self.made[prefix]}"

    def some(self, model, which: int):
        found = list(self.sqlite.query(Query(model.collection)))
        return model.model_validate(found[which % len(found)].doc) if found else None

    def lead(self, which: int) -> None:
        now = self.clock.now()
        touch = Source(channel="form", name=SOURCES[which % 2])
        lead = Lead(
            id=self.id("ld"), client_id="cl_1", name="Ирина", pipeline="leads_law", stage="new",
            stage_entered_at=now, owner_id=OWNERS[which % 3], first_touch=touch,
            last_touch=touch, created_at=now, updated_at=now,
        )  # fmt: skip
        self.act(lambda unit: unit.add(lead))

    def deal(self, which: int) -> None:
        now = self.clock.now()
        deal = Deal(
            id=self.id("dl"), name="Иск", pipeline=self.line.id, stage=self.line.stages[0].id,
            stage_entered_at=now, owner_id=OWNERS[which % 3], amount_minor=which * 10_000,
            currency="USD" if which % 7 == 6 else "RUB", created_at=now, updated_at=now,
        )  # fmt: skip
        self.act(lambda unit: unit.add(deal))

    def change(self, model, which: int, cause="test", **told) -> None:
        found = self.some(model, which)
        if found is not None:
            self.act(lambda unit: unit.save(unit.need(model, found.id).model_copy(update=told)),
                     cause)  # fmt: skip

    def climb(self, which: int) -> None:
        stage = (*CLIMB, "junk")[which % 10]
        state = {"qual": "won", "junk": "lost", "new": "open"}.get(stage, "ongoing")
        self.change(Lead, which // 3, stage=stage, state=state)

    def sell(self, which: int) -> None:
        stage = self.line.stages[which % len(self.line.stages)]
        won_at = self.clock.now() if stage.state == "won" else None
        self.change(Deal, which // 2, stage=stage.id, state=stage.state, won_at=won_at)

    def price(self, which: int) -> None:
        self.change(Deal, which, amount_minor=which * 777)

    def hand_over(self, which: int) -> None:
        self.change((Lead, Deal)[which % 2], which // 2, owner_id=OWNERS[which % 3])

    def mass(self, which: int) -> None:
        batch = self.id("ba")
        self.change(Lead, which, f"batch:{batch}", stage=CLIMB[which % 9], state="ongoing")
        self.batches.append(batch)

    def undo(self, _which: int) -> None:
        if not self.batches:
            return
        batch = self.batches.pop()
        query = [c for c in self.changes() if c.cause == f"batch:{batch}"]
        for part in (part for change in query for part in change.parts):
            found = self.sqlite.get(Lead.collection, part.id)
            if found is not None and found["stage"] == part.after["stage"]:
                lead = Lead.model_validate({**found, **part.before})
                self.act(lambda unit, it=lead: unit.need(Lead, it.id) and unit.save(it),
                         f"undo:{batch}")  # fmt: skip

    def speak(self, which: int) -> None:
        lead = self.some(Lead, which // 5)
        if lead is None:
            return
        now = self.clock.now()
        call = CallFact(status="missed", client_number="+79161234567", started_at=now)
        kinds = (
            {"what": "message", "direction": "out"},  # the machine's own
            {"what": "mail", "direction": "out", "staff_id": "st_anna"},
            {"what": "call", "call": call, "inbound_id": "in_1"},
            {"what": "message", "direction": "in", "inbound_id": "in_2"},
            {"what": "note", "direction": "out", "staff_id": "st_anna"},
        )
        said = Activity(id=self.id("ac"), lead_id=lead.id, at=now, **kinds[which % 5])
        self.act(lambda unit: unit.add(said))

    def answer(self, which: int) -> None:
        """A call that seemed missed turns out to have been answered."""
        said = self.some(Activity, which)
        if said is not None and said.call is not None:
            call = said.call.model_copy(update={"status": CallStatus.ANSWERED})
            self.change(Activity, which, call=call)

    def delete(self, which: int) -> None:
        """A request goes with what hangs on it."""
        lead = self.some(Lead, which)
        if lead is None:
            return
        rows = self.sqlite.query(Query(Activity.collection))
        said = [Activity.model_validate(row.doc) for row in rows if row.doc["lead_id"] == lead.id]
        self.deleted.append([lead, *said])

        def work(unit):
            for record in [lead, *said]:
                unit.remove(unit.need(type(record), record.id))

        self.act(work)

    def restore(self, _which: int) -> None:
        if self.deleted:
            kept = self.deleted.pop()
            self.act(lambda unit: [unit.add(record) for record in kept])

    def wait(self, which: int) -> None:
        self.clock.advance(timedelta(minutes=(1, 7, 50, 600, 5_000)[which % 5]))

    def read(self, which: int) -> None:
        """The consumer runs, dies perhaps, and is called again with what it had begun."""
        self.store.dies = [["", "", "", "before", "after"][which % 5]]
        with suppress(Killed):
            statistics.drain(self.desk, batch=1 + which % 4, most=1 + which % 9)
        self.store.dies = []

    def changes(self) -> list[Change]:
        return [Change.model_validate(it.doc) for it in self.sqlite.read_log(LOG, None, 10_000)]

    def counted(self) -> dict:
        while statistics.drain(self.desk, batch=5).more:
            pass
        found = self.sqlite.query(Query(CELLS))
        return {
            (row.id, name): number for row in found if row.id != "state"
            for name, number in row.doc["cells"].items()
        }  # fmt: skip


def day_of(moment: datetime) -> str:
    return moment.astimezone(ZONE).date().isoformat()


def recounted(history: History) -> dict:
    """The same cells, counted the long way: from the records as they are, stages from the log."""
    total: Counter = Counter()
    office = history.desk.settings().office
    said = [Activity.model_validate(row.doc) for row in history.sqlite.query(Query("activities"))]
    for kind, line in (("lead", office.leads), ("deal", office.deals)):
        order = [
            stage.id for stage in line.stages if stage.state != "lost" and not stage.needs_wake
        ]
        model = {"lead": Lead, "deal": Deal}[kind]
        for row in history.sqlite.query(Query(model.collection)):
            record = model.model_validate(row.doc)
            climbed = climbed_by(history, kind, record.id)
            total.update(cells_of(record, kind, climbed, order))
            if kind == "lead":
                total.update(answer_to(record, said, office.work))
    return {place: number for place, number in total.items() if number}


def climbed_by(history: History, kind: str, record_id: str) -> list[tuple[datetime, str]]:
    """When the record entered which stage, as far as nobody took it back."""
    changes = history.changes()
    undone = {f"batch:{it.cause[5:]}" for it in changes for part in it.parts
              if it.cause.startswith("undo:") and part.id == record_id}  # fmt: skip
    seen = []
    now = None
    for change in changes:
        for part in change.parts:
            if (part.entity, part.id) == (kind, record_id) and "stage" in (part.after or {}):
                if part.after["stage"] != now and change.cause not in undone:
                    seen.append((change.at, part.after["stage"]))
                now = part.after["stage"]
    return seen


def cells_of(record, kind: str, climbed, order) -> Counter:
    cells: Counter = Counter()
    fate = "open" if record.state in {"open", "ongoing"} else record.state
    day, owner = day_of(record.created_at), record.owner_id or ""
    known = [(at, order.index(stage)) for at, stage in climbed if stage in order]
    top = max((place for _, place in known), default=0)
    source = record.first_touch.name if kind == "lead" else ""
    cuts = f"{kind}|{record.pipeline}|{order[top]}|{fate}|{owner}|{source}"
    cells[day, f"created|{cuts}"] += 1
    for place in range(top + 1):
        at = min((at for at, index in known if index >= place), default=record.created_at)
        here = "advanced" if place < top or fate == "won" else fate
        cells[day_of(at), f"reached|{kind}|{record.pipeline}|{order[place]}|{here}"] += 1
    if fate == "open":
        cells["standing", f"held|{kind}|{owner}"] += 1
    if kind == "deal" and record.currency == "RUB":
        cells[day, f"worth|{cuts}"] += record.amount_minor
        if fate == "open":
            cells["standing", f"value|deal|{owner}"] += record.amount_minor
        if fate == "won":
            cells[day_of(record.won_at), f"won|{owner}"] += 1
            cells[day_of(record.won_at), f"sum|{owner}"] += record.amount_minor
    return cells


def answer_to(lead: Lead, said: list[Activity], hours) -> Counter:
    times = [
        it.at for it in said
        if it.lead_id == lead.id and it.what != "note"
        and ((it.direction == "out" and it.staff_id) or (it.call and it.call.status == "answered"))
    ]  # fmt: skip
    if not times:
        return Counter()
    minutes = int(hours.minutes_between(lead.created_at, min(times)))
    shown = minutes if minutes <= 480 else min(minutes // 60 * 60, 12_000)
    return Counter({(day_of(lead.created_at), f"answered|{lead.owner_id or ''}|{shown}"): 1})
