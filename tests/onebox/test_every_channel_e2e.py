"""Every channel on one box: what its provider sends ends in the row where people look for it.

The office is the preset's with four people at work, so its books are few. Everything is sent
first; then each tab is read through gspread, once when the mirror has come to rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.onebox.reading_sheets import sheets
from tests.onebox.serving import TOKEN, Box, served, until

from kartoteka import wiring
from kartoteka.domain.channels import CHANNEL_NAMES
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Activity, Lead, Staff
from kartoteka.domain.order import Order
from kartoteka.domain.payment import PaymentFact
from kartoteka.i18n import channel as in_words
from kartoteka.ports import Query, Store
from kartoteka.services.commands import execute
from kartoteka.services.office import Desk
from kartoteka.services.people import actor_by_email
from kartoteka.services.registry import COMMANDS
from onebox import office
from onebox.clock import BoxClock
from onebox.commands.waking import silenced
from onebox.delivery import addressed, delivered
from onebox.provider_keys import ProviderKeys
from onebox.samples import read_sample
from sync import books
from sync.columns import Tab
from sync.shelf import tabs
from sync.shelf.unmatched import UNMATCHED

pytestmark = pytest.mark.e2e

OLGA, BORIS, INNA = "olga@office.example", "boris@office.example", "inna@office.example"
AT_WORK = {
    OLGA: "director",
    "anna@office.example": "manager",
    BORIS: "operator",
    INNA: "accountant",
}
SECRET = "key:salt"

# Of each channel the sample of a stranger who asks for something.
REQUESTS = {
    "asterisk": "missed",
    "avito": "message",
    "beeline": "missed",
    "call": "missed",
    "cf7": "request",
    "elementor": "advanced",
    "exolve": "missed",
    "form": "consult",
    "gmail": "new",
    "google_forms": "response",
    "mailgun": "parsed",
    "mango": "missed",
    "marquiz": "lead",
    "max": "message",
    "megafon": "missed",
    "messenger": "message",
    "phone_log": "missed",
    "postmark": "new",
    "sendgrid": "parsed",
    "ses": "files",
    "sipuni": "missed",
    "site": "message",
    "smsc": "incoming",
    "telegram": "message",
    "telphin": "missed",
    "tilda": "request",
    "twilio": "dial_no_answer",
    "typeform": "response",
    "uis": "lost",
    "viber": "message",
    "vk": "message",
    "whatsapp": "message",
    "yandex_forms": "response",
    "zadarma": "missed",
}
ORDERS = {
    "commerceml": "order_new",
    "insales": "created",
    "opencart": "created",
    "woocommerce": "created",
}
PAYMENTS = {
    "cloudpayments": "pay",
    "robokassa": "paid",
    "stripe": "session",
    "tbank": "confirmed",
    "yookassa": "succeeded",
}
# They only tell how far a message of ours got, or what the team says, which is no row of its own;
# what nobody understands waits in a row for a person.
REPORTS = ("google_chat", "sendpulse", "smsaero", "smsru", "twilio_sms", "unisender")
SENT = REQUESTS | ORDERS | PAYMENTS | dict.fromkeys(REPORTS, "unknown")


# Who looks where: the book, its tab, and the person who reads it.
DEPARTMENT, MONEY, UNCLEAR = "department.director", "payments.st_inna", "triage.st_boris"
PLACES: dict[str, tuple[Tab, str]] = {
    "requests": (tabs.REQUESTS, DEPARTMENT),
    "deals": (tabs.DEALS, DEPARTMENT),
    "payments": (UNMATCHED, MONEY),
    "unclear": (tabs.INBOX, UNCLEAR),
}
READERS = {DEPARTMENT: OLGA, MONEY: INNA, UNCLEAR: BORIS}
Rows = dict[str, list[str]]


@dataclass(frozen=True)
class Passed:
    """What came of every channel's sample, and the rows of the tabs when all was done."""

    desk: Desk
    events: dict[str, Inbound]
    rows: dict[str, Rows]

    def docs(self, collection: str, channel: str) -> list[dict[str, object]]:
        """Return the records that a channel made in a collection which names it."""
        found = self.desk.store.query(Query(collection))
        return [dict(row.doc) for row in found if row.doc["channel"] == channel]


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passed]:
    data = tmp_path_factory.mktemp("box") / "office"
    furnished(data)
    with served(data, "--no-page", "--clock", "2026-11-23T11:00") as box:
        desk = opened(data)
        events = {name: sent(box, desk, name) for name in SENT}
        until(lambda: mirrored(box))
        a_minute_later(box)
        until(lambda: mirrored(box) and not resting(desk))
        yield Passed(desk, events, {name: shown(box, desk, name) for name in PLACES})
        desk.store.close()


def a_minute_later(box: Box) -> None:
    """Turn the clock on: Google's quota of a minute is new, and books that rested go on."""
    told = {"advance": "1m"}
    answer = box.web.post("/onebox/clock", json=told, headers={"x-kartoteka-token": TOKEN})
    assert answer.status_code == 200, answer.text


def opened(data: Path) -> Desk:
    """Return the office as a command beside the box sees it."""
    return office.open_app(data, BoxClock(saved=data / office.CLOCK_FILE)).desk


def furnished(data: Path) -> None:
    """Make the preset's office in a folder, with few people and every channel."""
    office.keys(data)
    app = wiring.build(office.settings(data, office.address(office.DEFAULT_PORT)))
    for person in office.make_office(app, office.DEFAULT_PRESET).staff:
        staffed(app.store, person)
    connected(silenced(app.desk))
    app.store.close()


def staffed(store: Store, person: Staff) -> None:
    """Leave four people at work, one of them an operator who sorts what is unclear."""
    role = AT_WORK.get(person.email)
    changed = {"active": False} if role is None else {"role": role}
    doc = {**person.model_dump(mode="json"), **changed}
    store.run(lambda tx: tx.put(Staff.collection, person.id, doc))


def connected(desk: Desk) -> None:
    """Connect every channel that the preset does not connect itself."""
    olga = actor_by_email(desk.settings(), OLGA)
    there = {account.channel for account in desk.settings().accounts} | {"form", "phone_log"}
    for channel in sorted({*CHANNEL_NAMES} - there):
        told = {"channel": channel, "title": channel, "secret": SECRET}
        execute(COMMANDS, desk, olga, "account.add", given=told, cause="command:account.add")
    execute(COMMANDS, desk, olga, "phone.connect", given={"staff": "st_anna"}, cause="command:1")


def sent(box: Box, desk: Desk, channel: str) -> Inbound:
    """Send a channel's sample as its provider would; return what the office kept of it."""
    call = replace(read_sample(channel, SENT[channel]), base_url=box.url)
    call = addressed(call, channel, desk.settings(), now=desk.now())
    answer = delivered(ProviderKeys(box.data).proven(call))
    assert answer.status_code == 200, (channel, answer.text)
    rows = desk.store.query(Query(Inbound.collection))
    [kept] = [row.doc for row in rows if row.doc["channel"] == channel]
    return Inbound.model_validate(kept)


def mirrored(box: Box) -> bool:
    """Return whether rules and sheets are past everything."""
    lag = box.web.get("/onebox/stats").json()["lag"]
    return not any(lag[consumer]["changes"] for consumer in ("automation", "sheets"))


def resting(desk: Desk) -> bool:
    """Return whether changes wait for a book that lets Google rest."""
    return any(memory.behind for memory in books.known(desk.store).values())


def shown(box: Box, desk: Desk, place: str) -> Rows:
    """Return the rows of a tab by record, as a person reads them."""
    tab, key = PLACES[place]
    memory = books.recall(desk.store, key)
    assert memory is not None
    file = sheets(box.url, READERS[key]).open_by_key(memory.spreadsheet_id)
    cells = file.get_worksheet_by_id(tab.sheet_id).get_all_values()
    return {row[0]: row[1:] for row in cells[1:]}


def test_every_channel_has_its_part_here() -> None:
    assert {*SENT} == {*CHANNEL_NAMES}


@pytest.mark.parametrize("channel", sorted(REQUESTS))
def test_request_of_a_stranger_is_a_row_of_the_heads(passed: Passed, channel: str) -> None:
    event = passed.events[channel]
    activities = passed.desk.store.query(Query(Activity.collection))
    lead = Lead.model_validate(passed.desk.store.get(Lead.collection, str(event.lead_id)))

    assert event.state == "done"
    assert [row.doc["client_id"] for row in activities if row.doc["inbound_id"] == event.id] == [
        event.client_id
    ]
    assert lead.name in passed.rows["requests"][lead.id]


@pytest.mark.parametrize("channel", sorted(ORDERS))
def test_order_of_a_shop_is_a_row_of_a_deal(passed: Passed, channel: str) -> None:
    [order] = passed.docs(Order.collection, channel)
    row = passed.rows["deals"][str(order["deal_id"])]

    assert str(order["number"]) in row[0]


@pytest.mark.parametrize("channel", sorted(PAYMENTS))
def test_payment_that_no_deal_expects_is_a_row_of_the_accountant(
    passed: Passed, channel: str
) -> None:
    [fact] = passed.docs(PaymentFact.collection, channel)

    assert in_words(channel, "ru") in passed.rows["payments"][str(fact["id"])]


@pytest.mark.parametrize("channel", REPORTS)
def test_event_nobody_knows_is_a_row_of_the_operator(passed: Passed, channel: str) -> None:
    event = passed.events[channel]

    assert event.state == "unknown"
    assert in_words(channel, "ru") in passed.rows["unclear"][event.id]
