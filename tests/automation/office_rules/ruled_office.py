"""The law office with rules of its own; queues and time are worked off by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import PHONE, Play

from automation import engine, planning, timers
from automation.office_rules import in_turn, sweeping
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import Transient
from kartoteka.domain.firing import Firing
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import Activity, CallFact, CallStatus, Notice, Task
from kartoteka.domain.office import Office
from kartoteka.domain.rules.model import RuleRow
from kartoteka.ports import Query
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.record_inbound import record
from kartoteka.services.unit import Unit, transact


@dataclass
class Outside:
    """An address that takes webhooks, or does not."""

    taken: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.taken.append((url, body, headers))


@dataclass
class Ruled(Play):
    """A story in an office with rules."""

    clock: FixedClock = field(default_factory=FixedClock)
    tasks: FakeTasks = field(default_factory=FakeTasks)
    outside: Outside = field(default_factory=Outside)
    done: int = 0

    def rules(self, *rows: RuleRow) -> None:
        """Put these rules into force instead of those there were; nothing older wakes them."""
        self.work()
        self.change_office(rules=rows)
        self.work()

    def change_office(self, **update: Any) -> None:
        def work(unit: Unit) -> None:
            unit.save(unit.need(Office, "office").model_copy(update=update))

        transact(self.desk.store, SYSTEM, "test", self.desk.now(), work=work)
        assert isinstance(self.desk.settings, SettingsCache)
        self.desk.settings.forget()

    def work(self) -> None:
        """Do whatever is due, until nothing is."""
        for _ in range(12):
            timers.fire_late(self.desk)
            handled = engine.run(self.desk).handled
            if not self._act() and not handled:
                return

    def _act(self) -> int:
        waiting = self.tasks.queued[self.done :]
        self.done = len(self.tasks.queued)
        for task in waiting:
            if task.path.endswith("/task/firing"):
                following = task.payload.get("following")
                self.act(str(task.payload["firing"]), following or ())
            elif task.path.endswith("/task/sweep"):
                self._sweep(str(task.payload["rules"]).split(","))
        return sum(task.path.endswith(("/task/firing", "/task/sweep")) for task in waiting)

    def _sweep(self, names: list[str]) -> None:
        for page in sweeping.pages(self.desk, names):
            planning.plan(self.desk, page)

    def act(self, firing_id: str, following: Any = ()) -> str:
        """Do what a firing asks for, as the queue does: again until it is settled."""
        for _ in range(10):
            try:
                return in_turn.act(self.desk, self.outside, firing_id, following)
            except Transient:
                continue
        raise AssertionError(f"{firing_id} never ends")

    def pass_time(self, by: timedelta, step: timedelta = timedelta(hours=1)) -> None:
        """Let time pass in steps; whatever falls due is done at its step."""
        left = by
        while left > timedelta():
            self.clock.advance(min(step, left))
            left -= step
            engine.tick(self.desk)
            self.work()

    def firings(self, rule: str = "") -> list[Firing]:
        found = (Firing.model_validate(it.doc) for it in self.desk.store.query(Query("firings")))
        return [it for it in found if not rule or it.rule_id == rule]

    def notices(self, code: str = "notice_rule") -> list[Notice]:
        found = (Notice.model_validate(it.doc) for it in self.desk.store.query(Query("notices")))
        return [it for it in found if it.code == code]

    def given(self, title: str) -> list[Task]:
        found = (Task.model_validate(it.doc) for it in self.desk.store.query(Query("tasks")))
        return [it for it in found if it.title == title]

    def every_task(self) -> list[Task]:
        return [Task.model_validate(it.doc) for it in self.desk.store.query(Query("tasks"))]

    def misses_call(self) -> None:
        """The client called and nobody took it."""
        start = self.desk.now() - timedelta(seconds=20)
        fact = CallFact(
            status=CallStatus.MISSED,
            client_number=PHONE,
            started_at=start,
            ended_at=self.desk.now(),
        )
        told = Call(call_id="missed", direction="in", staff="anna@office.example", fact=fact)
        given = {"channel": "call", "account": "pbx", "event_id": "missed", "what": Kind.CALL}
        times = {"at": start, "received_at": self.desk.now(), "sender": Person(phones=(PHONE,))}
        record(
            self.desk,
            Inbound.model_validate({"id": InboundId("in_missed"), "call": told, **given, **times}),
        )

    def timeline(self) -> list[Activity]:
        found = self.desk.store.query(Query("activities"))
        return [Activity.model_validate(it.doc) for it in found]


def rule(when: str, then: str, **given: Any) -> RuleRow:
    """A rule that is on; `name` is also the id."""
    name = given.pop("id", "r")
    return RuleRow(id=name, name=given.pop("name", name), when=when, then=then, **given)


def ruled(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return Ruled(desk, clock=clock, tasks=tasks)
