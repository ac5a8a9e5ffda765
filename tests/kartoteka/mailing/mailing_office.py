"""An office that writes to many: clients with consents, a sender that only remembers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.fakes import FakeTasks, FixedClock

from kartoteka.domain.change import Actor, ActorKind
from kartoteka.domain.ids import ClientId, InboundId, StaffId
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.mailing import AddressWish, Campaign, Recipient, wish_id
from kartoteka.domain.model import Activity, Client, Source
from kartoteka.domain.office import Account
from kartoteka.outgoing_ports import Posting
from kartoteka.ports import Query
from kartoteka.services import campaign_running, campaigns, consents
from kartoteka.services.campaign_forms import CreateCampaign, OneCampaign, StartCampaign
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.postings import Outlet
from kartoteka.services.record_inbound import record
from kartoteka.services.unit import Unit, transact

OLGA = Actor(kind=ActorKind.STAFF, id="st_olga", role="director")
ANNA = Actor(kind=ActorKind.STAFF, id="st_anna", role="manager")
SYSTEM = Actor(kind=ActorKind.SYSTEM, id="test")
BASE = "https://crm.example"
SMS = Account(id="smsc_1", channel="smsc", title="SMS", source="SMS", secrets=("s",))


@dataclass
class FakeSenders:
    """Keeps what was sent; `fails` is raised instead, once each; `lost` after it went out."""

    sent: list[Posting] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    lost: list[BaseException] = field(default_factory=list)
    knows: bool = False
    meanwhile: Callable[[], object] = lambda: None

    def send(self, account: Account, posting: Posting) -> str:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(posting)
        self.meanwhile()
        if self.lost:
            raise self.lost.pop(0)
        return f"out{len(self.sent)}"

    def knows_repeats(self, channel: str) -> bool:
        return self.knows

    def found(self, account: Account, posting: Posting) -> str | None:
        tags = [it.tag for it in self.sent] if self.knows else []
        return f"out{tags.index(posting.tag) + 1}" if posting.tag in tags else None

    @property
    def reached(self) -> list[str]:
        return [it.to for it in self.sent]


def outlet(senders: FakeSenders) -> Outlet:
    return Outlet(senders, BASE, "office@office.example")


def person(desk: Desk, code: str, *, agrees: bool = True, **fields: object) -> Client:
    """A client; by default with an address of mail and a consent."""
    given: dict[str, object] = {"name": f"{code} Иванова", "emails": (f"{code}@mail.example",)}
    client = Client.model_validate(
        {
            **given,
            **fields,
            "id": ClientId(f"cl_{code}"),
            "owner_id": StaffId("st_anna"),
            "created_at": desk.now(),
            "updated_at": desk.now(),
        }
    )

    def work(unit: Unit) -> None:
        unit.add(client)
        for medium in ("mail", "sms"):
            for address in consents.addresses_of(client, medium) if agrees else ():
                consents.agree(unit, (medium, address), "paper", unit.now)

    transact(desk.store, SYSTEM, "test", desk.now(), work=work)
    return client


def with_sms(desk: Desk) -> None:
    desk.store.run(lambda tx: tx.put("accounts", SMS.id, SMS.model_dump(mode="json")))
    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()


def prepared(desk: Desk, clients: Sequence[str], **fields: object) -> str:
    given = {"name": "Весна", "subject": "Скидки", "text": "Здравствуйте, {{имя|клиент}}!"}
    form = CreateCampaign.model_validate({**given, **fields, "clients": tuple(clients)})
    return campaigns.create(desk, OLGA, form, "test").id


def started(desk: Desk, clients: Sequence[str], **fields: object) -> str:
    name = prepared(desk, clients, **fields)
    campaigns.start(desk, OLGA, StartCampaign(campaign=name), "test")
    return name


def stopped(desk: Desk, name: str) -> None:
    campaigns.stop(desk, OLGA, OneCampaign(campaign=name), "test")


def run(desk: Desk, senders: FakeSenders, name: str, *, portions: int = 20) -> str:
    """Let the queue call until the campaign is over, on a clock that moves to each portion."""
    outcome = ""
    for _ in range(portions):
        outcome = campaign_running.portion(desk, outlet(senders), name)
        campaign = of(desk, name)
        if campaign.next_at is None:
            break
        assert isinstance(desk.clock, FixedClock)
        desk.clock.advance(max(campaign.next_at - desk.now(), timedelta()))
    return outcome


def of(desk: Desk, name: str) -> Campaign:
    return Campaign.model_validate(desk.store.get(Campaign.collection, name))


def recipients(desk: Desk) -> list[Recipient]:
    found = desk.store.query(Query(Recipient.collection))
    return sorted((Recipient.model_validate(hit.doc) for hit in found), key=lambda it: it.client_id)


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(it.state, it.why) for it in recipients(desk)]


def paths(tasks: FakeTasks) -> list[str]:
    return [task.path for task in tasks.queued]


def event(desk: Desk, number: str, **fields: object) -> None:
    given = {
        "id": InboundId(f"in_{number}"),
        "channel": "mailgun",
        "account": "mg",
        "event_id": number,
        "at": desk.now(),
        "received_at": desk.now(),
        "source": Source(channel="mailgun", name="Почта"),
    }
    record(desk, Inbound.model_validate(given | fields))


def notes(desk: Desk) -> list[tuple[str, str]]:
    rows = desk.store.query(Query(Activity.collection))
    found = [Activity.model_validate(row.doc) for row in rows]
    return [(str(it.client_id), it.text) for it in found if it.what == "note"]


def wish(desk: Desk, medium: str, address: str) -> str:
    doc = desk.store.get(AddressWish.collection, wish_id(medium, address))
    found = AddressWish.model_validate(doc)
    return found.why if found.stopped else "open"
