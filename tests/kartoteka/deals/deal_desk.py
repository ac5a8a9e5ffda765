"""People and commands for stories about deals."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.deal import Deal
from kartoteka.domain.ids import InboundId
from kartoteka.domain.inbound import Call, Inbound, Kind, Person
from kartoteka.domain.model import Activity, CallFact, CallStatus, Client, Lead
from kartoteka.ports import Order, Query, Where
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.record_inbound import Stored, record
from kartoteka.services.registry import COMMANDS

PHONE = "+79161234567"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULE = Actor(kind=ActorKind.RULE, id="follow_up")


def staff(name: str, role: str) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=name, role=role)


ANNA, BORIS = staff("st_anna", "manager"), staff("st_boris", "manager")
VIKTOR, OLGA = staff("st_viktor", "head"), staff("st_olga", "director")
DINA, INNA = staff("st_dina", "executor"), staff("st_inna", "accountant")


@dataclass
class Play:
    """Does what people do."""

    desk: Desk
    calls: int = 0

    def do(self, who: Actor, name: str, /, **given: Any) -> Any:
        return execute(COMMANDS, self.desk, who, name, given=given, cause=f"command:{name}")

    def move(self, who: Actor, deal: Deal, stage: str, /, **given: Any) -> Deal:
        return self.do(who, "deal.move", deal=deal.id, stage=stage, **given)

    def calls_of(self, client_id: str | None) -> list[Activity]:
        where = (Where("client_id", "==", client_id),)
        found = self.desk.store.query(Query("activities", where, (Order("at", True),)))
        return [Activity.model_validate(item.doc) for item in found]

    def deal(self, deal_id: str) -> Deal:
        return Deal.model_validate(self.desk.store.get("deals", deal_id))

    def lead(self, lead_id: str | None) -> Lead:
        return Lead.model_validate(self.desk.store.get("leads", lead_id or ""))

    def client(self, client_id: str | None) -> Client:
        return Client.model_validate(self.desk.store.get("clients", client_id or ""))

    def form(
        self, phone: str = PHONE, name: str = "Ирина", owner: str = "st_anna", **person: Any
    ) -> Stored:
        self.calls += 1
        return record(
            self.desk,
            Inbound(
                id=InboundId(f"in_form{self.calls}"),
                channel="form",
                account="consult",
                event_id=str(self.calls),
                what=Kind.FORM,
                at=self.desk.now(),
                received_at=self.desk.now(),
                sender=Person(name=name, phones=(phone,), **person),
            ),
            owner_id=owner,
        )

    def call(self, *, talk_s: float = 60, ring_s: float = 20, phone: str = PHONE) -> Stored:
        self.calls += 1
        start = self.desk.now() - timedelta(seconds=ring_s + talk_s)
        answered = start + timedelta(seconds=ring_s) if talk_s else None
        fact = CallFact(
            status=CallStatus.ANSWERED if talk_s else CallStatus.NO_ANSWER,
            client_number=phone,
            started_at=start,
            answered_at=answered,
            ended_at=self.desk.now(),
        )
        call_id = f"call{self.calls}"
        return record(
            self.desk,
            Inbound(
                id=InboundId(f"in_{call_id}"),
                channel="call",
                account="pbx",
                event_id=call_id,
                what=Kind.CALL,
                at=start,
                received_at=self.desk.now(),
                sender=Person(phones=(phone,)),
                call=Call(call_id=call_id, direction="out", staff="anna@office.example", fact=fact),
            ),
        )

    def qualified(self, clock: Any, **person: Any) -> Stored:
        """A lead that somebody has talked to."""
        stored = self.form(**person)
        clock.advance(5 * MINUTE)
        self.call(phone=person.get("phone", PHONE))
        return stored

    def new_deal(self, clock: Any, **given: Any) -> Deal:
        stored = self.qualified(clock)
        return self.do(
            ANNA, "lead.convert", lead=stored.lead_id, **({"deal_type": "Наследство"} | given)
        )
