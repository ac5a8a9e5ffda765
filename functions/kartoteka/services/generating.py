"""One step of the generator: a client becomes a request or a deal of who has room today."""

from dataclasses import dataclass, field

from kartoteka.domain import generator as rules
from kartoteka.domain.access import Operation, can
from kartoteka.domain.deal import Deal
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.generator import SOURCE, GeneratorRun, Left
from kartoteka.domain.ids import ClientId, DealId, LeadId, StaffId, derived
from kartoteka.domain.ladder import Ladder
from kartoteka.domain.model import Client, Lead, NextAction, Notice, Source
from kartoteka.domain.next_step import with_step
from kartoteka.domain.office import Settings
from kartoteka.domain.worktime import Delay
from kartoteka.services import deals
from kartoteka.services.deal_records import sign, with_deal
from kartoteka.services.deal_rules import rules as deal_rules
from kartoteka.services.unit import Unit

_BY_CLOSE = Delay(to_close=True)


@dataclass
class Making:
    """Makes the records of one step; `run` counts them."""

    unit: Unit
    settings: Settings
    run: GeneratorRun
    _new: dict[StaffId, Lead | Deal] = field(default_factory=dict)  # the first one of each person

    def look(self, name: ClientId, client: Client | None) -> None:
        """Make a record of the client, let them wait for another day, or leave them alone."""
        left = rules.reason_to_leave(client, self.run, self.unit.now)
        if client is None or left is not None or not self._reads(client):
            self._leave(left or Left.FOREIGN)
            return
        owner = rules.taker(client, self.run, self.settings)
        if owner is None:
            self.run = self.run.model_copy(update={"waiting": (*self.run.waiting, name)})
        elif isinstance(owner, Left):
            self._leave(owner)
        else:
            self._give(client, owner)

    def tell(self) -> None:
        """Keep one notice a day for each person who got something."""
        for owner, record in self._new.items():
            name = derived("no", self.run.id, owner, self.run.day)
            if owner != self.run.actor.id and self.unit.find(Notice, name) is None:
                lead_id = record.id if isinstance(record, Lead) else None
                deal_id = record.id if isinstance(record, Deal) else None
                notice = Notice(
                    id=name,
                    staff_id=owner,
                    code="notice_generated",
                    lead_id=lead_id,
                    deal_id=deal_id,
                    at=self.unit.now,
                )
                self.unit.add(notice)

    def _give(self, client: Client, owner: StaffId) -> None:
        try:
            record = (
                self._lead(client, owner) if self.run.make == "lead" else self._deal(client, owner)
            )
        except (Invalid, NotAllowed):
            self._leave(Left.REFUSED)
            return
        if not self._may(Operation.ADD, record):
            self._leave(Left.FOREIGN)
            return
        self.unit.add(record)
        self.unit.save(_working(client, record))
        self._new.setdefault(owner, record)
        given = self.run.given | {owner: self.run.given.get(owner, 0) + 1}
        self.run = self.run.model_copy(update={"given": given, "made": self.run.made + 1})

    def _lead(self, client: Client, owner: StaffId) -> Lead:
        """Return the request; whenever it comes, it is to be worked on by the end of the day."""
        run, office, now = self.run, self.settings.office, self.unit.now
        ladder = Ladder(office.pipeline(run.pipeline), office.work)
        source = Source(channel=SOURCE, name=run.title)
        blank = Lead(
            id=LeadId(derived("ld", run.id, client.id)),
            client_id=client.id,
            name=client.name,
            pipeline=run.pipeline,
            stage=ladder.pipeline.first.id,
            stage_entered_at=now,
            stage_version=0,
            owner_id=owner,
            first_touch=source,
            last_touch=source,
            note=run.note,
            repeat=True,
            routed_by=SOURCE,
            created_at=now,
            updated_at=now,
        )
        lead = ladder.enter(blank, ladder.pipeline.first, now)
        what = lead.next_action.what if lead.next_action is not None else "call"
        return with_step(lead, NextAction(what=what, due_at=office.work.add(now, _BY_CLOSE)))

    def _deal(self, client: Client, owner: StaffId) -> Deal:
        run, now = self.run, self.unit.now
        flow = deal_rules(self.settings, run.pipeline, self.unit.actor)
        blank = Deal(
            id=DealId(derived("dl", run.id, client.id)),
            client_id=client.id,
            company_id=client.company_id,
            name=run.title,
            pipeline=run.pipeline,
            stage="",
            stage_entered_at=now,
            stage_version=0,
            owner_id=owner,
            author_id=owner,
            deal_type=run.deal_type,
            sign=sign(self.unit, client, known=True),
            currency=self.settings.office.currency,
            note=run.note,
            created_at=now,
            updated_at=now,
        )
        return deals.begin(self.unit, flow, blank)

    def _reads(self, client: Client) -> bool:
        return self._may(Operation.READ, client)

    def _may(self, operation: Operation, record: Client | Lead | Deal) -> bool:
        actor, now = self.run.actor, self.unit.now
        return can(actor, operation, record, within=self.settings, now=now)

    def _leave(self, why: Left) -> None:
        left = self.run.left | {why.value: self.run.left.get(why.value, 0) + 1}
        self.run = self.run.model_copy(update={"left": left})


def _working(client: Client, record: Lead | Deal) -> Client:
    """Return the client as somebody works with them again."""
    mine = {"owner_id": record.owner_id, "updated_at": record.updated_at}
    if isinstance(record, Deal):
        return with_deal(client, record).model_copy(update=mine)
    return client.model_copy(update={**mine, "open_lead_id": record.id})
