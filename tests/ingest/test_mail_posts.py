"""Posts of mail providers through the web server: shapes, files, sizes, topics."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from tests.fakes import TrustingTopics
from tests.ingest.channels.samples import context, understood, unsigned
from tests.ingest.channels.test_contract import (
    account,
    addressed,
    deliver,
    named,
    signed,
    stored,
)

from ingest.channels import CHANNELS, mailgun
from ingest.mail.posted import read_post
from ingest.room import MAIL_LIMIT, USUAL_LIMIT, room
from kartoteka.domain.errors import ConfigError, Malformed, NotAuthentic, ProviderDown
from kartoteka.domain.inbound import Kind
from kartoteka.http import Call
from kartoteka.ports import KeptFile
from kartoteka.wiring import App

FORM = "application/x-www-form-urlencoded"


class Shelf:
    """Files kept in memory; fails as it is told."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.failing: Exception | None = None

    def keep(self, key: str, name: str, media_type: str, content: bytes) -> KeptFile:
        if self.failing is not None:
            raise self.failing
        self.kept[key] = content
        return KeptFile(key, name, media_type, len(content), "")

    def find(self, key: str) -> KeptFile | None:
        return None

    def read(self, key: str) -> bytes:
        return self.kept[key]

    def discard(self, key: str) -> None:
        self.kept.pop(key, None)


@pytest.fixture
def shelf(app: App) -> Shelf:
    made = Shelf()
    vars(app)["files"] = made
    return made


@pytest.mark.parametrize("channel", ["gmail", "mailgun", "postmark", "sendgrid", "ses"])
def test_files_of_a_letter_are_kept_under_the_ref_of_the_attachment(
    http: FlaskClient, app: App, shelf: Shelf, channel: str
) -> None:
    call = signed(app, channel, unsigned(channel, named(channel, "files")))

    assert deliver(http, call).status_code == 200

    [event] = stored(app)
    [attachment] = event.attachments
    assert shelf.kept == {attachment.ref: b"%PDF-1.4\n% a contract of one line\n%%EOF\n"}


def test_file_of_postmarks_trial_letter_is_kept_whole(
    http: FlaskClient, app: App, shelf: Shelf
) -> None:
    sample = unsigned("postmark", named("postmark", "files"))
    body = json.loads(sample.body)
    for file in body["Attachments"]:
        file["Data"] = file.pop("Content")
    call = signed(app, "postmark", replace(sample, body=json.dumps(body).encode()))

    assert deliver(http, call).status_code == 200

    assert list(shelf.kept.values()) == [b"%PDF-1.4\n% a contract of one line\n%%EOF\n"]


def test_files_that_cannot_be_kept_now_are_kept_when_the_provider_repeats(
    http: FlaskClient, app: App, shelf: Shelf
) -> None:
    call = signed(app, "postmark", unsigned("postmark", named("postmark", "files")))
    shelf.failing = ProviderDown("Drive is away")

    first = deliver(http, call).status_code
    found = stored(app)
    shelf.failing = None
    second = deliver(http, call).status_code

    assert (first, second) == (503, 200)
    assert [event.state for event in found] == ["done"]
    assert len(shelf.kept) == 1


def test_office_without_files_loses_no_letter(http: FlaskClient, app: App, shelf: Shelf) -> None:
    shelf.failing = ConfigError("not connected")
    call = signed(app, "postmark", unsigned("postmark", named("postmark", "files")))

    assert deliver(http, call).status_code == 200
    assert [event.state for event in stored(app)] == ["done"]


def test_files_of_a_letter_that_is_ignored_are_not_kept(
    http: FlaskClient, app: App, shelf: Shelf
) -> None:
    sample = unsigned("postmark", named("postmark", "files"))
    body = json.loads(sample.body)
    body["Headers"].append({"Name": "Precedence", "Value": "bulk"})
    call = signed(app, "postmark", replace(sample, body=json.dumps(body).encode()))

    deliver(http, call)

    assert shelf.kept == {}


def test_letter_over_the_usual_limit_is_taken(http: FlaskClient, app: App) -> None:
    sample = unsigned("postmark", named("postmark", "new"))
    body = json.loads(sample.body) | {"TextBody": "yes " * 5_000_000}
    call = signed(app, "postmark", replace(sample, body=json.dumps(body).encode()))

    assert deliver(http, call).status_code == 200
    [event] = stored(app)
    assert event.text.endswith("…")


def test_letter_over_the_limit_of_mail_is_refused_in_any_shape(http: FlaskClient, app: App) -> None:
    sample = unsigned("mailgun", named("mailgun", "mime"))
    call = addressed(app, "mailgun", replace(sample, body=sample.body + b" " * MAIL_LIMIT))

    assert deliver(http, call).status_code == 413
    assert stored(app) == []


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/ingest/mailgun/t", MAIL_LIMIT),
        ("/mailgun/t/mime", MAIL_LIMIT),
        ("/ingest/form/mailgun", USUAL_LIMIT),
        ("/ingest/telegram/t", USUAL_LIMIT),
        ("/", USUAL_LIMIT),
    ],
)
def test_room_for_a_body_depends_on_the_channel(path: str, limit: int) -> None:
    assert room(path) == limit


def mailgun_call(*pairs: tuple[str, str], key: str = "s") -> Call:
    proof = [("timestamp", "1795424406"), ("token", "c" * 50)]
    sign = mailgun._signature(proof[0][1], proof[1][1], key).decode()
    body = urlencode([*pairs, *proof, ("signature", sign)]).encode()
    return Call("POST", ("mailgun", "t"), body=body, headers={"content-type": FORM})


def test_header_of_the_letter_named_like_the_proof_does_not_spoil_it() -> None:
    call = mailgun_call(("timestamp", "of the letter"), ("signature", "Maria"), ("token", "x"))

    mailgun.verify(call, ("s",))


@pytest.mark.parametrize(
    ("listed", "line"),
    [
        (
            '[{"name": "договор.pdf", "url": "https://x"}, {"name": "../b"}]',
            "[Mailgun: договор.pdf, b]",
        ),
        ('{"name": "a"}', ""),
        ("[1, null]", ""),
        ("[" * 2000, ""),
    ],
)
def test_files_that_mailgun_kept_are_named_in_the_letter(listed: str, line: str) -> None:
    call = mailgun_call(
        ("from", "m@c.example"), ("body-plain", "Смотрите файл"), ("attachments", listed)
    )

    [event] = mailgun.parse(call, context("mailgun"))

    assert event.text == "\n\n".join(filter(None, ("Смотрите файл", line)))


def test_proof_of_mailgun_for_another_time_is_refused() -> None:
    call = mailgun_call(("from", "x"))
    moved = replace(call, body=call.body.replace(b"1795424406", b"1795424407"))

    with pytest.raises(NotAuthentic):
        mailgun.verify(moved, ("s",))


def test_post_in_an_old_charset_is_read_as_the_provider_says() -> None:
    body = urlencode({"text": "Привет"}, encoding="cp1251").encode()
    post = read_post(Call("POST", (), body=body, headers={"content-type": FORM}))

    assert post.field("text", "windows-1251") == "Привет"
    assert not post.has("subject")
    assert post.field("subject") == ""


def test_post_of_a_thousand_fields_and_one_is_malformed() -> None:
    body = urlencode([("a", "b")] * 1001).encode()

    with pytest.raises(Malformed):
        read_post(Call("POST", (), body=body, headers={"content-type": FORM}))


@pytest.mark.parametrize("channel", ["mailgun", "sendgrid"])
def test_parts_that_cannot_be_told_apart_are_kept_as_unknown(app: App, channel: str) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    call = Call("POST", (channel, "t"), body=b"nothing", headers=headers)

    with pytest.raises(Malformed):
        read_post(call)
    with pytest.raises((Malformed, NotAuthentic)):
        CHANNELS[channel].verify(call, ("s",))


def topic_call(app: App, **more: Any) -> Call:
    arn = account(app, "ses").secrets[0]
    body = {
        "Type": "SubscriptionConfirmation",
        "TopicArn": arn,
        "SubscribeURL": "https://x",
        **more,
    }
    call = Call("POST", ("ses", "x"), body=json.dumps(body).encode(), target="/ingest/ses/x")
    return addressed(app, "ses", call)


def test_subscription_of_our_topic_is_confirmed(http: FlaskClient, app: App) -> None:
    topics = app.topics

    answer = deliver(http, topic_call(app))

    assert answer.get_json() == {"ok": True, "confirmed": True}
    assert isinstance(topics, TrustingTopics)
    assert len(topics.confirmed) == 1
    assert stored(app) == []


def test_subscription_of_another_topic_is_not_confirmed(http: FlaskClient, app: App) -> None:
    answer = deliver(http, topic_call(app, TopicArn="arn:aws:sns:eu-west-1:9:mine"))

    assert answer.status_code == 401
    assert isinstance(app.topics, TrustingTopics)
    assert app.topics.confirmed == []


def test_farewell_of_a_topic_is_heard(http: FlaskClient, app: App) -> None:
    answer = deliver(http, topic_call(app, Type="UnsubscribeConfirmation"))

    assert answer.get_json() == {"ok": True}


def test_message_that_amazon_did_not_sign_is_refused(http: FlaskClient, app: App) -> None:
    class Doubting(TrustingTopics):
        def check(self, envelope: object) -> None:
            raise NotAuthentic("no", code="bad_signature")

    vars(app)["topics"] = Doubting()
    call = signed(app, "ses", unsigned("ses", named("ses", "new")))

    assert deliver(http, call).status_code == 401
    assert stored(app) == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"eventType": "Open"}, "report_of_sent: Open"),
        ({"eventType": "Rendering Failure"}, "report_of_sent: Rendering Failure"),
        ({"notificationType": "Bounce"}, "report_of_sent: Bounce"),
        ({"eventType": "News"}, "unknown_event: News"),
    ],
)
@pytest.mark.parametrize("raw", [True, False])
def test_event_of_a_letter_that_ses_sent_waits_with_its_reason(
    told: dict[str, str], reason: str, *, raw: bool
) -> None:
    event = {**told, "mail": {"messageId": "1", "destination": ["maria@client.example"]}}
    body = event if raw else {"Type": "Notification", "Message": json.dumps(event)}
    call = Call("POST", (), json.dumps(body).encode())

    [found] = understood(CHANNELS["ses"], call)

    assert (found.what, found.why) == (Kind.UNKNOWN, reason)
