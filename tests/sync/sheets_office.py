"""An office with a workbook in memory: what the tests of the sheets mirror say."""

from dataclasses import dataclass
from datetime import timedelta

from tests.fakes import FakeTasks, FixedClock
from tests.sync.fakes_sheets import FakeSheets, Person

from kartoteka.domain.change import SYSTEM, Actor, ActorKind, Change, Part
from kartoteka.domain.ids import ClientId, InboundId, LeadId, StaffId, TaskId
from kartoteka.domain.inbound import Inbound, Kind
from kartoteka.domain.inbound import Person as Sender
from kartoteka.domain.model import Client, Lead, Source, Task
from kartoteka.ports import Doc, Query, Tx
from kartoteka.services import leads, tasks
from kartoteka.services.record_inbound import record
from kartoteka.services.unit import LOG, Unit, transact
from kartoteka.settings import Settings
from kartoteka.wiring import App
from sync import books, trail
from sync.columns import Frame, Tab
from sync.deciding import GRACE
from sync.sheets_mirror import drain
from sync.shelf.team import JOURNAL, LEADS, TABS, TASKS
from sync.views import everything, load

ANNA, BORIS, VIKTOR = "anna@office.example", "boris@office.example", "viktor@office.example"
NEW, FIRST_CALL = "Новая заявка", "Звонок совершён · 1 час"


def team(desk, clock: FixedClock, queue: FakeTasks, sheets: FakeSheets) -> "Team":
    app = App(
        Settings(google_account="office@office.example", books="team"),
        clock,
        lambda _settings: desk.store,
    )
    app.__dict__.update(sheets=sheets, tasks=queue, store=desk.store, desk=desk)
    return Team(app, sheets, clock)


@dataclass
class Team:
    app: App
    sheets: FakeSheets
    clock: FixedClock
    made: int = 0

    @property
    def leads(self) -> Person:
        return Person(self.sheets, LEADS.sheet_id)

    @property
    def tasks(self) -> Person:
        return Person(self.sheets, TASKS.sheet_id)

    @property
    def journal(self) -> Person:
        return Person(self.sheets, JOURNAL.sheet_id)

    def request(self, name: str = "", owner: str | None = "st_anna") -> str:
        """A form is sent; return the lead."""
        self.made += 1
        name = name or f"Клиент {self.made}"
        number = f"{self.made:07}"
        key = InboundId(f"in_{number}")
        inbound = Inbound(
            id=key, channel="form", account="consult", event_id=number, what=Kind.FORM,
            at=self.clock.now(), received_at=self.clock.now(),
            sender=Sender(name=name, phones=(f"+7916{number}",)),
        )  # fmt: skip
        stored = record(self.app.desk, inbound, owner_id=owner)
        return stored.lead_id or ""

    def requests(self, count: int) -> list[str]:
        """Many leads in few transactions; return them."""
        return [lead for first in range(0, count, 500) for lead in self._batch(first, count)]

    def _batch(self, first: int, count: int) -> list[str]:
        now = self.clock.now()
        pipeline = self.app.desk.settings().office.leads

        def work(unit: Unit) -> list[str]:
            made = []
            for number in range(first, min(first + 500, count)):
                client = Client(
                    id=ClientId(f"cl_{number}"), name=f"Клиент {number}",
                    phones=(f"+7917{number:07}",), created_at=now, updated_at=now,
                )  # fmt: skip
                source = Source(channel="form", name="Сайт-форма")
                lead = Lead(
                    id=LeadId(f"ld_{number}"), client_id=client.id, name=client.name,
                    pipeline=pipeline.id, stage=pipeline.first.id, stage_entered_at=now,
                    owner_id=StaffId("st_anna"), first_touch=source, last_touch=source,
                    created_at=now, updated_at=now,
                )  # fmt: skip
                unit.add(client)
                made.append(unit.add(lead).id)
            return made

        return transact(self.app.store, SYSTEM, "test", now, work=work)

    def rename_all(self, ids: list[str]) -> None:
        """Give every lead another name, in changes of their own but one transaction."""

        def work(tx: Tx) -> None:
            docs = tx.get_many("leads", ids)
            for lead_id in ids:
                name = f"Новое имя {lead_id}"
                tx.put("leads", lead_id, {**docs[lead_id], "name": name})
                before, after = {"name": docs[lead_id]["name"]}, {"name": name}
                part = Part(entity="lead", id=lead_id, before=before, after=after)
                change = Change(
                    at=self.clock.now(), actor=SYSTEM, cause="test", subject="x", parts=(part,)
                )
                tx.append(LOG, change.id, change.model_dump(mode="json"))

        self.app.store.run(work)

    def task(self, lead_id: str, title: str = "Перезвонить") -> str:
        lead = self.lead(lead_id)
        task = Task(
            id=TaskId(f"ts_{lead_id}"), what="callback", title=title, lead_id=LeadId(lead_id),
            client_id=ClientId(lead.client_id), assignee_id=lead.owner_id,
            due_at=self.clock.now(), created_at=self.clock.now(),
        )  # fmt: skip
        tasks.create(self.app.desk, SYSTEM, task, cause="test")
        return task.id

    def lead(self, lead_id: str) -> Lead:
        return Lead.model_validate(self.app.store.get("leads", lead_id))

    def put_on_stage(self, lead_id: str, stage: str) -> None:
        """The system moves a lead, as a call does."""
        leads.move(self.app.desk, SYSTEM, lead_id, leads.Move(to=stage), cause="test")

    def rename(self, lead_id: str, name: str) -> None:
        leads.rename(self.app.desk, SYSTEM, lead_id, name, cause="test")

    def drain(self) -> list[str]:
        """Drain the change log; return the Google calls."""
        return self.sheets.count(lambda: drain(self.app))

    def look(self) -> list[str]:
        return self.sheets.count(lambda: drain(self.app, look=True))

    def settle(self) -> None:
        """Let every edit wait long enough and look until nothing moves."""
        for _ in range(4):
            self.look()
            self.clock.advance(GRACE + timedelta(seconds=1))
        while self.drain().count("write"):
            pass

    def told(self, email: str, lead_id: str, header: str, value: str | None = None) -> None:
        """The add-on reports an edit of one cell of the leads tab."""
        self.made += 1
        column = self.leads.column(header) + 1
        report = trail.Report(
            f"ed_{self.made}", f"2026-11-23T06:{self.made:04}", email, LEADS.sheet_id,
            (lead_id,), (column, column), value,
        )  # fmt: skip
        self._keep(report)

    def report(self, body: Doc) -> None:
        """The add-on reports an edit in its own words."""
        self.made += 1
        self._keep(
            trail.read_report(f"ed_{self.made}", {"at": f"2026-11-23T06:{self.made:04}", **body})
        )

    def _keep(self, report: trail.Report) -> None:
        doc = report.doc(books.TEAM)
        self.app.store.run(lambda tx: tx.put(trail.COLLECTION, report.id, doc))

    def types(self, email: str, lead_id: str, header: str, value: str) -> None:
        """A person types into a cell of the leads tab and the add-on reports it."""
        self.leads.type(lead_id, header, value)
        self.told(email, lead_id, header, value)

    def conflicts(self) -> list[Doc]:
        return [found.doc for found in self.app.store.query(Query("conflicts"))]

    def memory(self) -> books.Memory:
        memory = books.recall(self.app.store)
        assert memory is not None
        return memory

    def wrong(self) -> list[str]:
        """Return what in the sheet differs from the store: empty when all is well."""
        frame = Frame(self.app.desk.settings())
        return [fault for tab in (LEADS, TASKS) for fault in self._wrong_in(tab, frame)]

    def _wrong_in(self, tab: Tab, frame: Frame) -> list[str]:
        person = Person(self.sheets, tab.sheet_id)
        ids = everything(self.app.store, tab)
        wanted = {key: tab.row(view, frame) for key, view in load(self.app.store, tab, ids).items()}
        shown = person.ids()
        faults = [f"{tab.key}: twice {key}" for key in set(shown) if shown.count(key) > 1]
        faults += [f"{tab.key}: no row {key}" for key in ids if key not in shown]
        for key in set(ids) & set(shown):
            row = person.tab.grid[person.row_of(key)]
            row = row + [""] * (len(tab.keys) - len(row))
            cells = list(wanted[key].values())
            faults += [
                f"{key}: {a!r} != {b!r}" for a, b in zip(row[1:], cells, strict=False) if a != b
            ]
        return faults


def head() -> Actor:
    return Actor(kind=ActorKind.STAFF, id="st_viktor", role="head")


__all__ = ["ANNA", "BORIS", "FIRST_CALL", "NEW", "TABS", "VIKTOR", "Team", "head", "team"]
