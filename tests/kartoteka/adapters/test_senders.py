"""What is asked of services of mail and SMS, and what their answers mean."""

import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from kartoteka.adapters.senders.all import AllSenders, Echo
from kartoteka.adapters.senders.gmail import OfficeBox
from kartoteka.domain.errors import (
    ConfigError,
    KartotekaError,
    NotAllowed,
    ProviderDown,
    RateLimited,
)
from kartoteka.domain.office import Account
from kartoteka.mail_ports import SentMail
from kartoteka.outgoing_ports import DEAD, MAYBE_SENT, Posting

KEYS = {
    "smsc": {"login": "l", "password": "p", "sender": "OFFICE"},
    "smsru": {"api_id": "k"},
    "smsaero": {"email": "a@b.example", "api_key": "k"},
    "twilio_sms": {"account_sid": "AC1", "token": "t", "sender": "+15005550006"},
    "unisender": {"api_key": "k", "from": "office@office.example"},
}
SMS = Posting(tag="rc_1", to="+79165550177", text="Привет", reports="https://crm.example")
LETTER = Posting(
    tag="rc_1",
    to="anna@mail.example",
    subject="Весна",
    text="Привет",
    name="Фирма",
    message_id="t.rc_1@office.example",
    reply_token="abcdefgh12345678",
    unsubscribe="https://crm.example/ingest/u/rc_1",
)


class Box:
    """The office's mailbox: keeps letters; `fails` is raised instead."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.letters: list[bytes] = []
        self.fails = fails

    def send(self, source: bytes, thread: str = "") -> SentMail:
        if self.fails:
            raise self.fails
        self.letters.append(source)
        return SentMail("m1", "t1")

    def sent(self, message_id: str) -> SentMail | None:
        return SentMail("m1", "t1") if self.letters and message_id == LETTER.message_id else None


def account(channel: str, **api: str) -> Account:
    keys = KEYS.get(channel, {}) | api
    return Account(id="acc", channel=channel, title="t", source="s", secrets=("sec",), api=keys)


def senders(answer: Any = None, status: int = 200, seen: list[httpx.Request] | None = None):
    def respond(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(status, json=answer)

    client = httpx.Client(transport=httpx.MockTransport(respond))
    return AllSenders(client, OfficeBox(lambda _: Box(), "office@office.example"))


@pytest.mark.parametrize(
    ("channel", "answer", "status", "name"),
    [
        ("smsc", {"id": 7, "cnt": 1}, 200, "7:79165550177"),
        (
            "smsru",
            {"status_code": 100, "sms": {"79165550177": {"status_code": 100, "sms_id": "0-7"}}},
            200,
            "0-7",
        ),
        ("smsaero", {"success": True, "data": {"id": 7}}, 200, "7"),
        ("smsaero", {"success": True, "data": [{"id": 7}]}, 200, "7"),
        ("twilio_sms", {"sid": "SM7"}, 201, "SM7"),
        ("unisender", {"status": "success", "job_id": "j7", "emails": []}, 200, "j7:"),
    ],
)
def test_sent_message_is_called_as_its_reports_call_it(
    channel: str, answer: object, status: int, name: str
) -> None:
    posting = LETTER if channel == "unisender" else SMS
    found = senders(answer, status).send(account(channel), posting)

    assert found == (f"j7:{posting.to}" if channel == "unisender" else name)


@pytest.mark.parametrize(
    ("channel", "answer", "status", "kind", "code"),
    [
        ("smsc", {"error": "x", "error_code": 2}, 200, ConfigError, "posting_no_key"),
        ("smsc", {"error": "x", "error_code": 3}, 200, ConfigError, "posting_no_key"),
        ("smsc", {"error": "x", "error_code": 9}, 200, RateLimited, ""),
        ("smsc", {"error": "x", "error_code": 7}, 200, NotAllowed, DEAD),
        ("smsc", {"error": "x", "error_code": 8}, 200, NotAllowed, "posting_refused"),
        ("smsc", {"strange": 1}, 200, ProviderDown, MAYBE_SENT),
        ("smsru", {"status_code": 200}, 200, ConfigError, "posting_no_key"),
        ("smsru", {"status_code": 220}, 200, RateLimited, ""),
        ("smsru", {"sms": {"79165550177": {"status_code": 202}}}, 200, NotAllowed, DEAD),
        ("smsru", {"sms": {"79165550177": {"status_code": 209}}}, 200, NotAllowed, "unsubscribed"),
        ("smsaero", {"success": False}, 401, ConfigError, "posting_no_key"),
        ("smsaero", {"success": False}, 400, NotAllowed, "posting_refused"),
        ("twilio_sms", {"code": 20003}, 401, ConfigError, "posting_no_key"),
        ("twilio_sms", {"code": 21211}, 400, NotAllowed, DEAD),
        ("twilio_sms", {"code": 21610}, 400, NotAllowed, "unsubscribed"),
        ("twilio_sms", {"code": 14107}, 400, RateLimited, ""),
        ("unisender", {"status": "error"}, 401, ConfigError, "posting_no_key"),
        ("unisender", {"failed_emails": {"a": "invalid"}}, 400, NotAllowed, DEAD),
        ("unisender", {"failed_emails": {"a": "unsubscribed"}}, 400, NotAllowed, "unsubscribed"),
        ("unisender", {"failed_emails": {"a": "temporary_unavailable"}}, 200, RateLimited, ""),
        ("smsc", {}, 429, RateLimited, ""),
        ("smsru", {}, 503, ProviderDown, ""),
        ("smsru", httpx.ReadTimeout("late"), 200, ProviderDown, MAYBE_SENT),
        ("smsru", httpx.ConnectError("no"), 200, ProviderDown, ""),
    ],
)
def test_refusal_says_who_must_act(
    channel: str, answer: object, status: int, *, kind: type[KartotekaError], code: str
) -> None:
    posting = LETTER if channel == "unisender" else SMS
    with pytest.raises(kind) as refused:
        senders(answer, status).send(account(channel), posting)

    assert refused.value.code == code
    assert posting.to not in str(refused.value)


def test_text_goes_as_utf8_with_its_sender_and_the_address_of_reports() -> None:
    seen: list[httpx.Request] = []
    senders({"id": 7}, seen=seen).send(account("smsc"), SMS)
    senders({"success": True, "data": {"id": 7}}, seen=seen).send(account("smsaero"), SMS)
    senders({"sid": "SM7"}, 201, seen=seen).send(account("twilio_sms"), SMS)
    first, third = (dict(parse_qsl(seen[at].content.decode())) for at in (0, 2))

    assert (first["mes"], first["charset"], first["sender"]) == ("Привет", "utf-8", "OFFICE")
    assert json.loads(seen[1].content)["callbackUrl"] == (
        "https://crm.example/ingest/smsaero/acc/sec"
    )
    assert third["StatusCallback"] == "https://crm.example/ingest/twilio_sms/acc"
    assert all(request.url.scheme == "https" for request in seen)


def test_account_without_keys_is_refused_or_written_down_on_a_box(tmp_path: Path) -> None:
    bare = Account(id="a", channel="smsc", title="t", source="s")
    with pytest.raises(ConfigError):
        senders({}).send(bare, SMS)
    path = tmp_path / "postings.jsonl"
    box = OfficeBox(lambda _: Box(), "o@o.example")
    echoing = AllSenders(httpx.Client(), box, Echo(path))
    names = {echoing.send(bare, SMS) for _ in range(2)}

    assert len(names) == 1
    assert json.loads(path.read_text("utf-8").splitlines()[0])["to"] == SMS.to


def test_gmail_sends_a_letter_that_can_be_looked_up_and_answered() -> None:
    box = Box()
    office = AllSenders(httpx.Client(), OfficeBox(lambda _: box, "office@office.example"))
    gmail = Account(id="", channel="gmail", title="", source="")
    before = office.found(gmail, LETTER)
    name = office.send(gmail, LETTER)
    text = box.letters[0].decode()

    assert (before, name, office.found(gmail, LETTER)) == (None, "m1", "m1")
    assert office.knows_repeats("gmail")
    assert "Reply-To: office+abcdefgh12345678@office.example" in text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in text


def test_closed_mailbox_stops_everything_not_one_letter() -> None:
    box = OfficeBox(lambda _: Box(NotAllowed("no scope")), "o@o.example")
    with pytest.raises(ConfigError):
        box.send(Account(id="", channel="gmail", title="", source=""), LETTER)


class Server(socketserver.ThreadingTCPServer):
    """A mail server that answers as told; `None` hangs up."""

    daemon_threads = True
    allow_reuse_address = True
    answers: dict[str, str | None]
    letters: list[str]


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.server: Server
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.partition(" ")[0].upper()
            answer = self.server.answers.get(word, "354 go on" if word == "DATA" else "250 ok")
            if answer is None:
                return
            self.say(answer)
            if answer.startswith("354") and not self.take():
                return
            if word == "QUIT":
                return

    def take(self) -> bool:
        lines = []
        while (line := self.rfile.readline().decode()) not in {".\r\n", ""}:
            lines.append(line)
        self.server.letters.append("".join(lines))
        answer = self.server.answers.get(".", "250 taken")
        if answer is None:
            return False
        self.say(answer)
        return True

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Talk) as opened:
        opened.answers, opened.letters = {}, []
        thread = threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield opened
        opened.shutdown()
        thread.join()


def post(server: Server) -> str:
    where = {"host": "127.0.0.1", "port": str(server.server_address[1])}
    smtp = account("smtp", **{"from": "office@office.example"}, **where)
    return senders().send(smtp, LETTER)


def test_mail_server_takes_a_letter(server: Server) -> None:
    assert post(server) == LETTER.message_id
    assert "To: anna@mail.example" in server.letters[0]
    assert "Reply-To" not in server.letters[0]


@pytest.mark.parametrize(
    ("word", "answer", "kind", "code"),
    [
        ("RCPT", "550 5.1.1 no such user", NotAllowed, DEAD),
        ("RCPT", "550 5.7.1 spam", NotAllowed, "posting_refused"),
        ("RCPT", "452 4.2.2 full", RateLimited, ""),
        ("MAIL", "421 too many", RateLimited, ""),
        ("DATA", "554 no", NotAllowed, "posting_refused"),
        (".", "554 5.7.1 no", NotAllowed, "posting_refused"),
        (".", None, ProviderDown, MAYBE_SENT),
        ("RCPT", None, ProviderDown, ""),
    ],
)
def test_answer_of_a_mail_server_says_who_must_act(
    server: Server, word: str, answer: str | None, *, kind: type[KartotekaError], code: str
) -> None:
    server.answers[word] = answer
    with pytest.raises(kind) as refused:
        post(server)

    assert refused.value.code == code


def test_mail_server_that_is_away_is_asked_later() -> None:
    smtp = account("smtp", host="127.0.0.1", port="1", **{"from": "o@o.example"})
    with pytest.raises(ProviderDown) as away:
        senders().send(smtp, LETTER)

    assert away.value.code == ""
