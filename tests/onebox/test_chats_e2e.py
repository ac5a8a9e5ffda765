"""A client writes, the team reads and answers in its room, the client hears: on one box."""

import itertools
import json

import pytest
from tests.onebox.serving import kartoteka, served, until

from ingest.channels import telegram, whatsapp

pytestmark = pytest.mark.e2e

OLGA = "olga@office.example"
GROUP = -1001777000
OLGAS = 900_000_001
ANNAS = 900_000_002
NUMBERS = itertools.count(1)


def do(data, name, **fields):
    return json.loads(
        kartoteka("do", name, "--as", OLGA, "--json", json.dumps(fields), "--data", str(data))
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office with a WhatsApp number beside its Telegram bot, a room, and Olga in it."""
    data = tmp_path_factory.mktemp("box") / "office"
    sheet = json.loads(kartoteka("init", "--json", "--data", str(data)))
    bot = next(it for it in sheet["accounts"] if it["channel"] == "telegram")
    added = do(data, "account.add", channel="whatsapp", title="WhatsApp", secret="of Meta")
    do(data, "room.set", account=bot["token"], group=str(GROUP))
    with served(data, "--no-page", "--clock", "2026-11-23T10:00") as box:
        code = do(data, "staff.link")["code"]  # by the clock of the office: it soon expires
        update(box, bot, OLGAS, f"/start {code}")
        until(lambda: told(box, what="post", peer=str(OLGAS)))
        yield box, bot, added


def update(box, bot, user, text, **where):
    """Tell the bot's address what Telegram would."""
    number = next(NUMBERS)
    message = {
        "message_id": number,
        "date": 1_795_420_800,
        "from": {"id": user, "is_bot": False, "first_name": f"Человек {user}"},
        "chat": {"id": user, "type": "private"},
        "text": text,
        **where,
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    secret = box.account("telegram")["secrets"][0]
    headers = {"content-type": "application/json", **telegram.sign(body, secret)}
    answer = box.web.post(f"/ingest/telegram/{bot['token']}", content=body, headers=headers)
    assert answer.status_code == 200


def in_topic(topic):
    chat = {"id": GROUP, "type": "supergroup", "is_forum": True}
    return {"chat": chat, "message_thread_id": int(topic), "is_topic_message": True}


def press(box, bot, user, data):
    """Tell the bot's address that a button was pressed."""
    number = next(NUMBERS)
    query = {
        "id": f"q{number}",
        "from": {"id": user, "is_bot": False, "first_name": "Анна"},
        "message": {"message_id": number, "chat": {"id": user, "type": "private"}, "date": 0},
        "data": data,
    }
    body = json.dumps({"update_id": number, "callback_query": query}).encode()
    headers = {"content-type": "application/json"}
    headers |= telegram.sign(body, box.account("telegram")["secrets"][0])
    for _ in range(2):
        answer = box.web.post(f"/ingest/telegram/{bot['token']}", content=body, headers=headers)
        assert answer.status_code == 200


def told(box, **wanted):
    """Return the lines of the echo in which all of this stands."""
    path = box.data / "messengers.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = (json.loads(line) for line in lines)
    return [line for line in found if all(line[name] == value for name, value in wanted.items())]


def topic_of(box, title):
    return until(lambda: told(box, what="topic", text=title))[0]["id"]


def test_client_of_telegram_is_answered_from_the_topic(office):
    box, bot, _ = office
    update(box, bot, 5550177001, "Сколько стоит развод?")
    topic = topic_of(box, "Человек 5550177001 · Telegram")
    until(lambda: told(box, what="post", text="Человек 5550177001: Сколько стоит развод?"))
    update(box, bot, OLGAS, "От 20 000 рублей", **in_topic(topic))
    update(box, bot, OLGAS, "// торгуется", **in_topic(topic))
    update(box, bot, OLGAS, "/задача завтра 15:00 @анна позвонить", **in_topic(topic))

    [letter] = until(lambda: told(box, what="letter", account=bot["token"]))
    assert (letter["peer"], letter["text"]) == ("5550177001", "От 20 000 рублей")
    until(lambda: [it for it in box.cli("list", "tasks") if it["title"] == "позвонить"])
    [lead] = [it for it in box.cli("list", "leads") if it["name"] == "Человек 5550177001"]
    assert lead["stage"] == "r1"  # an answer to a client without a phone is an attempt
    shown = until(lambda: _history(box, lead["id"], 3))
    assert {(it["what"], it["direction"], it["text"]) for it in shown} >= {
        ("message", "in", "Сколько стоит развод?"),
        ("message", "out", "От 20 000 рублей"),
        ("note", "in", "торгуется"),
    }


def _history(box, lead, least):
    found = box.cli("show", "lead", lead)["activities"]
    return found if len(found) >= least else []


def test_client_of_whatsapp_is_answered_in_whatsapp_once(office):
    box, bot, added = office
    message = {
        "from": "79165550177",
        "id": "wamid.E2E",
        "timestamp": "1795420800",
        "type": "text",
        "text": {"body": "Добрый день, нужен юрист"},
    }
    contact = {"wa_id": "79165550177", "profile": {"name": "Ирина Лапина"}}
    value = {"contacts": [contact], "messages": [message]}
    entry = [{"changes": [{"field": "messages", "value": value}]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()
    for _ in range(2):
        answer = box.web.post(
            added["path"], content=body, headers=whatsapp.sign(body, added["secret"])
        )
        assert answer.status_code == 200

    topic = topic_of(box, "Ирина Лапина · WhatsApp")
    update(box, bot, OLGAS, "Здравствуйте, Ирина!", **in_topic(topic))

    until(lambda: told(box, what="letter", account=added["id"]))
    [letter] = told(box, what="letter", account=added["id"])
    assert (letter["peer"], letter["text"]) == ("79165550177", "Здравствуйте, Ирина!")
    assert len([it for it in box.cli("list", "leads") if it["name"] == "Ирина Лапина"]) == 1


def test_person_gets_a_notice_in_the_bot_presses_it_and_asks(office):
    box, bot, _ = office
    update(box, bot, ANNAS, f"/start {do(box.data, 'staff.link', person='st_anna')['code']}")
    until(lambda: told(box, what="post", peer=str(ANNAS)))
    update(box, bot, 5550177002, "Нужен юрист")
    topic_of(box, "Человек 5550177002 · Telegram")
    [lead] = [it for it in box.cli("list", "leads") if it["name"] == "Человек 5550177002"]
    do(box.data, "lead.assign", lead=lead["id"], owner="st_anna")
    given = until(lambda: _asked_about(box, "Человек 5550177002"))

    seen = next(it for it in given[0]["buttons"].split() if it.startswith("k:seen:"))
    press(box, bot, ANNAS, seen)
    until(lambda: told(box, what="edit", peer=str(ANNAS)))
    assert [it["text"] for it in told(box, what="press")] == ["Отмечено: видели"]
    update(box, bot, ANNAS, "/найти человек 5550177002")
    until(
        lambda: [it for it in told(box, what="post", peer=str(ANNAS)) if lead["id"] in it["text"]]
    )


def _asked_about(box, name):
    """Return the notices with buttons about a client; a slow box tells the plan of the day too."""
    posts = told(box, what="post", peer=str(ANNAS))
    return [it for it in posts if it["buttons"] and name in it["text"]]
