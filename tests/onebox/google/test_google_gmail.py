"""The Gmail of the stand-in through Google's client, and our adapter in front of it."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from tests.onebox.google.conftest import OFFICE
from tests.onebox.google.google_desk import OfficeClock

from kartoteka.adapters.gmail import GmailBox
from kartoteka.domain.errors import ConfigError, Conflict
from kartoteka.mail_ports import MailboxForgot
from kartoteka.settings import Settings
from onebox.google.app import Google


def letter(subject: str, message_id: str, **more: str) -> bytes:
    headers = {
        "From": "Maria <maria@client.example>",
        "To": OFFICE,
        "Subject": subject,
        "Message-ID": f"<{message_id}>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "", "Добрый день"]) + "\r\n").encode()


@pytest.fixture
def box(client: Callable[..., Any]) -> GmailBox:
    port = GmailBox(Settings(google_endpoint="http://stand-in/google"))
    port._local.service = client("gmail")
    return port


@pytest.fixture
def users(client: Callable[..., Any]) -> Any:
    return client("gmail").users()


def test_letter_delivered_is_read_back_byte_for_byte(google: Google, box: GmailBox) -> None:
    before = box.position()
    raw = letter("Вопрос", "1@client.example")
    google.gmail.deliver(OFFICE, raw)

    news = box.news(before)
    found = box.letter(news.ids[0])

    assert found is not None
    assert base64.urlsafe_b64decode(str(found["raw"])) == raw
    assert found["labelIds"] == ["INBOX", "UNREAD"]
    assert box.news(news.position).ids == ()


def test_history_of_over_a_week_ago_is_forgotten(
    google: Google, box: GmailBox, office_clock: OfficeClock
) -> None:
    before = box.position()
    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    office_clock.advance(days=8)

    with pytest.raises(MailboxForgot):
        box.news(before)


def test_forgotten_history_begins_again_at_the_present_position(
    google: Google, box: GmailBox
) -> None:
    before = box.position()
    google.gmail.box(OFFICE).forget_history()
    with pytest.raises(MailboxForgot):
        box.news(before)

    google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    now = box.position()

    assert box.news(now).ids == ()


def test_letters_since_a_moment_are_the_oldest_first_without_our_own(
    google: Google, box: GmailBox, office_clock: OfficeClock
) -> None:
    google.gmail.deliver(OFFICE, letter("old", "0@c.example"))
    office_clock.advance(days=4)
    first = google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    second = google.gmail.deliver(OFFICE, letter("b", "2@c.example"))
    box.send(letter("ours", "3@office.example"))

    recent = box.since(office_clock.now - timedelta(days=3))

    assert recent[:2] == (first.id, second.id)


def test_pages_of_history_and_of_the_box_are_all_read(google: Google, users: Any) -> None:
    start = users.getProfile(userId="me").execute()["historyId"]
    for number in range(5):
        google.gmail.deliver(OFFICE, letter("a", f"{number}@c.example"))

    page = users.history().list(userId="me", startHistoryId=start, maxResults=2).execute()
    rest = (
        users.history()
        .list(userId="me", startHistoryId=start, maxResults=2, pageToken=page["nextPageToken"])
        .execute()
    )
    listed = users.messages().list(userId="me", maxResults=3).execute()

    assert [len(page["history"]), len(rest["history"])] == [2, 2]
    assert len(listed["messages"]) == 3
    assert listed["nextPageToken"]


def test_answer_sent_into_its_thread_stays_there_and_is_found_again(
    google: Google, box: GmailBox
) -> None:
    came = google.gmail.deliver(OFFICE, letter("Вопрос", "1@client.example"))
    answer = letter("Re: Вопрос", "2@office.example", References="<1@client.example>")

    sent = box.send(answer, came.thread)

    assert sent.thread == came.thread
    assert box.sent("2@office.example") == sent
    assert box.sent("nobody@office.example") is None


def test_letter_to_another_box_of_the_stand_in_arrives(google: Google, box: GmailBox) -> None:
    google.gmail.box("anna@example.ru")
    box.send(letter("x", "5@office.example", Cc="anna@example.ru"))

    [got] = google.gmail.box("anna@example.ru").letters()

    assert "INBOX" in got.labels


def test_letter_that_is_gone_is_none(box: GmailBox) -> None:
    assert box.letter("18c0000000000000") is None


def test_watch_lasts_a_week_and_a_second_topic_is_refused(
    box: GmailBox, users: Any, office_clock: OfficeClock
) -> None:
    until = box.watch("projects/p/topics/mail")

    assert until == office_clock.now + timedelta(days=7)
    assert box.watch("projects/p/topics/mail") == until
    with pytest.raises(Conflict):
        box.watch("projects/p/topics/other")
    users.stop(userId="me").execute()
    assert box.watch("projects/p/topics/other") == until


@pytest.mark.parametrize("raw", ["", "%%%"])
def test_letter_without_content_is_refused(users: Any, raw: str) -> None:
    with pytest.raises(HttpError) as refused:
        users.messages().send(userId="me", body={"raw": raw}).execute()

    assert refused.value.resp.status == 400


def test_letter_to_nobody_is_an_error_for_the_operator(box: GmailBox) -> None:
    with pytest.raises(ConfigError):
        box.send(b"Subject: x\r\n\r\ntext")


def test_box_of_somebody_else_is_closed(users: Any) -> None:
    with pytest.raises(HttpError) as refused:
        users.getProfile(userId="boss@example.ru").execute()

    assert refused.value.resp.status == 403


def test_moment_of_a_letter_is_the_office_clock(google: Google, box: GmailBox) -> None:
    came = google.gmail.deliver(OFFICE, letter("a", "1@c.example"))
    found = box.letter(came.id)

    assert found is not None
    at = datetime.fromtimestamp(int(str(found["internalDate"])) / 1000, UTC)
    assert at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_threads_and_other_shapes_of_a_letter(google: Google, users: Any) -> None:
    came = google.gmail.deliver(OFFICE, letter("Вопрос", "1@client.example"))

    thread = users.threads().get(userId="me", id=came.thread).execute()
    headers = users.messages().get(userId="me", id=came.id, format="metadata").execute()
    short = users.messages().get(userId="me", id=came.id, format="minimal").execute()

    assert [item["id"] for item in thread["messages"]] == [came.id]
    assert {"name": "Message-ID", "value": "<1@client.example>"} in headers["payload"]["headers"]
    assert "payload" not in short
    assert "raw" not in short
