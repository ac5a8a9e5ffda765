"""Who calls, whom to ring: what each exchange hears while the caller waits."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from tests.fakes import FixedClock
from tests.ingest.channels.exchange_office import KNOWN, Exchange
from tests.ingest.channels.test_contract import deliver, signed

from ingest.xml_leaves import read_leaves
from kartoteka.adapters.counted import CountedStore
from kartoteka.domain.duplicates import Key
from kartoteka.domain.errors import Transient
from kartoteka.domain.inbound import Inbound
from kartoteka.ports import Doc, Store
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.wiring import App

XML = '<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>'
KNOWS = {
    "asterisk": "103|Ирина ООО Ромашка",
    "megafon": '{"contact_name": "Ирина, ООО Ромашка", "responsible": "kotova"}',
    "sipuni": '{"choice": 1}',
    "telphin": XML.format(
        '<SetVar name="number">103</SetVar><SetCaller name="Ирина, ООО Ромашка"/>'
    ),
    "twilio": XML.format('<Dial timeout="15"><Number>+74950000103</Number></Dial>'),
    "uis": '{"phones": ["103"]}',
    "zadarma": '{"caller_name": "Ирина, ООО Ромашка", "redirect": "103", "return_timeout": 15}',
}
NEUTRAL = {
    "asterisk": "|",
    "megafon": "{}",
    "sipuni": '{"choice": 0}',
    "telphin": XML.format(""),
    "twilio": XML.format(""),
    "uis": '{"returned_code": "stranger"}',
    "zadarma": "{}",
}
HOSTILE = '"/><Hangup/>\n${SHELL(rm -rf)}|x,y\x07&' + "я" * 300
EACH = pytest.mark.parametrize("exchange", sorted(KNOWS), indirect=True)


class Resting(CountedStore):
    """A store that answers nothing about people for now."""

    def get(self, collection: str, record_id: str) -> Doc | None:
        if collection in {"keys", "clients"}:
            raise Transient("the store rests")
        return super().get(collection, record_id)


@pytest.fixture
def exchange(http: FlaskClient, app: App, request: pytest.FixtureRequest) -> Exchange:
    made = Exchange(http, app, request.param)
    made.with_extension("+74950000103", "103", "kotova")
    return made


def counted(exchange: Exchange, kind: type[CountedStore] = CountedStore) -> CountedStore:
    """Let the office read through a store that counts; its settings are known already."""
    store: Store = exchange.app.store
    desk = exchange.app.desk
    wrapped = kind(store)
    known = Desk(wrapped, desk.tasks, desk.clock, lambda: known_settings, desk.waker)
    known_settings = desk.settings()
    vars(exchange.app)["desk"] = known
    return wrapped


@EACH
def test_known_client_is_named_with_the_owner_in_two_reads(exchange: Exchange) -> None:
    exchange.with_client(company="ООО Ромашка")
    exchange.send("question")
    store = counted(exchange)

    with store.measure() as cost:
        [answer] = exchange.send("question")

    assert answer.text == KNOWS[exchange.channel]
    assert (cost.reads, cost.writes) == (2, 0)
    assert exchange.all_of(Inbound) == [], "a question is no event"


def impatient(exchange: Exchange) -> CountedStore:
    """Let the office read its settings anew for every event."""
    assert exchange.token, "the account is there before"
    wrapped = CountedStore(exchange.app.store)
    desk = exchange.app.desk
    settings = SettingsCache(wrapped, ttl_s=0)
    vars(exchange.app)["desk"] = Desk(wrapped, desk.tasks, desk.clock, settings, desk.waker)
    return wrapped


@EACH
def test_settings_of_some_minutes_ago_are_not_read_again(exchange: Exchange) -> None:
    exchange.with_client(company="ООО Ромашка")
    store = impatient(exchange)
    exchange.send("question")

    sent = signed(exchange.app, exchange.channel, exchange.sample("question"))
    with store.measure() as cost:
        answer = deliver(exchange.http, sent)

    assert (answer.text, cost.reads) == (KNOWS[exchange.channel], 2)


@pytest.mark.parametrize("exchange", ["sipuni"], indirect=True)
def test_account_of_this_minute_and_its_new_secret_are_known_at_once(exchange: Exchange) -> None:
    impatient(exchange)
    assert exchange.app.desk.settings().accounts
    exchange.send("question")
    account = exchange.app.desk.settings().account("sipuni", exchange.token)
    turned = account.model_copy(update={"secrets": ("new", *account.secrets)})
    doc = turned.model_dump(mode="json")
    exchange.app.store.run(lambda tx: tx.put("accounts", turned.id, doc))

    answer = exchange.http.get(f"/ingest/sipuni/{turned.id}/new?fromnum=1&tonum=2")

    assert (answer.status_code, answer.text) == (200, NEUTRAL["sipuni"])


@EACH
def test_stranger_gets_the_neutral_answer_in_one_read(exchange: Exchange) -> None:
    exchange.send("question")
    store = counted(exchange)

    with store.measure() as cost:
        [answer] = exchange.send("question")

    assert (answer.status_code, answer.text) == (200, NEUTRAL[exchange.channel])
    assert (cost.reads, cost.writes) == (1, 0)


@EACH
def test_question_while_the_store_rests_gets_the_neutral_answer(exchange: Exchange) -> None:
    exchange.with_client()
    exchange.send("question")
    counted(exchange, Resting)

    [answer] = exchange.send("question")

    assert (answer.status_code, answer.text) == (200, NEUTRAL[exchange.channel])


@EACH
def test_owner_who_is_away_is_not_rung_and_the_client_is_still_named(exchange: Exchange) -> None:
    exchange.with_extension("103", "kotova", absent=("2026-11-23",))
    exchange.with_client()

    [answer] = exchange.send("question")

    assert "103" not in answer.text
    assert "kotova" not in answer.text
    named = exchange.channel in {"asterisk", "megafon", "telphin", "zadarma"}
    assert ("Ирина" in answer.text) is named


@EACH
def test_number_that_several_people_use_names_nobody(exchange: Exchange) -> None:
    exchange.with_client()
    shared = Key("cl_known", ("cl_known", "cl_a", "cl_b")).doc
    exchange.app.store.run(lambda tx: tx.put("keys", f"phone:{KNOWN}", shared))

    [answer] = exchange.send("question")

    assert answer.text == NEUTRAL[exchange.channel]


@pytest.mark.parametrize("exchange", ["telphin"], indirect=True)
def test_hostile_name_is_one_attribute_of_the_document(exchange: Exchange) -> None:
    exchange.with_client(HOSTILE)

    [answer] = exchange.send("question")

    names = read_leaves(answer.data)
    assert answer.text.count("<SetCaller name=") == answer.text.count("<SetVar") == 1
    assert (names.root, dict(names.texts)) == ("Response", {"SetVar": "103"})
    assert "<Hangup" not in answer.text


@pytest.mark.parametrize("exchange", ["asterisk"], indirect=True)
def test_hostile_name_means_nothing_to_a_dialplan(exchange: Exchange) -> None:
    exchange.with_client(HOSTILE)

    [answer] = exchange.send("question")

    number, _, shown = answer.text.partition("|")
    assert number == "103"
    assert shown.startswith("Hangup SHELLrm -rfxy")
    assert all(mark.isalnum() or mark in " .-" for mark in shown)


@pytest.mark.parametrize("exchange", ["zadarma", "megafon"], indirect=True)
def test_long_name_of_many_lines_is_one_short_line(exchange: Exchange) -> None:
    exchange.with_client(HOSTILE)

    [answer] = exchange.send("question")

    told = answer.json or {}
    name = told.get("caller_name") or told.get("contact_name") or ""
    assert (len(name), "\n" in name, name[:14]) == (80, False, '"/><Hangup/> $')


@pytest.mark.parametrize("exchange", ["twilio"], indirect=True)
@pytest.mark.parametrize(
    ("after", "step"),
    [
        ("https://a.example/x?b=1&c=2", "<Redirect>https://a.example/x?b=1&amp;c=2</Redirect>"),
        ("http://a.example", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_stranger_goes_on_where_the_address_says(exchange: Exchange, after: str, step: str) -> None:
    call = exchange.sample("question")
    query = (("else", after),)

    answer = exchange.deliver(
        replace(call, query=query, target=f"{call.target}?{urlencode(query)}")
    )

    assert answer.text == XML.format(step)


@pytest.mark.parametrize("exchange", ["telphin"], indirect=True)
def test_day_off_is_over_the_next_morning(exchange: Exchange, clock: FixedClock) -> None:
    exchange.with_extension("103", absent=("2026-11-23",))
    exchange.with_client()
    clock.advance(timedelta(days=1))

    [answer] = exchange.send("question")

    assert '<SetVar name="number">103</SetVar>' in answer.text
