"""An office to whose clients anything may happen, and its segments counted the long way."""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fakes import FakeTasks, FixedClock
from tests.furnished import furnish
from tests.kartoteka.services.counted_office import Killed, Mortal

from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.change import SYSTEM, Change
from kartoteka.domain.deal import Deal
from kartoteka.domain.model import Client, Lead, Line, Source, Touch
from kartoteka.domain.office import Office
from kartoteka.domain.rules.spans import Span
from kartoteka.domain.segment import Member, Rfm, Segment
from kartoteka.ports import Query
from kartoteka.services import segments
from kartoteka.services.consents import SetConsent, agreed, give, stop
from kartoteka.services.office import Desk, SettingsCache, read_settings
from kartoteka.services.segment_hands import Hands, put_in, take_out
from kartoteka.services.segment_state import counted
from kartoteka.services.unit import LOG, Unit, transact
from kartoteka.services.wake import Waker

ZONE = ZoneInfo("Europe/Moscow")
CLUB = Segment(id="club", name="Клуб", kind="static")
WRITTEN = (
    Segment(
        id="cooling", name="Остывают",
        condition="сумма покупок > 100 000 ₽ и последняя покупка раньше 45 дней назад",
    ),
    Segment(
        id="known", name="Знакомые",
        condition="client created < today - 20 days or number of leads at least 2",
    ),
    Segment(
        id="unworked", name="Без внимания",
        condition="последняя связь не позже сейчас - 2 рабочих дня и открытые сделки = 0",
    ),
    Segment(
        id="fresh_court", name="Недавно судились",
        condition="купленные категории содержит «суд» и не (оценка давности < 4)",
    ),
)  # fmt: skip
STEPS = (1, 20, 60, 24 * 60, 9 * 24 * 60, 31 * 24 * 60, 95 * 24 * 60)  # minutes


@dataclass
class Clients:
    """Clients to whom things happen; every act is one Change, as in life."""

    folder: Path
    clock: FixedClock = field(default_factory=FixedClock)
    made: Counter = field(default_factory=Counter)
    gone: list = field(default_factory=list)
    merged: list = field(default_factory=list)

    def __post_init__(self) -> None:
        furnish(self.folder / "office.db")
        self.sqlite = SqliteStore(self.folder / "office.db")
        self.store = Mortal(self.sqlite)
        self.tasks = FakeTasks()
        cache = SettingsCache(self.sqlite, ttl_s=0)
        waker = Waker(self.tasks, self.clock)
        self.desk = Desk(self.store, self.tasks, self.clock, cache, waker)
        self.line = self.office.deals
        self.settle(segments=(CLUB, *WRITTEN))

    @property
    def office(self) -> Office:
        return read_settings(self.sqlite).office

    def act(self, work, cause="test"):
        return transact(self.sqlite, SYSTEM, cause, self.clock.now(), work=work)

    def id(self, prefix: str) -> str:
        self.made[prefix] += 1
        return f"{prefix}_{self.made[prefix]}"

    def all(self, model) -> list:
        return [model.model_validate(it.doc) for it in self.sqlite.query(Query(model.collection))]

    def some(self, model, which: int):
        found = self.all(model)
        return found[which % len(found)] if found else None

    def save(self, record, **told) -> None:
        def work(unit: Unit) -> None:
            unit.save(unit.need(type(record), record.id).model_copy(update=told))

        if record is not None:
            self.act(work)

    def settle(self, **told) -> None:
        self.save(self.office, **told)

    def client(self, which: int) -> Client:
        now = self.clock.now()
        name = self.id("cl")
        phones = () if which % 3 == 0 else (f"+7916000{self.made['cl']:04}",)
        made = Client(id=name, name="Ирина", phones=phones, created_at=now, updated_at=now)
        return self.act(lambda unit: unit.add(made))

    def lead(self, which: int) -> None:
        client, now = self.some(Client, which), self.clock.now()
        touch = Source(channel="form", name="Сайт")
        if client is not None:
            made = Lead(
                id=self.id("ld"), client_id=client.id, name="Ирина", pipeline="leads_law",
                stage="new", stage_entered_at=now, first_touch=touch, last_touch=touch,
                created_at=now, updated_at=now,
            )  # fmt: skip
            self.act(lambda unit: unit.add(made))

    def deal(self, which: int, client: Client | None = None, **told) -> Deal | None:
        client, now = client or self.some(Client, which), self.clock.now()
        if client is None:
            return None
        made = Deal(
            id=self.id("dl"), client_id=client.id, name="Иск", pipeline=self.line.id,
            stage=self.line.stages[0].id, stage_entered_at=now, created_at=now, updated_at=now,
            amount_minor=which * 3_000_000, currency="USD" if which % 7 == 6 else "RUB",
            lines=(Line(name="Иск", category="Суд", price_minor=1),),
        ).model_copy(update=told)  # fmt: skip
        return self.act(lambda unit: unit.add(made))

    def win(self, which: int) -> None:
        self.save(self.some(Deal, which), state="won", won_at=self.clock.now())

    def bought(self, which: int) -> None:
        self.deal(which, state="won", won_at=self.clock.now())

    def reopen(self, which: int) -> None:
        self.save(self.some(Deal, which), state="ongoing", won_at=None)

    def price(self, which: int) -> None:
        self.save(self.some(Deal, which), amount_minor=which * 4_000_000)

    def touch(self, which: int) -> None:
        told = Touch(at=self.clock.now(), kind="call", direction="in")
        self.save(self.some(Client, which), last_touch=told)

    def give_away(self, which: int) -> None:
        """A deal goes to another client."""
        client = self.some(Client, which // 3)
        self.save(self.some(Deal, which), client_id=client.id if client else None)

    def merge(self, which: int) -> None:
        alive = [it for it in self.all(Client) if it.merged_into is None and not it.forgotten]
        if len(alive) > 1:
            left, right = alive[which % len(alive)], alive[(which + 1) % len(alive)]
            deals = [it for it in self.all(Deal) if it.client_id == right.id]
            self.act(lambda unit: self._join(unit, left, right, deals))
            self.merged.append((left.id, right.id, [it.id for it in deals]))

    def _join(self, unit: Unit, left: Client, right: Client, deals: list[Deal]) -> None:
        unit.apart = True
        unit.save(unit.need(Client, right.id).model_copy(update={"merged_into": left.id}))
        for deal in deals:
            unit.save(unit.need(Deal, deal.id).model_copy(update={"client_id": left.id}))

    def part(self, _which: int) -> None:
        """A merge is taken back."""
        if self.merged:
            _, right, deals = self.merged.pop()
            self.save(self.find(Client, right), merged_into=None)
            for deal_id in deals:
                self.save(self.find(Deal, deal_id), client_id=right)

    def find(self, model, record_id: str):
        doc = self.sqlite.get(model.collection, record_id)
        return None if doc is None else model.model_validate(doc)

    def delete(self, which: int) -> None:
        record = self.some((Client, Deal, Lead)[which % 3], which)
        if record is not None:
            self.gone.append(record)
            self.act(lambda unit: unit.remove(unit.need(type(record), record.id)))

    def restore(self, _which: int) -> None:
        if self.gone:
            record = self.gone.pop()
            self.act(lambda unit: unit.add(record))

    def forget(self, which: int) -> None:
        self.save(self.some(Client, which), forgotten=True, phones=())

    def put_in(self, which: int) -> None:
        """A person puts a client into the static segment."""
        client = self.some(Client, which)
        if client is not None:
            form = Hands(segment="Клуб", clients=(client.id,))
            put_in(self.desk, SYSTEM, form, "test")

    def take_out(self, which: int) -> None:
        client = self.some(Client, which)
        if client is not None:
            take_out(self.desk, SYSTEM, Hands(segment="club", clients=(client.id,)), "test")

    def rules(self, which: int) -> None:
        """The office counts in another way."""
        if which % 2:
            self.settle(rfm=Rfm(wins=(1, 2, 3, 4 + which)))
        else:
            off = Segment(id="rfm_first", name="Новые покупатели", kind="ready", on=which % 4 == 0)
            self.settle(segments=(CLUB, *WRITTEN, off))

    def agree(self, which: int) -> None:
        self._wish(give, which)

    def refuse(self, which: int) -> None:
        self._wish(stop, which)

    def _wish(self, say, which: int) -> None:
        client = self.some(Client, which)
        if client is not None and client.phones and client.merged_into is None:
            say(self.desk, SYSTEM, SetConsent(client=client.id, medium="sms"), "test")

    def wait(self, which: int) -> None:
        self.clock.advance(timedelta(minutes=STEPS[which % len(STEPS)]))

    def read(self, which: int) -> None:
        """The consumer runs, dies perhaps, and is called again with what it had begun."""
        fates = ["", *([["", ""], ["before"], ["after", ""], ["before", ""]][which % 4])]
        self.store.dies = fates
        with suppress(Killed):
            segments.drain(self.desk, most=1 + which % 5)
        self.store.dies = []

    def rest(self) -> None:
        while segments.drain(self.desk).more:
            pass

    def members(self) -> dict[str, set[str]]:
        """Who is in which segment, as kept."""
        found = defaultdict(set)
        for member in self.all(Member):
            found[member.segment_id].add(member.client_id)
        return dict(found)

    def sizes(self) -> dict[str, int]:
        known = counted(self.sqlite)
        return {name: it.size for name, it in known.items() if it.size}

    def told(self) -> list[tuple[str, str, bool]]:
        """Entries and leavings that the log tells: segment, client, whether it is an entry."""
        entries = self.sqlite.read_log(LOG, None, 100_000)
        parts = (part for it in entries for part in Change.model_validate(it.doc).parts)
        moves = [part for part in parts if part.entity == Member.kind]
        sides = [(part.after or part.before, part.before is None) for part in moves]
        return [(side["segment_id"], side["client_id"], came) for side, came in sides]


def recounted(clients: Clients) -> dict[str, set[str]]:
    """Who is in which ready segment, asked of the records one by one in plain words."""
    found = defaultdict(set)
    off = {it.id for it in clients.office.segments if not it.on}
    for client in clients.all(Client):
        if client.merged_into is None and not client.forgotten:
            for name in answers(clients, client) - off:
                found[name].add(client.id)
    return dict(found)


def answers(clients: Clients, client: Client) -> set[str]:
    now, rfm = clients.clock.now(), clients.office.rfm
    deals = [it for it in clients.all(Deal) if it.client_id == client.id]
    won = [it for it in deals if it.state == "won"]
    last = max((it.won_at for it in won), default=None)
    days = (now - last) // timedelta(days=1) if last else 10_000
    recent = 5 - sum(days >= limit for limit in rfm.days) if won else 0
    often = 1 + sum(len(won) >= limit for limit in rfm.wins) if won else 0
    paid = sum(it.amount_minor for it in won if it.currency == "RUB")
    money = 1 + sum(paid >= limit for limit in rfm.money_minor) if won else 0
    touched = client.last_touch.at if client.last_touch else client.created_at
    open_deals = sum(it.state in {"open", "ongoing"} for it in deals)
    leads = sum(it.client_id == client.id for it in clients.all(Lead))
    two_days_ago = Span(work_days=2).before(now, clients.office.work)
    truths = {
        "new_30": now < client.created_at + timedelta(days=30),
        "bought_last_month": any(months(it.won_at, now) == 1 for it in won),
        "sleeping_90": now >= touched + timedelta(days=90),
        "never_bought": not won,
        "repeat_buyers": len(won) > 1,
        "in_work": open_deals > 0,
        "no_contact": not client.phones,
        "no_consent": not agreed(clients.sqlite, "sms", client.phones),
        "rfm_best": recent >= 4 and often >= 3 and money >= 4,
        "rfm_loyal": recent >= 3 and often >= 3,
        "rfm_first": recent >= 4 and often == 1,
        "rfm_leaving": recent in {1, 2} and often >= 2,
        "rfm_lost": recent == 1 and often == 1,
        "rfm_large": money == 5,
        "cooling": paid > 10_000_000 and last < now - timedelta(days=45),
        "known": day(client.created_at) < day(now) - timedelta(days=20) or leads >= 2,
        "unworked": touched <= two_days_ago and not open_deals,
        "fresh_court": bool(won) and recent >= 4,
    }
    return {name for name, holds in truths.items() if holds}


def day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def months(moment: datetime, now: datetime) -> int:
    then, here = moment.astimezone(ZONE), now.astimezone(ZONE)
    return 12 * (here.year - then.year) + here.month - then.month
