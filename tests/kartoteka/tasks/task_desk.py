"""People at work on tasks: commands by name, clients who call and write, time that passes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from automation import engine, timers
from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.instant import spell
from kartoteka.domain.model import CallFact, CallStatus, Lead, Notice, Task
from kartoteka.ports import Query
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.registry import COMMANDS

PHONE = "+79161234567"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def staff(name: str, role: str) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=f"st_{name}", role=role)


ANNA, BORIS, VERA = staff("anna", "manager"), staff("boris", "manager"), staff("vera", "manager")
VIKTOR, OLGA = staff("viktor", "head"), staff("olga", "director")
INNA = staff("inna", "accountant")


@dataclass
class Work:
    """Does what people do, reads what came of it."""

    desk: Desk
    events: int = 0

    def do(self, who: Actor, name: str, /, **given: Any) -> Any:
        return execute(COMMANDS, self.desk, who, name, given=given, cause=f"command:{name}")

    def task(self, who: Actor, **given: Any) -> Task:
        given = {"title": "Позвонить", "due": self.after(2 * HOUR), **given}
        return self.do(who, "task.create", **given)

    def after(self, delay: timedelta) -> str:
        return spell(self.desk.now() + delay)

    def form(self, owner: Actor | None = ANNA, phone: str = PHONE, **fields: str) -> Stored:
        inbound = self.inbound(Kind.FORM, Person(name="Ирина", phones=(phone,)), fields=fields)
        return record(self.desk, inbound, owner_id=owner.id if owner else None)

    def writes(self, phone: str = PHONE) -> Stored:
        return record(self.desk, self.inbound(Kind.MESSAGE, Person(phones=(phone,))))

    def calls(self, talk: float = 60, direction: str = "in", phone: str = PHONE) -> Stored:
        now = self.desk.now()
        start = now - timedelta(seconds=20 + talk)
        fact = CallFact(
            status=CallStatus.ANSWERED if talk else CallStatus.MISSED,
            client_number=phone,
            started_at=start,
            answered_at=start + timedelta(seconds=20) if talk else None,
            ended_at=now,
        )
        call = Call(
            call_id=f"c{self.events}", direction=direction, staff="anna@office.example", fact=fact
        )
        return record(self.desk, self.inbound(Kind.CALL, Person(phones=(phone,)), call=call))

    def inbound(self, what: Kind, sender: Person, **more: Any) -> Inbound:
        self.events += 1
        name = f"in_{self.events}"
        return Inbound(
            id=InboundId(name),
            channel=what.value,
            account="office",
            event_id=name,
            what=what,
            at=self.desk.now(),
            received_at=self.desk.now(),
            sender=sender,
            **more,
        )

    def passes(self, time: timedelta) -> None:
        """Let time pass in steps of at most ten minutes, with the rules at work."""
        self.settle()
        end = self.desk.now() + time
        while self.desk.now() < end:
            self.desk.clock.advance(min(10 * MINUTE, end - self.desk.now()))
            timers.fire_late(self.desk)
            self.settle()

    def jumps(self, time: timedelta) -> None:
        """Let time pass at once; what fell due on the way fires now."""
        self.settle()
        self.desk.clock.advance(time)
        timers.fire_late(self.desk)
        self.settle()

    def settle(self) -> None:
        engine.run(self.desk)

    def tasks(self) -> list[Task]:
        return [Task.model_validate(hit.doc) for hit in self.desk.store.query(Query("tasks"))]

    def notices(self, who: Actor) -> list[str]:
        found = (Notice.model_validate(hit.doc) for hit in self.desk.store.query(Query("notices")))
        return [note.code for note in sorted(found, key=lambda n: n.at) if note.staff_id == who.id]

    def read(self, task: Task) -> Task:
        return Task.model_validate(self.desk.store.get("tasks", task.id))

    def lead(self, lead_id: str | None) -> Lead:
        return Lead.model_validate(self.desk.store.get("leads", lead_id or ""))

    def deal(self, deal_id: str) -> Deal:
        return Deal.model_validate(self.desk.store.get("deals", deal_id))
