"""Campaigns through the real senders: what a mailbox and a service of SMS are given, and when."""

import re
from collections import Counter
from datetime import time, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.kartoteka.mailing.mailing_office import (
    BASE,
    OLGA,
    SMS,
    of,
    person,
    run,
    started,
    states,
)

from ingest.unsubscribing import serve
from kartoteka.adapters.senders.all import AllSenders
from kartoteka.adapters.senders.gmail import OfficeBox
from kartoteka.domain.mailing import Limit
from kartoteka.http import Call
from kartoteka.mail_ports import SentMail
from kartoteka.services.mailing_settings import SetMailing, set_mailing
from kartoteka.services.office import Desk, SettingsCache


class Box:
    """The office's mailbox: keeps letters as they go out."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    def send(self, source: bytes, thread: str = "") -> SentMail:
        self.letters.append(source)
        return SentMail(f"m{len(self.letters)}", thread)

    def sent(self, message_id: str) -> SentMail | None:
        return None


@pytest.fixture
def box() -> Box:
    return Box()


def real(box: Any, answer: Any = None) -> Any:
    client = httpx.Client(transport=httpx.MockTransport(answer or (lambda _: httpx.Response(500))))
    return AllSenders(client, OfficeBox(lambda _: box, "office@office.example"))


def test_one_click_of_a_mail_program_keeps_the_next_letter_away(desk: Desk, box: Box) -> None:
    client = person(desk, "c0")
    run(desk, real(box), started(desk, [client.id]))
    [raw] = box.letters
    letter = message_from_bytes(raw, policy=policy.SMTP)
    address = str(letter["List-Unsubscribe"]).strip("<>")
    token = re.fullmatch(re.escape(BASE) + r"/ingest/u/([\w-]+)", address)
    assert token is not None
    app: Any = SimpleNamespace(desk=desk)
    body = str(letter["List-Unsubscribe-Post"]).encode()

    looked = serve(Call("GET", ("u", token[1])), app, token[1])
    posted = serve(Call("POST", ("u", token[1]), body=body), app, token[1])
    run(desk, real(box), started(desk, [client.id]))

    assert (looked.status, posted.status, body) == (200, 200, b"List-Unsubscribe=One-Click")
    assert len(box.letters) == 1
    assert sorted(states(desk)) == [("sent", ""), ("skipped", "unsubscribed")]


def test_look_of_a_scanner_unsubscribes_nobody(desk: Desk, box: Box) -> None:
    client = person(desk, "c0")
    run(desk, real(box), started(desk, [client.id]))
    found = re.search(rb"/ingest/u/([\w-]+)", box.letters[0])
    assert found is not None
    app: Any = SimpleNamespace(desk=desk)
    token = found[1].decode()
    for method in ("GET", "HEAD", "GET"):
        assert serve(Call(method, ("u", token)), app, token).status == 200
    run(desk, real(box), started(desk, [client.id]))

    assert len(box.letters) == 2


def test_sms_go_out_no_faster_than_the_service_may_be_asked(desk: Desk, box: Box) -> None:
    account = SMS.model_copy(update={"api": {"login": "l", "password": "p", "sender": "OFFICE"}})
    desk.store.run(lambda tx: tx.put("accounts", SMS.id, account.model_dump(mode="json")))
    asked: list[tuple[str, str]] = []

    def service(request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        local = desk.now() + timedelta(hours=3)  # of Moscow
        asked.append((f"{local:%d %H:%M}", form["phones"]))
        return httpx.Response(200, json={"id": len(asked), "cnt": 1})

    assert isinstance(desk.settings, SettingsCache)
    desk.settings.forget()
    limits = {SMS.id: Limit(per_minute=3, per_day=8)}
    set_mailing(desk, OLGA, SetMailing(limits=limits, quiet_from=time(0), quiet_to=time(0)), "x")
    people = [person(desk, f"c{it}", phones=(f"+7916123456{it}",)).id for it in range(10)]
    fields = {"medium": "sms", "subject": "", "sender": SMS.id}
    name = started(desk, people, **fields)
    run(desk, real(box, service), name)

    minutes = Counter(minute for minute, _ in asked)
    days = Counter(minute.partition(" ")[0] for minute, _ in asked)
    assert sorted(minutes.values(), reverse=True)[:2] == [3, 3]
    assert sorted(days.values()) == [2, 8]
    assert len({phone for _, phone in asked}) == len(asked) == 10
    assert of(desk, name).state == "done"
