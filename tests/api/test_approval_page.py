"""`/api/a/…`: a judge answers from a letter; whoever was not asked learns nothing there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.automation.notice_office import Ways, choose, deliver_all, link_telegram
from tests.fakes import FixedClock
from tests.kartoteka.deals.deal_desk import ANNA, VIKTOR, Play, staff

from api.approval_page import approval_page
from automation import engine
from kartoteka.domain.approval import Approval
from kartoteka.domain.change import Change
from kartoteka.domain.errors import NotAllowed
from kartoteka.domain.model import Notice, Staff
from kartoteka.domain.notice_rules import JUDGED
from kartoteka.http import Call, Reply
from kartoteka.ports import Query
from kartoteka.services import approval_links
from kartoteka.services.office import Desk, SettingsCache
from kartoteka.services.unit import LOG

OLGA = staff("st_olga", "director")
SPACE = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=t"


@dataclass
class Asked:
    """Anna asked for a discount of 30 % of 10,000; the head Viktor has to say his word."""

    play: Play
    deal: str

    @property
    def desk(self) -> Desk:
        return self.play.desk

    @property
    def approval(self) -> Approval:
        [found] = self.desk.store.query(Query(Approval.collection))
        return Approval.model_validate(found.doc)

    @property
    def amount(self) -> int:
        doc = self.desk.store.get("deals", self.deal)
        assert doc is not None
        return int(str(doc["amount_minor"]))

    def token(self, person: str = VIKTOR.id) -> str:
        about = {"approval_id": self.approval.id, "at": self.desk.now()}
        notice = Notice.model_validate({"id": "no_1", "staff_id": person, "code": JUDGED, **about})
        address = approval_links.address_of(self.desk, notice)
        assert address.startswith("https://office.example/api/a/")
        return address.rpartition("/")[2]

    def open(self, token: str, method: str = "GET", **given: str) -> Reply:
        here: Any = SimpleNamespace(desk=self.desk, store=self.desk.store)
        call = Call(method, ("a", token), body=urlencode(given).encode())
        return approval_page(call, here, token)

    def page(self, token: str, **given: str) -> str:
        return self.open(token, "POST" if given else "GET", **given).body.decode()

    def person(self, name: str, **update: object) -> None:
        known = self.desk.settings().person(f"st_{name}")
        assert isinstance(known, Staff)
        doc = known.model_copy(update=update).model_dump(mode="json")
        self.desk.store.run(lambda tx: tx.put("staff", known.id, doc))
        assert isinstance(self.desk.settings, SettingsCache)
        self.desk.settings.forget()


@pytest.fixture
def ask(desk: Desk) -> Callable[..., Asked]:
    def asking(name: str = "Иск") -> Asked:
        play = Play(replace(desk, base_url="https://office.example/"))
        sells = {"id": "manager", "name": "Менеджер", "base": "manager"}
        play.do(OLGA, "role.set", **sells, levels={"amount": "edit"})
        play.do(OLGA, "approval.set", discount_limit_bp=1000, wait_minutes=60)
        client = play.do(ANNA, "client.add", name="Ирина", phone="+79161234567")
        line = {"name": "Консультация", "price_minor": 1_000_000}
        deal = play.do(
            ANNA, "deal.create", name=name, client=client.id, deal_type="Спор", lines=[line]
        )
        engine.run(play.desk)
        given = {"deal": deal.id, "line": deal.lines[0].id, "discount_bp": 3000, "ask": True}
        with pytest.raises(NotAllowed):
            play.do(ANNA, "deal.line_change", **given)
        return Asked(play, deal.id)

    return asking


@pytest.fixture
def asked(ask: Callable[..., Asked]) -> Asked:
    return ask()


def test_letter_leads_to_the_question_and_a_look_changes_nothing(asked: Asked) -> None:
    ways = Ways()
    deliver_all(asked.desk, ways)
    letters = [message_from_bytes(it, policy=policy.default) for it in ways.letters]
    [letter] = [it for it in letters if it["To"] == "viktor@office.example"]
    [address] = re.findall(r"https://office\.example/api/a/(\S+)", letter.get_content())
    before = asked.approval
    replies = [asked.open(address, method) for method in ("GET", "HEAD", "GET")]

    assert asked.approval == before
    page = replies[0].body.decode()
    assert "Просит: Анна" in page
    assert "Скидка 30 %, предел 10 %" in page
    assert page.count("<button") == 2
    assert str(letter["Subject"]).startswith("Ждут вашего решения · Просит: Анна")
    assert {"set-cookie", "Set-Cookie"}.isdisjoint(replies[0].headers)


def test_word_of_the_judge_is_done_once_and_stands_in_the_log_as_theirs(asked: Asked) -> None:
    token = asked.token()
    replies = [asked.open(token, "POST", answer="yes") for _ in range(2)]
    engine.run(asked.desk)

    assert [it.status for it in replies] == [200, 200]
    assert "Разрешено. Решение: Виктор" in replies[0].body.decode()
    assert asked.amount == 700_000
    assert "Разрешено и сделано" in asked.page(token)
    log = (Change.model_validate(it.doc) for it in asked.desk.store.read_log(LOG, None, 1000))
    said = [it.actor.id for it in log if it.cause == f"letter:{asked.approval.id}"]
    assert said == [VIKTOR.id]


def test_refusal_wants_a_reason_and_the_asker_reads_it(asked: Asked) -> None:
    token = asked.token()
    without = asked.open(token, "POST", answer="no", reason="  ")
    refused = asked.page(token, answer="no", reason="Дорого <b>")

    assert (without.status, "Укажите причину" in without.body.decode()) == (422, True)
    assert "Отказано. Решение: Виктор" in refused
    assert (asked.approval.state, asked.approval.reason) == ("declined", "Дорого <b>")
    assert asked.amount == 1_000_000


def test_who_comes_too_late_hears_whose_word_it_was(asked: Asked) -> None:
    mine, other = asked.token(), asked.token("st_olga")
    asked.page(other, answer="yes")
    late = asked.open(mine, "POST", answer="no", reason="Нет")

    assert late.status == 422
    assert "Решение: Ольга" in late.body.decode()
    assert "<form" not in asked.page(mine)
    assert asked.approval.state == "approved"


def test_address_of_nobody_who_was_asked_shows_nothing_and_answers_nothing(
    asked: Asked, clock: FixedClock
) -> None:
    good = asked.token()
    changed = "0" if good[-1] != "0" else "1"
    spoilt = [
        good[:-1] + changed,
        good.replace("st_viktor", "st_olga"),
        "x" * 5000,
        "",
        asked.token("st_boris"),
        asked.token("st_nobody"),
        asked.token().replace("ap_", "ap_0"),
    ]
    for token in spoilt:
        for reply in (asked.open(token), asked.open(token, "POST", answer="yes")):
            assert reply.status == 404, token
            assert "не для вас или её срок вышел" in reply.body.decode()
            assert "Анна" not in reply.body.decode()
    asked.person("viktor", active=False)
    assert asked.open(good, "POST", answer="yes").status == 404
    asked.person("viktor", active=True)
    clock.advance(approval_links.LASTS + timedelta(seconds=1))
    assert asked.open(good, "POST", answer="yes").status == 404
    assert asked.approval.state == "waiting"


def test_who_asked_does_not_allow_themselves(asked: Asked) -> None:
    reply = asked.open(asked.token(ANNA.id), "POST", answer="yes")

    assert (reply.status, asked.approval.state) == (403, "waiting")
    assert "Это решение ждут не от вас" in reply.body.decode()


def test_body_of_somebody_s_own_making_answers_nothing(asked: Asked) -> None:
    token = asked.token()
    here: Any = SimpleNamespace(desk=asked.desk, store=asked.desk.store)
    for body in (b"", b"\xff\xfe", b"answer=maybe", b"a=1&" * 5000, b"{}", b"answer=YES"):
        reply = approval_page(Call("POST", ("a", token), body=body), here, token)
        assert reply.status == 422, body
    long = asked.open(token, "POST", answer="no", reason="ы" * 46_000)

    assert (long.status, asked.approval.state) == (422, "waiting")


def test_words_of_others_are_words_and_the_page_runs_nothing(ask: Callable[..., Asked]) -> None:
    asked = ask("<script>alert(1)</script>\"'>")
    reply = asked.open(asked.token())
    again = asked.page(asked.token(), answer="no", reason="</textarea><script>" + "ы" * 46_000)

    assert "&lt;script&gt;" in reply.body.decode()
    for page in (reply.body.decode(), again):
        assert not re.search(r"(?i)<(script|img|iframe)\b|\son\w+=|src=", page)
        assert page.count("</textarea>") == 1
    policy_said = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy_said
    assert "form-action 'self'" in policy_said
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_bot_has_buttons_and_no_address_and_a_space_says_where_to_answer(asked: Asked) -> None:
    link_telegram(asked.desk, VIKTOR.id, "77")
    choose(asked.desk, VIKTOR, ways=["telegram", "chat"], space=SPACE)
    ways = Ways()
    deliver_all(asked.desk, ways)

    [(_, post)] = ways.posts
    [(_, said)] = ways.said
    assert [button.label for button in post.buttons[0]] == ["Разрешить", "Отказать"]
    assert "/api/a/" not in post.text + said
    assert "по ссылке из письма" in said


def test_judge_who_is_told_in_english_reads_english(asked: Asked) -> None:
    choose(asked.desk, VIKTOR, language="en")
    reply = asked.open(asked.token())

    assert reply.headers["content-language"] == "en"
    assert "Allow" in reply.body.decode()


def test_address_stands_neither_in_the_log_nor_in_a_record(asked: Asked) -> None:
    token = asked.token()
    asked.page(token, answer="yes")
    entries = str([it.doc for it in asked.desk.store.read_log(LOG, None, 1000)])
    key = asked.desk.store.get("approval_keys", "approvals")
    assert key is not None

    assert token.rpartition(".")[2] not in entries
    assert str(key["secret"]) not in entries
