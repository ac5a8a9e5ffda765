"""Letters of a Gmail box become requests: first look, news, lost history, pushes, the watch."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeTasks
from tests.furnished import furnish
from tests.onebox.google.conftest import OFFICE
from tests.onebox.google.google_desk import OfficeClock
from tests.onebox.google.test_google_gmail import letter

from ingest import mailboxes
from ingest.pipeline import receive
from ingest.replay import replay
from kartoteka.adapters.drive import DriveFiles
from kartoteka.adapters.gmail import GmailBox
from kartoteka.adapters.sqlite import SqliteStore
from kartoteka.domain.errors import Malformed, NotAuthentic, NotFound, Transient
from kartoteka.domain.inbound import Inbound
from kartoteka.domain.model import Client
from kartoteka.domain.office import Account
from kartoteka.http import Call
from kartoteka.mail_ports import Mail
from kartoteka.ports import Query
from kartoteka.services.mailboxes import read_mailbox
from kartoteka.settings import Settings
from kartoteka.wiring import App
from onebox.google.app import Google

TOPIC = "projects/p/topics/mail"
ACCOUNT = Account(id="gmail_token", channel="gmail", title="Почта", source="Почта", secrets=("s",))


class Clock:
    """The office clock of the stand-in as a port."""

    def __init__(self, clock: OfficeClock) -> None:
        self._clock = clock

    def now(self) -> Any:
        return self._clock.now


class Caller:
    """Believes one bearer token."""

    def email(self, bearer: str) -> str:
        if bearer != "right":
            raise NotAuthentic("wrong")
        return "tasks@onebox.local"


@pytest.fixture
def app(tmp_path: Path, office_clock: OfficeClock, client: Callable[..., Any]) -> Iterator[App]:
    furnish(tmp_path / "kartoteka.db")
    store = SqliteStore(tmp_path / "kartoteka.db")
    settings = Settings(
        data=tmp_path, google_endpoint="http://stand-in/google", gmail_topic=TOPIC, settings_ttl_s=0
    )
    made = App(settings, Clock(office_clock), lambda _: store)
    box = GmailBox(settings)
    box._local.service = client("gmail")
    vars(made).update({"tasks": FakeTasks(), "mail": lambda _: box, "verifier": Caller()})
    store.run(lambda tx: tx.put("accounts", ACCOUNT.id, ACCOUNT.model_dump(mode="json")))
    yield made
    store.close()


@pytest.fixture
def files(app: App, client: Callable[..., Any]) -> DriveFiles:
    port = DriveFiles(app.settings)
    port._local.service = client("drive")
    vars(app)["files"] = port
    return port


class Unreadable(dict[str, Any]):
    """Google's record of a letter, in which something stands that nobody foresaw."""

    def get(self, name: str, default: Any = None) -> Any:
        if name == "threadId":
            raise RuntimeError("nobody foresaw it")
        return super().get(name, default)


class Stumbling:
    """A box whose first letter is one at which we fail."""

    def __init__(self, box: Mail) -> None:
        self._box = box
        self._first = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._box, name)

    def letter(self, letter_id: str) -> dict[str, Any] | None:
        found = self._box.letter(letter_id)
        first, self._first = self._first, False
        return Unreadable(found or {}) if first else dict(found or {})


def with_part(message_id: str, media_type: str, content: str) -> bytes:
    """Return a letter with a part of this media type, its bytes as they are."""
    head = letter(
        "Файл", message_id, MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b"
    )
    part = f"Content-Type: {media_type}\r\nContent-Disposition: attachment; filename=f\r\n\r\n"
    return head + f"--b\r\n\r\nСлова\r\n--b\r\n{part}{content}\r\n--b--\r\n".encode()


def inbounds(app: App) -> list[Inbound]:
    found = [Inbound.model_validate(row.doc) for row in app.store.query(Query("inbounds"))]
    return sorted(found, key=lambda item: item.mail.message_id if item.mail else "")


def clients(app: App) -> list[Client]:
    return [Client.model_validate(row.doc) for row in app.store.query(Query("clients"))]


def test_first_look_takes_the_letters_of_three_days(
    app: App, google: Google, office_clock: OfficeClock
) -> None:
    google.gmail.deliver(OFFICE, letter("old", "0@c.example"))
    office_clock.advance(days=4)
    google.gmail.deliver(OFFICE, letter("Вопрос", "1@client.example"))

    assert mailboxes.look(app, ACCOUNT) == 1
    [kept] = inbounds(app)
    assert (kept.state, kept.fields["subject"]) == ("done", "Вопрос")
    assert [client.emails for client in clients(app)] == [("maria@client.example",)]


def test_next_look_takes_only_what_is_new(app: App, google: Google) -> None:
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    mailboxes.look(app, ACCOUNT)
    google.gmail.deliver(OFFICE, letter("b", "2@c.example"))

    assert mailboxes.look(app, ACCOUNT) == 1
    assert mailboxes.look(app, ACCOUNT) == 0
    assert len(inbounds(app)) == 2


def test_lost_history_loses_no_letter_and_doubles_none(
    app: App, google: Google, office_clock: OfficeClock
) -> None:
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    mailboxes.look(app, ACCOUNT)
    office_clock.advance(minutes=5)
    google.gmail.deliver(OFFICE, letter("b", "2@c.example"))
    google.gmail.box(OFFICE).forget_history()

    assert mailboxes.look(app, ACCOUNT) == 1
    assert [item.mail.message_id for item in inbounds(app) if item.mail] == [
        "1@c.example",
        "2@c.example",
    ]


def test_look_that_breaks_off_goes_on_where_it_was(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    for number in range(3):
        google.gmail.deliver(OFFICE, letter("a", f"{number}@c.example"))
    google.faults.push("gmail.users.messages.get", "500")

    with pytest.raises(Transient):
        mailboxes.look(app, ACCOUNT)
    waiting = len(read_mailbox(app.store, ACCOUNT.id).waiting)
    google.faults.clear()

    assert mailboxes.look(app, ACCOUNT) == waiting > 0
    assert len(inbounds(app)) == 3


def test_letter_that_google_does_not_give_holds_up_none_behind_it(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    for number in range(3):
        google.gmail.deliver(OFFICE, letter("a", f"{number}@c.example"))
    google.faults.push("gmail.users.messages.get", "500")

    with pytest.raises(Transient):
        mailboxes.look(app, ACCOUNT)

    assert [item.mail.message_id for item in inbounds(app) if item.mail] == [
        "1@c.example",
        "2@c.example",
    ]
    assert mailboxes.look(app, ACCOUNT) == 1


def test_box_that_gives_nothing_is_left_alone_after_three_letters(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    for number in range(5):
        google.gmail.deliver(OFFICE, letter("a", f"{number}@c.example"))
    google.faults.push("gmail.users.messages.get", "503", times=9)
    before = google.calls.total("gmail.users.messages.get")

    with pytest.raises(Transient):
        mailboxes.look(app, ACCOUNT)

    assert google.calls.total("gmail.users.messages.get") == before + 3
    google.faults.clear()
    assert mailboxes.look(app, ACCOUNT) == 5


def test_letter_that_we_fail_to_read_is_kept_and_those_behind_it_come(
    app: App, google: Google
) -> None:
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    google.gmail.deliver(OFFICE, letter("b", "2@c.example"))
    box = Stumbling(app.mail(""))
    vars(app)["mail"] = lambda _: box

    assert mailboxes.look(app, ACCOUNT) == 2

    told = sorted((item.state, item.why) for item in inbounds(app))
    assert told == [("done", ""), ("unknown", "read_failed")]
    assert [one.outcome for one in replay(app.desk)] == ["understood"]


def test_letter_in_a_letter_is_laid_into_drive_and_those_behind_it_come(
    app: App, google: Google, files: DriveFiles
) -> None:
    enclosed = "Subject: Счёт\r\n\r\nПисьмо бухгалтера\r\n"
    google.gmail.deliver(OFFICE, with_part("1@c.example", "message/rfc822", enclosed))
    google.gmail.deliver(OFFICE, with_part("2@c.example", "application/x/y", "данные"))
    google.gmail.deliver(OFFICE, letter("b", "3@c.example"))

    assert mailboxes.look(app, ACCOUNT) == 3

    first, second, third = inbounds(app)
    assert enclosed.strip().encode() in files.read(first.attachments[0].ref)
    assert files.read(second.attachments[0].ref).strip() == "данные".encode()
    assert third.attachments == ()


def test_watch_that_is_refused_holds_up_no_letter(app: App, google: Google) -> None:
    google.faults.push("gmail.users.watch", "503")
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))

    assert mailboxes.look(app, ACCOUNT) == 1
    assert google.gmail.box(OFFICE).topic == ""

    mailboxes.look(app, ACCOUNT)
    assert google.gmail.box(OFFICE).topic == TOPIC


def test_sent_letters_drafts_and_spam_are_not_taken(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    for number, label in enumerate(("SENT", "DRAFT", "SPAM", "TRASH")):
        google.gmail.box(OFFICE).add(letter("x", f"{number}@c.example"), (label,))

    assert mailboxes.look(app, ACCOUNT) == 0
    assert inbounds(app) == []


def test_letter_deleted_before_it_was_read_is_passed_over(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    google.faults.order({"match": "gmail.users.messages.get", "action": "500"})
    with pytest.raises(Transient):
        mailboxes.look(app, ACCOUNT)
    google.vault.delete(f"gmail:{OFFICE}", f"{google.gmail.box(OFFICE).history:016d}")
    google.faults.clear()

    assert mailboxes.look(app, ACCOUNT) == 0
    assert read_mailbox(app.store, ACCOUNT.id).waiting == ()


def test_watch_is_renewed_once_a_day(app: App, google: Google, office_clock: OfficeClock) -> None:
    for hours in (0, 1, 24):
        office_clock.advance(hours=hours)
        mailboxes.look(app, ACCOUNT)

    assert google.gmail.box(OFFICE).topic == TOPIC
    assert google.calls.total("gmail.users.watch") == 2


def push(body: object, bearer: str = "right", path: tuple[str, ...] = ()) -> Call:
    headers = {"authorization": f"Bearer {bearer}"}
    where = path or ("gmail", ACCOUNT.id, "push")
    return Call("POST", where, body=json.dumps(body).encode(), headers=headers)


def news() -> dict[str, Any]:
    data = base64.b64encode(b'{"emailAddress":"office@example.ru","historyId":1}').decode()
    return {"message": {"data": data, "messageId": "1"}, "subscription": "s"}


def test_push_of_google_brings_the_letter(app: App, google: Google) -> None:
    mailboxes.look(app, ACCOUNT)
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))

    reply = receive(push(news()), app)

    assert (reply.status, json.loads(reply.body)) == (200, {"letters": 1})


def test_push_of_a_stranger_is_refused(app: App) -> None:
    with pytest.raises(NotAuthentic):
        receive(push(news(), bearer="wrong"), app)
    with pytest.raises(NotAuthentic):
        receive(push({}, bearer="wrong", path=("mailboxes",)), app)


def test_push_to_a_box_that_is_not_there_is_not_found(app: App) -> None:
    with pytest.raises(NotFound):
        receive(push(news(), path=("gmail", "nobody", "push")), app)


def test_push_that_is_none_is_malformed(app: App) -> None:
    with pytest.raises(Malformed):
        receive(push({"hello": 1}), app)


def test_minute_looks_at_every_box(app: App, google: Google) -> None:
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))

    reply = receive(push({}, path=("mailboxes",)), app)

    assert json.loads(reply.body) == {"letters": 1, "boxes": 1}


def test_box_that_is_down_does_not_hold_up_the_minute(app: App, google: Google) -> None:
    google.faults.order({"match": "gmail.users.getProfile", "action": "503"})

    with pytest.raises(Transient):
        receive(push({}, path=("mailboxes",)), app)


def test_answer_to_our_letter_finds_its_client_by_its_thread(app: App, google: Google) -> None:
    google.gmail.deliver(OFFICE, letter("Вопрос", "1@client.example"))
    mailboxes.look(app, ACCOUNT)
    answer = letter("Re: Вопрос", "9@home.example", In_Reply_To="<1@client.example>")
    google.gmail.deliver(OFFICE, answer.replace(b"maria@client.example", b"maria@home.example"))

    mailboxes.look(app, ACCOUNT)

    [client] = clients(app)
    assert client.emails == ("maria@client.example", "maria@home.example")
