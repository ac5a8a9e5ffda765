"""Rules that write to clients outside of letters, begin and end series, and hear of visits."""

import pytest
from tests.automation.office_rules.ruled_office import Ruled, rule, ruled
from tests.fakes import FakeTasks, FixedClock
from tests.kartoteka.deals.deal_desk import OLGA
from tests.kartoteka.mailing.mailing_office import FakeSenders, outlet, recipients, with_sms
from tests.kartoteka.services.chat_office import event

from kartoteka.domain.mailing import SeriesMember
from kartoteka.domain.visit import Trail
from kartoteka.ports import Query
from kartoteka.services import postings, site_visits
from kartoteka.services.office import Desk

NEW = "новая заявка"
HOSTILE = "<b>Ира</b> {{компания}}\r\nи"


@pytest.fixture
def office(desk: Desk, clock: FixedClock, tasks: FakeTasks) -> Ruled:
    return ruled(desk, clock, tasks)


def template(office: Ruled, medium: str) -> None:
    given = {"template": f"t_{medium}", "name": "Х", "medium": medium, "subject": ""}
    office.do(OLGA, "template.set", **given, body="Здравствуйте, {{имя|клиент}}!")


def members(office: Ruled) -> list[str]:
    found = office.desk.store.query(Query(SeriesMember.collection))
    return [SeriesMember.model_validate(hit.doc).state for hit in found]


def test_text_message_goes_once_by_the_account_that_sends_such(office: Ruled) -> None:
    template(office, "sms")
    with_sms(office.desk)
    office.rules(rule(NEW, "сообщение по шаблону «Х»"))
    office.form(name=HOSTILE)
    office.work()
    senders = FakeSenders()
    [posting] = recipients(office.desk)
    ends = [postings.deliver(office.desk, outlet(senders), posting.id) for _ in range(2)]

    assert ends == ["sent", "done"]
    assert [it.to for it in senders.sent] == ["+79161234567"]
    assert senders.sent[0].text.isprintable()
    assert "{{" not in senders.sent[0].text


def test_text_message_without_an_account_is_parked(office: Ruled) -> None:
    template(office, "sms")
    office.rules(rule(NEW, "сообщение по шаблону «Х»"))
    office.form()
    office.work()

    assert [(it.state, it.why) for it in office.firings()] == [("parked", "rule_no_sms")]


def test_message_goes_into_the_clients_own_chat(office: Ruled) -> None:
    template(office, "chat")
    office.rules(rule(NEW, "сообщение по шаблону «Х»"))
    event(office.desk, "1", text="Добрый день")
    office.work()

    [ours] = [it for it in office.timeline() if it.direction == "out"]
    assert ours.text == "Здравствуйте, Ирина!"
    assert ours.message is not None
    assert [it.state for it in office.firings()] == ["done"]


@pytest.mark.parametrize("called", ["Знакомство", "знакомства", "welcome"])
def test_series_begins_and_ends_by_rules(office: Ruled, called: str) -> None:
    steps = [{"subject": "С", "text": "Т"}]
    office.do(OLGA, "series.set", series="welcome", name="Знакомство", steps=steps)
    office.rules(
        rule(NEW, f"начать серию «{called}»", id="begin"),
        rule("клиент получил тег «хватит»", "остановить серии; снять тег «хватит»", id="end"),
    )
    client = office.form(emails=("irina@example.com",)).client_id
    office.work()
    assert members(office) == ["active"]
    office.do(OLGA, "client.edit", client=client, tags=["хватит", "вип"])
    office.work()

    assert members(office) == ["left"]
    assert office.client(client).tags == ("вип",)


def test_known_client_who_opens_a_page_wakes_the_rule_of_this_page(office: Ruled) -> None:
    office.rules(
        rule("открыта страница /price", "тег «смотрел цены»", id="price"),
        rule("открыта страница /blog*", "тег «читает»", id="blog"),
    )
    stored = event(office.desk, "1", text="Добрый день")
    client = office.client(stored.client_id)
    who = site_visits.Who("site", "v1")
    key = {"client_id": client.id}
    office.desk.store.run(lambda tx: tx.put("keys", who.key, key))
    trail = Trail.model_validate(
        {"visit": "1", "pages": [{"page": "https://office.example/price", "title": "Цены"}]}
    )
    told = site_visits.look(office.desk, who, trail)
    office.work()

    assert told == "kept"
    assert office.client(stored.client_id).tags == ("смотрел цены",)
