"""A campaign on one box: letters in the stand-in's mailbox, an SMS written down, an unsubscribe."""

import base64
import json
from email import message_from_bytes
from email.policy import SMTP

import pytest
from tests.onebox.serving import kartoteka, served, until

pytestmark = pytest.mark.e2e

OFFICE = {"authorization": "Bearer stand-in:office@office.example"}
OLGA = "olga@office.example"


def do(data, command, /, **fields):
    return json.loads(
        kartoteka("do", command, "--as", OLGA, "--json", json.dumps(fields), "--data", str(data))
    )


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """An office with an SMS account without keys, at eleven on a Monday."""
    data = tmp_path_factory.mktemp("box") / "office"
    kartoteka("init", "--json", "--data", str(data))
    do(data, "account.add", channel="smsc", title="SMS")
    with served(data, "--no-page", "--clock", "2026-11-23T11:00") as found:
        yield found


def person(box, name, mail, phone):
    lead = do(box.data, "lead.add", name=name, phone=phone, email=mail)
    client = lead["client_id"]
    for medium in ("mail", "sms"):
        do(box.data, "consent.give", client=client, medium=medium)
    return client


def started(box, **fields):
    name = do(box.data, "campaign.create", name="Весна", **fields)["id"]
    do(box.data, "campaign.start", campaign=name)
    until(lambda: report(box, name)["campaign"]["state"] == "done")
    return name


def report(box, name):
    return do(box.data, "campaign.report", campaign=name)


def gmail(box, path):
    return box.web.get(f"/google/gmail/v1/users/me/{path}", headers=OFFICE).json()


def letters(box):
    """The letters to many that the stand-in's mailbox sent: those that tell how to unsubscribe."""
    listed = gmail(box, "messages?q=in:sent").get("messages", [])
    raws = (gmail(box, f"messages/{it['id']}?format=raw")["raw"] for it in listed)
    found = [message_from_bytes(base64.urlsafe_b64decode(raw), policy=SMTP) for raw in raws]
    return [letter for letter in found if letter["List-Unsubscribe"]]


def test_letter_goes_through_the_box_and_its_reader_unsubscribes(box):
    client = person(box, "Анна", "anna@mail.example", "+79165550177")
    first = started(box, clients=[client], subject="Цены", text="{{имя}}, здравствуйте!")
    [letter] = letters(box)
    address = str(letter["List-Unsubscribe"]).strip("<>")
    asked = box.web.get(address)
    done = box.web.post(address, data={"List-Unsubscribe": "One-Click"})
    second = started(box, clients=[client], subject="Лето", text="{{имя}}!")

    assert (str(letter["To"]), str(letter["Subject"])) == ("anna@mail.example", "Цены")
    assert letter.get_content().startswith("Анна, здравствуйте!")
    assert report(box, first)["sent"] == 1
    assert (asked.status_code, done.status_code) == (200, 200), (address, asked.text)
    assert report(box, first)["unsubscribed"] == 1
    assert report(box, second)["reasons"] == {"unsubscribed": 1}
    assert len(letters(box)) == 1


def test_sms_without_keys_is_written_down_in_the_offices_folder(box):
    accounts = box.cli("list", "accounts")
    sender = next(it["id"] for it in accounts if it["channel"] == "smsc")
    client = person(box, "Борис", "boris@mail.example", "+79165550178")
    name = started(box, clients=[client], medium="sms", sender=sender, text="{{имя}}, ждём")
    lines = (box.data / "postings.jsonl").read_text("utf-8").splitlines()

    assert report(box, name)["sent"] == 1
    assert [(it["to"], it["text"]) for it in map(json.loads, lines)] == [
        ("+79165550178", "Борис, ждём")
    ]
