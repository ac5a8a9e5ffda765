"""A segment as a hashed list: only with consent, only by right, and the log tells who took it."""

import hashlib

import pytest
from tests.kartoteka.segments.segment_office import Clients

from kartoteka.domain.audience import CABINETS
from kartoteka.domain.change import SYSTEM
from kartoteka.domain.errors import Invalid, NotAllowed
from kartoteka.domain.model import Client
from kartoteka.services import audiences
from kartoteka.services.consents import SetConsent, give, stop
from kartoteka.services.people import actor_by_email

PHONES, MAILS = ("+79161112233", "+79161112234"), ("anna@office.example",)


@pytest.fixture
def agreed(clients: Clients) -> Client:
    """A client with two numbers and an address, who agreed to everything; and one who did not."""
    made, silent = clients.client(1), clients.client(2)
    clients.save(made, phones=PHONES, emails=MAILS)
    clients.save(silent, phones=("+79169990000",), emails=("silent@office.example",))
    for medium in ("sms", "mail"):
        give(clients.desk, SYSTEM, SetConsent(client=made.id, medium=medium), "test")
    clients.rest()
    return clients.find(Client, made.id)


def taken(clients: Clients, who: str, cabinet: str, **how) -> list[list[str]]:
    actor = actor_by_email(clients.desk.settings(), f"{who}@office.example")
    audience = audiences.prepare(clients.desk, actor, "Новые за 30 дней", cabinet, **how)
    return [audience.titles, *map(list, audiences.rows(clients.desk, audience))]


def sha(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def test_each_cabinet_gets_its_headers_spelling_and_hash(clients, agreed):
    digits = [phone.removeprefix("+") for phone in agreed.phones]

    assert taken(clients, "olga", "yandex") == [
        ["phone", "email"], [sha(digits[0]), sha(MAILS[0])], [sha(digits[1]), ""],
    ]  # fmt: skip
    assert taken(clients, "olga", "google") == [
        ["Email", "Phone"], [sha(MAILS[0]), sha(PHONES[0])], ["", sha(PHONES[1])],
    ]  # fmt: skip
    assert taken(clients, "olga", "meta")[1:] == [[sha(MAILS[0]), sha(digits[0])],
                                                  ["", sha(digits[1])]]  # fmt: skip
    md5 = [hashlib.md5(it.encode(), usedforsecurity=False).hexdigest() for it in digits]
    assert taken(clients, "olga", "vk") == [["id"], [md5[0]], [md5[1]]]
    assert len(taken(clients, "olga", "vk", kind="mail")) == 2


def test_hash_is_the_one_that_the_cabinet_publishes_as_its_example():
    vk = CABINETS["vk"]

    assert vk.hashed("phone", "+79995551111") == "f09f2c3d48f31e2a802944ade2e5aec5"
    assert vk.hashed("mail", "Mail@yandex.ru ") == "3c56ff8fef0f6c65b36b2d25720fe276"


def test_who_took_the_consent_back_is_not_in_the_list(clients, agreed):
    clients.clock.advance(clients.clock.now() - clients.clock.now())
    stop(clients.desk, SYSTEM, SetConsent(client=agreed.id, medium="sms"), "test")

    assert taken(clients, "olga", "vk") == [["id"]]
    assert len(taken(clients, "olga", "vk", kind="mail")) == 2


@pytest.mark.parametrize("who", ["anna", "mark", "inna"])
def test_list_needs_the_right_to_export_clients(clients, who):
    with pytest.raises(NotAllowed):
        taken(clients, who, "meta")


def test_head_takes_only_the_clients_of_their_teams(clients, agreed):
    clients.save(agreed, owner_id="st_olga")

    assert taken(clients, "viktor", "meta") == [["email", "phone"]]


def test_unknown_cabinet_is_refused_with_those_there_are(clients):
    with pytest.raises(Invalid, match="yandex"):
        taken(clients, "olga", "bing")


def test_log_tells_who_took_which_segment_before_the_first_row_leaves(clients, agreed):
    actor = actor_by_email(clients.desk.settings(), "olga@office.example")
    audience = audiences.prepare(clients.desk, actor, "new_30", "yandex")
    rows = audiences.rows(clients.desk, audience)
    next(rows)
    begun = clients.sqlite.get("exports", audience.run.id)
    list(rows)

    done = clients.sqlite.get("exports", audience.run.id)
    assert (begun["state"], begun["only"]) == ("running", {"segment": "new_30"})
    assert (done["state"], done["count"], done["actor"]["id"]) == ("done", 2, "st_olga")
    log = str([entry.doc for entry in clients.sqlite.read_log("changes", None, 1_000)])
    assert sha(MAILS[0]) not in log
